// How much the evidence of a result says; the order of results follows it.

const WEIGHTS = [["weight support", 0], ["weight low", 10], ["weight normal", 20], ["weight high", 30]];
const EVIDENCE = 50, EVIDENCE_HALF_BITS = 60, REPEAT_BITS = 3, LINES_NAMED_MAX = 4, COMPLETE = 15;
const AGREED = 4, AGREED_MAX = 3, SUPPORTED = 3, SUPPORTED_MAX = 3, RECENT = 10, RECENT_SCALE_S = 3600;

function scoreOf(runbook, one, now) {
  const parts = [];
  const weight = Math.max(...[...one.blocks].map((block) => runbook.symptoms[block].weight));
  parts.push(WEIGHTS[weight]);
  parts.push(...evidenceParts(runbook, one));
  const seen = one.completeness < 1 ? `${Math.round(one.completeness * 100)} % complete` : "complete";
  parts.push([seen, COMPLETE * one.completeness]);
  parts.push(["the same values in several lines", AGREED * Math.min(one.agreed, AGREED_MAX)]);
  parts.push(["supporting lines", SUPPORTED * Math.min(one.supportBlocks.size, SUPPORTED_MAX)]);
  const { stamp } = one.last;
  if (stamp && stamp.clock === WALL) {
    const age = Math.max(now - stamp.micros, 0) / 1e6;
    parts.push(["recent", RECENT / (1 + Math.log1p(age / RECENT_SCALE_S))]);
  }
  const rounded = parts.map(([what, value]) => [what, Math.round(value * 10) / 10]).filter(([, value]) => value > 0);
  const total = rounded.reduce((sum, [, value]) => sum + value, 0);
  return { total: Math.round(total * 10) / 10, parts: rounded };
}

/** What each kind of line says that was seen: the more, the less another one adds. */
function evidenceParts(runbook, one) {
  // Two blocks may ask for the same line.
  const lines = new Map();
  for (const [block, step, alternative] of one.seen.values()) {
    const symptom = runbook.symptoms[block];
    const { says, shown, bits } = symptom.steps[step].alternatives[alternative];
    const wanted = symptom.mode === "count" ? symptom.count : symptom.steps[step].at_least;
    const all = bits + REPEAT_BITS * Math.log2(Math.max(wanted, 1)) * one.completeness;
    const known = lines.get(says);
    if (!known || known.bits < all) lines.set(says, { says, shown, bits: all });
  }
  const found = [...lines.values()].sort((line, other) => compare(line.says, other.says));
  const all = found.reduce((sum, { bits }) => sum + bits, 0);
  if (!(all > 0)) return [];
  const worth = (EVIDENCE * all) / (all + EVIDENCE_HALF_BITS);
  found.sort((line, other) => other.bits - line.bits);
  const rest = found.splice(LINES_NAMED_MAX);
  const part = (bits) => (worth * bits) / all;
  const parts = found.map(({ shown, bits }) => [`${Math.round(bits)} bits in \`${shown}\``, part(bits)]);
  if (rest.length) {
    const bits = rest.reduce((sum, line) => sum + line.bits, 0);
    const kinds = rest.length === 1 ? "1 more kind" : `${rest.length} more kinds`;
    parts.push([`${Math.round(bits)} bits in ${kinds} of line`, part(bits)]);
  }
  return parts;
}
