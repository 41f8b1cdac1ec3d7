// The page "Match a log": what is pasted, dropped or chosen goes to a worker (or to the kb that serves
// the book), and the answer is shown. Nothing here turns text of a log into HTML.

(() => {
  "use strict";
  const form = document.getElementById("kb-match");
  const table = document.createElement("script");
  table.src = `${form.dataset.root}match/table.js`;
  table.addEventListener("load", begin);
  document.head.append(table);

  function begin() {
  const part = (name) => form.querySelector(`[data-part="${name}"]`);
  const text = part("text"), files = part("files"), cancel = part("cancel"), clear = part("clear");
  const progress = part("progress"), status = part("status"), results = part("results"), server = part("server");
  const INPUT_BYTES_MAX = 512 << 20;
  const engine = kbEngine();
  let worker = null, running = 0;

  const served = document.querySelector('meta[name="kb-live"]') !== null;
  part("live").hidden = false;
  if (served) {
    part("server-choice").hidden = false;
    server.checked = /^(?:localhost|127\.[0-9.]+|\[::1\])$/.test(location.hostname);
  }

  // From logs to an answer.

  async function match(logs) {
    const run = ++running;
    const bytes = logs.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    results.replaceChildren();
    if (!bytes) return say("Nothing to match: paste some lines of a log, or choose a file.");
    if (bytes > INPUT_BYTES_MAX) return say("That is more than 512 MiB. `kb match` reads any size.");
    busy(true);
    say("Matching…");
    const began = performance.now();
    try {
      const answer = served && server.checked ? await ask(logs) : await inWorker(logs, run);
      if (run !== running) return undefined;
      show(answer, performance.now() - began);
    } catch (error) {
      if (run === running) say(`That did not work: ${error.message}`);
    }
    if (run === running) busy(false);
    return undefined;
  }

  function inWorker(logs, run) {
    const isNew = !worker;
    if (isNew) {
      const source = `${kbEngine}\nkbEngine().work(self);`;
      worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    }
    return new Promise((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message || "the worker stopped"));
      worker.onmessage = ({ data }) => {
        if (run !== running) return;
        if (data.failed) reject(new Error(data.failed));
        else if (data.found) resolve(data.found);
        else {
          progress.max = data.total;
          progress.value = data.read || 0;
        }
      };
      const options = { now: Date.now() * 1000, zone: null };
      const table = isNew ? self.kbTable : null;
      worker.postMessage({ table, logs, options }, logs.map(({ buffer }) => buffer));
    });
  }

  /** The kb that serves the book answers as `kb match --format json` does. */
  async function ask(logs) {
    const inputs = [], found = { results: [], inputs, notices: [] };
    for (const { name, buffer } of logs) {
      const reply = await fetch(`${form.dataset.root}api/match`, { method: "POST", body: buffer });
      if (!reply.ok) throw new Error(`the server says ${reply.status}: ${(await reply.text()).slice(0, 200)}`);
      for (const line of (await reply.text()).split("\n").filter(Boolean)) {
        const record = JSON.parse(line);
        if (record.type === "result") found.results.push(fromRecord(record, name));
        if (record.type === "summary") {
          found.notices.push(...record.notices);
          inputs.push({ name, lines: record.lines, bytes: record.bytes, error: (record.inputs[0] || {}).error || "" });
        }
      }
    }
    return found;
  }

  const TIERS = ["match", "possible", "suggestion"];

  function fromRecord(record, name) {
    const named = (values) => Object.entries(values || {}).map(([key, value]) => ({ name: key, value: asBytes(value) }));
    const when = (wall, boot) => {
      if (wall) return { clock: "wall", micros: Date.parse(wall) * 1000 };
      return boot === undefined || boot === null ? null : { clock: "boot", micros: boot * 1e6 };
    };
    const instances = record.instances.map((one) => ({
      host: one.host === null ? null : asBytes(one.host),
      captures: named(one.captures),
      refused: named(one.refused),
      count: one.count,
      first: when(one.first, one.first_after_boot),
      last: when(one.last, one.last_after_boot),
      evidence: [],
    }));
    const evidence = record.evidence.map((line) => ({
      input: name,
      line: line.line,
      text: asBytes(line.text),
      matched: line.hit.map((at) => asBytes([...line.text].slice(0, at).join("")).length),
      signature: line.signature,
      runbookLine: line.runbook_line,
    }));
    if (instances.length) instances[0].evidence = evidence;
    const score = { total: record.score, parts: record.score_parts.map(({ what, score: value }) => [what, value]) };
    return { ...record, tier: TIERS.indexOf(record.tier), score, instances };
  }

  function asBytes(shown) {
    return String.fromCharCode(...new TextEncoder().encode(shown));
  }

  function stop() {
    running++;
    if (worker) worker.terminate();
    worker = null;
    busy(false);
    say("Cancelled.");
  }

  function busy(is) {
    form.setAttribute("aria-busy", String(is));
    progress.hidden = cancel.hidden = !is;
    if (is) progress.removeAttribute("value");
  }

  function say(sentence) {
    status.textContent = sentence;
  }

  // Showing an answer.

  function element(name, { text: content, ...attributes } = {}, children = []) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (content !== undefined) made.textContent = content;
    made.append(...children);
    return made;
  }

  /** Text of a log with what a page would hide or act on written out. */
  function visible(bytes) {
    const hidden = /[\0-\x08\x0a-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
    return engine.readable(bytes).replace(hidden, (character) => {
      const code = character.codePointAt(0).toString(16);
      return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, "0")}`;
    });
  }

  function show(found, took) {
    const lines = found.inputs.reduce((sum, input) => sum + input.lines, 0);
    const certain = found.results.filter(({ tier }) => tier === 0).length;
    const rest = found.results.length - certain;
    const count = (number, one, many) => (number === 1 ? `1 ${one}` : `${number.toLocaleString("en")} ${many}`);
    const named = [];
    if (certain) named.push(count(certain, "match", "matches"));
    if (rest) named.push(`${rest.toLocaleString("en")} possible`);
    const unread = found.inputs.filter(({ error }) => error);
    const said = named.join(", ") || (unread.length ? "Not all of it could be read" : "No signature of this book matches");
    say(`${said}. ${count(lines, "line", "lines")} read in ${(took / 1000).toFixed(1)} s.`);
    for (const { name, error } of unread) {
      results.append(element("p", { class: "kb-match-notice", text: `${name}: ${error}. On a machine with kb: kb match FILE` }));
    }
    for (const sentence of found.notices) results.append(element("p", { class: "kb-match-notice", text: sentence }));
    results.append(...found.results.map(resultShown));
    if (!found.results.length && !unread.length) {
      const search = element("a", { href: `${form.dataset.root}find/symptoms.html`, text: "index by symptom" });
      results.append(element("p", {}, ["Look it up in the ", search, ", or search the book by words (key S)."]));
    }
  }

  function resultShown(result) {
    const certain = result.tier === 0;
    const name = TIERS[result.tier];
    const mark = { match: "● MATCH", possible: "◐ possible", suggestion: "○ suggestion" }[name];
    const page = `${form.dataset.root}runbooks/${encodeURIComponent(result.runbook)}.html`;
    const badge = element("span", { class: `kb-tier kb-tier-${name}`, text: mark });
    const link = element("a", { href: page, text: result.runbook });
    const inner = [element("p", { class: "kb-match-title", text: result.title })];
    for (const sentence of result.missing) inner.push(element("p", { class: "kb-match-missing", text: `Missing: ${sentence}` }));
    inner.push(...result.instances.slice(0, 20).map(instanceShown));
    if (result.instances.length > 20) inner.push(element("p", { text: `… and ${result.instances.length - 20} more.` }));
    for (const sentence of result.notes) inner.push(element("p", { class: "kb-match-notice", text: sentence }));
    inner.push(...command(result), why(result));
    const head = element("h2", { id: `result-${result.runbook}-${name}` }, [badge, " ", link]);
    return element("section", { class: `kb-result kb-result-${name}`, "data-runbook": result.runbook, "data-tier": name }, [
      head,
      certain ? element("div", {}, inner) : element("details", {}, [element("summary", { text: "What was seen" }), ...inner]),
    ]);
  }

  function instanceShown(one) {
    const times = one.count === 1 ? "once" : `${one.count.toLocaleString("en")} times`;
    const where = one.host === null ? "" : `on ${visible(one.host)}, `;
    const last = one.last ? `, last ${moment(one.last)}` : "";
    const made = element("div", { class: "kb-instance" }, [element("p", { text: `${where}${times}${last}` })]);
    const values = [...one.captures.map((value) => [value, ""]), ...one.refused.map((value) => [value, " (not a legal value; not used)"])];
    if (values.length) {
      const list = element("dl", { class: "kb-values" });
      for (const [{ name, value }, remark] of values) {
        list.append(element("dt", { text: name }), element("dd", {}, [element("code", { text: visible(value) }), remark]));
      }
      made.append(list);
    }
    if (one.evidence.length) made.append(element("ol", { class: "kb-evidence" }, one.evidence.map(lineShown)));
    return made;
  }

  function lineShown({ input, line, text: bytes, matched, signature, runbookLine }, at, all) {
    const [from, to] = matched;
    const mark = element("mark", { text: visible(bytes.slice(from, to)) });
    const log = element("code", { class: "kb-line" }, [visible(bytes.slice(0, from)), mark, visible(bytes.slice(to))]);
    const place = input === "-" ? `line ${line}` : `${input}:${line}`;
    const says = element("span", { class: "kb-signature", title: `line ${runbookLine} of the runbook`, text: signature });
    const known = all.slice(0, at).some((other) => other.signature === signature);
    return element("li", {}, [element("span", { class: "kb-place", text: place }), log, ...(known ? [] : [says])]);
  }

  function moment({ clock, micros }) {
    return clock === "boot" ? `${Math.floor(micros / 1e6)} s after the start of the machine` : new Date(micros / 1000).toLocaleString("sv");
  }

  /** The command to go on with. Only values that their parameter allows are in it, each quoted. */
  function command(result) {
    const quoted = (value) => (/^[\w.,:/@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);
    const values = new Map();
    for (const { name, value } of (result.instances[0] || { captures: [] }).captures) {
      values.set(name, values.has(name) ? null : value);
    }
    const settings = [...values].filter(([, value]) => value !== null && visible(value) === engine.readable(value));
    const set = settings.map(([name, value]) => ` --set ${name}=${quoted(engine.readable(value))}`).join("");
    const line = `kb run ${result.runbook}${set}`;
    const copy = element("button", { type: "button", class: "kb-copy", text: "Copy" });
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(line);
      say("Copied.");
    });
    return [element("p", { class: "kb-command" }, [element("code", { text: line }), copy])];
  }

  function why(result) {
    const rows = result.score.parts.map(([what, value]) => element("li", { text: `${value} ${what}` }));
    const sum = element("summary", { text: `Score ${result.score.total}` });
    return element("details", { class: "kb-score" }, [sum, element("ul", {}, rows)]);
  }

  // What a person does.

  const read = async (list) =>
    Promise.all([...list].map(async (file) => ({
      name: file.name,
      modified: file.lastModified * 1000,
      buffer: await file.arrayBuffer(),
    })));
  const pasted = () => [{ name: "-", modified: null, buffer: new TextEncoder().encode(text.value).buffer }];
  const submit = async () => {
    const chosen = await read(files.files);
    return match(text.value ? [...pasted(), ...chosen] : chosen);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
    // mdBook turns pages and opens its search by keys.
    event.stopPropagation();
  });
  files.addEventListener("change", submit);
  cancel.addEventListener("click", stop);
  clear.addEventListener("click", () => {
    if (form.getAttribute("aria-busy") === "true") stop();
    form.reset();
    results.replaceChildren();
    say("");
    text.focus();
  });
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("kb-drop");
  });
  form.addEventListener("dragleave", () => form.classList.remove("kb-drop"));
  form.addEventListener("drop", async (event) => {
    event.preventDefault();
    form.classList.remove("kb-drop");
    if (event.dataTransfer.files.length) match(await read(event.dataTransfer.files));
    else {
      text.value = event.dataTransfer.getData("text");
      submit();
    }
  });

  const differs = self.kbTable.differs;
  if (differs.length) {
    const rows = differs.map(({ runbook, line, why: reason }) => element("li", { text: `${runbook}, line ${line}: ${reason}` }));
    part("differs").append(
      element("details", {}, [
        element("summary", { text: `${differs.length} signatures may match otherwise here than in kb` }),
        element("ul", {}, rows),
      ])
    );
  }
  }
})();
