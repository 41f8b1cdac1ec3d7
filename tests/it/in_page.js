// Runs one case in the page's matcher and writes its results as the case files do.

async function runCase({ inputs, options, show }) {
  const engine = kbEngine();
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const unpacked = inputs.map(async (input) => ({ ...input, ...(await engine.unpack(bytes(input.bytes))) }));
  const logs = await Promise.all(unpacked);
  const found = engine.triage(prepared, logs, options);
  const lines = [];
  const tiers = ["match", "possible"];
  for (const result of found.results.slice(0, show.most ?? Infinity)) {
    const name = `${tiers[result.tier]} ${result.runbook}`;
    for (const one of result.instances.slice(0, 5)) lines.push(`${name} ${describe(engine, one, show)}`);
    if (result.instances.length > 5) lines.push(`${name} and ${result.instances.length - 5} more`);
    if (show.score) {
      const parts = result.score.parts.map(([what, value]) => `${what} ${value}`).join(", ");
      lines.push(`  score ${result.score.total}: ${parts}`);
    }
    result.missing.forEach((sentence) => lines.push(`  missing: ${sentence}`));
    result.notes.forEach((sentence) => lines.push(`  note: ${sentence}`));
  }
  found.notices.forEach((sentence) => lines.push(`notice: ${sentence}`));
  if (!found.results.length) lines.push("nothing");
  return lines.map((line) => `${line}\n`).join("");
}

function describe(engine, one, show) {
  const shown = (value) => {
    let text = escaped(engine.readable(value));
    if (text.length > 60) text = `${text.slice(0, 20)}…(${value.length} bytes)`;
    return text.includes(" ") || text === "" ? `"${text}"` : text;
  };
  const words = [`host=${one.host === null ? "-" : shown(one.host)}`];
  one.captures.forEach(({ name, value }) => words.push(`${name}=${shown(value)}`));
  one.refused.forEach(({ name, value }) => words.push(`refused:${name}=${shown(value)}`));
  words.push(`count=${one.count}`);
  if (show.times) words.push(`first=${time(one.first)}`, `last=${time(one.last)}`);
  const lines = one.evidence.map(({ input, line }) => `${show.several ? `${input}:` : ""}${line}`);
  words.push(`lines ${lines.join(",")}`);
  return words.join(" ");
}

function escaped(text) {
  return text.replace(/[\0-\x08\x0a-\x1f\x7f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function time(stamp) {
  if (!stamp) return "-";
  if (stamp.clock === "boot") return `boot+${Math.floor(stamp.micros / 1e6)}s`;
  const whole = new Date(stamp.micros / 1000).toISOString().slice(0, 19);
  const micros = String(((stamp.micros % 1e6) + 1e6) % 1e6).padStart(6, "0").replace(/0+$/, "");
  return `${whole}${micros ? `.${micros}` : ""}Z`;
}
