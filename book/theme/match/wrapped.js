// Lines of a paste that a terminal or a mail program has broken in two, put together again.

const PASTE_BYTES_MAX = 64 << 10, WIDTH_MIN = 60, WIDTH_MAX = 300, BROKEN_MAX = 12;

/**
 * Calls `found(start, parts)` as `scan` does, for what lies across the breaks of a paste too, which
 * the lines do not say by themselves.
 */
function scanPaste(engine, bytes, found) {
  const all = [];
  scan(engine, bytes, 0, bytes.length, (start, parts) => all.push({ start, parts }));
  if (bytes.length <= PASTE_BYTES_MAX) {
    for (const { start, end, lines } of brokenLines(latin(bytes, 0, bytes.length))) {
      const alone = all.filter((one) => one.start >= start && one.start < end);
      const known = new Set(alone.flatMap(({ parts }) => parts.flatMap(({ matches }) => matches.map(({ signature }) => signature))));
      const parts = ["", " "].flatMap((between, way) => {
        const copy = Uint8Array.from(lines.join(between), (character) => character.charCodeAt(0));
        let said = [];
        scan(engine, copy, 0, copy.length, (_start, parts) => (said = parts));
        return said.map(({ part, text, matches }) => ({
          part: way ? -1 : part, text, matches: matches.filter(({ signature }) => !known.has(signature)),
        }));
      });
      if (parts.some(({ matches }) => matches.length)) all.push({ start, parts });
    }
    all.sort((one, other) => one.start - other.start);
  }
  all.forEach(({ start, parts }) => found(start, parts));
}

/** Where lines stand that belong together, and what they say. */
function brokenLines(text) {
  let start = 0;
  const lines = text.split("\n").map((raw) => {
    const cleaned = clean(raw), said = unquoted(cleaned);
    const columns = (part) => part.replace(/[\x80-\xbf]/g, "").length;
    const goesOn = /^[^ \t\f\r]/.test(said) && !header(said).written;
    const line = { start, end: start + withoutReturns(raw).length, said, goesOn };
    start += raw.length + 1;
    return { ...line, width: columns(cleaned), word: columns(/^[^ \t\f\r]*/.exec(said)[0]) };
  });
  if (lines[lines.length - 1].start === text.length) lines.pop();
  const canBreak = ({ width }) => width >= WIDTH_MIN && width <= WIDTH_MAX;
  const widest = Math.max(0, ...lines.filter(canBreak).map(({ width }) => width));
  const found = [];
  for (let first = 0, at = 1; widest && at <= lines.length; at++) {
    const before = lines[at - 1], line = lines[at];
    if (line && line.goesOn && canBreak(before) && before.width + 1 + line.word > widest && at - first < BROKEN_MAX) continue;
    if (at - first > 1) {
      const of = lines.slice(first, at);
      found.push({ start: of[0].start, end: before.end, lines: of.map(({ said }) => said) });
    }
    first = at;
  }
  return found;
}

/** Without the marks of quoting in mails (`> > `, `| `). */
function unquoted(line) {
  return line.replace(/^(?:> ?|\| ){1,}/, "");
}
