// Every signature of a table on every line of a block of bytes.
//
// Each signature names *needles*: text of which a matching line holds one. A block is read once, by
// four bytes at a time, for the last four bytes of every needle; only where one stands does the
// expression of its signature run.

const GRAM = 4, TABLE_BITS = 16;

const FOLD = new Uint8Array(256).map((_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

function slot(gram) {
  return Math.imul(gram, 0x9e3779b1) >>> (32 - TABLE_BITS);
}

/** The signatures of a table, ready to be searched for. */
function scanner(signatures) {
  const maybe = new Uint8Array(1 << TABLE_BITS);
  const grams = new Map();
  const everyLine = [];
  signatures.forEach((signature, index) => {
    if (!signature.needles.length || signature.needles.some((needle) => needle.length < GRAM)) {
      everyLine.push(index);
      return;
    }
    for (const needle of signature.needles) {
      let gram = 0;
      for (let at = needle.length - GRAM; at < needle.length; at++) gram = (gram << 8) | needle.charCodeAt(at);
      maybe[slot(gram)] = 1;
      if (!grams.has(gram)) grams.set(gram, []);
      grams.get(gram).push({ needle, index });
    }
  });
  return { signatures, maybe, grams, everyLine };
}

/**
 * Calls `found(start, parts)` for every line between two places that says what a signature matches:
 * where it begins, and of each part of what it says the text and the matches in the order of signatures.
 */
function scan(engine, bytes, from, to, found) {
  let start = from;
  while (start < to) {
    const place = suspectLine(bytes, start, to);
    const plain = place < 0 ? to : lineStart(bytes, start, place);
    scanPlain(engine, bytes, start, plain, (lineFrom, lineTo, suspects) => {
      const line = withoutReturns(latin(bytes, lineFrom, lineTo));
      // A line of pairs without an escape in them is searched as it stands, and then taken apart.
      const seen = [...suspects].filter((index) => engine.signatures[index].compiled.test(line));
      if (seen.length) judge(engine, lineFrom, said(line), seen, found);
    });
    if (place < 0) return;
    const end = lineEnd(bytes, plain, to);
    const parts = said(latin(bytes, plain, end));
    const copy = Uint8Array.from(parts.map(({ text }) => text).join("\n"), (character) => character.charCodeAt(0));
    const all = new Set();
    scanPlain(engine, copy, 0, copy.length, (_from, _to, suspects) => suspects.forEach((index) => all.add(index)));
    if (all.size) judge(engine, plain, parts, all, found);
    start = end + 1;
  }
}

/** Where the next line may stand that does not simply say itself, or -1. */
function suspectLine(bytes, from, to) {
  let paired = false; // a quote behind the sign of a pair opened on this line
  for (let at = from; at < to; at++) {
    switch (bytes[at]) {
      case LINE_FEED:
        paired = false;
        break;
      case QUOTE:
        paired = paired || (at > from && bytes[at - 1] === EQUALS);
        break;
      case ESCAPE:
        return at;
      case BACKSLASH:
        if (paired && ESCAPED.has(bytes[at + 1])) return at;
        break;
      case BRACE: {
        let next = at + 1;
        while (bytes[next] === 32 || bytes[next] === 9) next++;
        if (bytes[next] === QUOTE) return at;
      }
    }
  }
  return -1;
}

function lineStart(bytes, from, at) {
  const feed = bytes.subarray(from, at).lastIndexOf(LINE_FEED);
  return feed < 0 ? from : from + feed + 1;
}

function lineEnd(bytes, at, to) {
  const feed = bytes.subarray(at, to).indexOf(LINE_FEED);
  return feed < 0 ? to : at + feed;
}

/** Calls `line(start, end, suspects)` for each line that holds a needle, with the signatures to try. */
function scanPlain(engine, bytes, from, to, line) {
  if (engine.everyLine.length) {
    for (let start = from; start < to; ) {
      const end = lineEnd(bytes, start, to);
      const suspects = new Set(engine.everyLine);
      seek(engine, bytes, start, end, (index) => suspects.add(index));
      line(start, end, suspects);
      start = end + 1;
    }
    return;
  }
  let start = -1, end = -1, suspects = null;
  seek(engine, bytes, from, to, (index, at) => {
    if (at >= end) {
      if (suspects) line(start, end, suspects);
      start = lineStart(bytes, Math.max(from, end + 1), at);
      end = lineEnd(bytes, at, to);
      suspects = new Set();
    }
    suspects.add(index);
  });
  if (suspects) line(start, end, suspects);
}

function seek(engine, bytes, from, to, found) {
  const { maybe, grams } = engine;
  let gram = 0;
  for (let at = from; at < to; at++) {
    gram = (gram << 8) | FOLD[bytes[at]];
    if (maybe[slot(gram)] === 0 || at - from < GRAM - 1) continue;
    const users = grams.get(gram);
    if (!users) continue;
    for (const { needle, index } of users) {
      const start = at + 1 - needle.length;
      if (start >= from && stands(bytes, start, needle)) found(index, at);
    }
  }
}

function stands(bytes, start, needle) {
  for (let at = needle.length - 1 - GRAM; at >= 0; at--) {
    if (FOLD[bytes[start + at]] !== needle.charCodeAt(at)) return false;
  }
  return true;
}

function judge(engine, start, parts, suspects, found) {
  const order = [...suspects].sort((one, other) => one - other);
  const judged = parts.map(({ part, text }) => {
    const matches = [];
    for (const index of order) {
      const signature = engine.signatures[index];
      const match = signature.compiled.exec(text);
      if (match) matches.push({ signature, match });
    }
    return { part, text, matches };
  });
  if (judged.some(({ matches }) => matches.length)) found(start, judged);
}
