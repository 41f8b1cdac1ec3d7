// Bytes of a log, one character each (U+0000 to U+00FF): what an expression sees is what kb sees.

const LINE_FEED = 10, RETURN = 13, ESCAPE = 27, QUOTE = 34, EQUALS = 61, BACKSLASH = 92, BRACE = 123;
// What stands behind the backslash of an escape.
const ESCAPED = new Set([...'"\\/ntrbfu'].map((character) => character.charCodeAt(0)));

/** A piece of a byte array, one character a byte. */
function latin(bytes, from, to) {
  let text = "";
  for (let at = from; at < to; at += 8192) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(to, at + 8192)));
  }
  return text;
}

/** The same piece as a person reads it; what is not UTF-8 becomes U+FFFD. */
function readable(text) {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function withoutReturns(text) {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === RETURN) end--;
  return text.slice(0, end);
}

/**
 * The line without carriage returns at its end and without escape sequences of terminals. A string
 * sequence that does not end on the line loses its first two bytes only.
 */
function clean(line) {
  let rest = withoutReturns(line);
  if (!rest.includes("\x1b")) return rest;
  let out = "";
  for (let at; (at = rest.indexOf("\x1b")) >= 0; ) {
    out += rest.slice(0, at);
    rest = rest.slice(at + sequenceLength(rest, at));
  }
  return withoutReturns(out + rest);
}

const CONTROL = /^\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]?/;
const STRING = /^\x1b[PXk\]^_](?:[^\x07\x1b]*(?:\x07|\x1b\\))?/;
const MIDDLE = /^\x1b[\x20-\x2f]+[\x30-\x7e]?/;
const SHORT = /^\x1b[\x30-\x7e]?/;

function sequenceLength(text, at) {
  const rest = text.slice(at);
  const found = CONTROL.exec(rest) || STRING.exec(rest) || MIDDLE.exec(rest) || SHORT.exec(rest);
  return found[0].length;
}

/** Compares as bytes do; a shorter text that the other begins with comes first. */
function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Compares lists element by element. */
function compareLists(one, other, by) {
  for (let at = 0; at < one.length && at < other.length; at++) {
    const found = by(one[at], other[at]);
    if (found) return found;
  }
  return one.length - other.length;
}
