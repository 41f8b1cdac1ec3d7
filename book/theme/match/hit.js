// A line that a signature matched: where it stands, and which host and values it speaks of.

/** Without times a window is taken as met within so many lines. */
const LINES_WITHOUT_TIMES = 200;
const WITHIN = 1, ASSUMED = 2, OVER = 3, APART = 4;

/** What hits are sorted by: time, input, line, line of the message in it. */
function compareMarks(one, other) {
  return one.key - other.key || one.file - other.file || one.line - other.line || one.part - other.part;
}

/** How `later` stands to a window of so many microseconds that begins at `from`. */
function gap(from, later, within) {
  if (within === null) return WITHIN;
  const micros = microsTo(from, later);
  if (micros !== null) return micros < 0 ? APART : micros <= within ? WITHIN : OVER;
  if (from.file !== later.file) return APART;
  return Math.abs(from.line - later.line) <= LINES_WITHOUT_TIMES ? ASSUMED : OVER;
}

function isMet(found) {
  return found === WITHIN || found === ASSUMED;
}

function microsTo(from, later) {
  if (!from.stamp || !later.stamp || from.stamp.clock !== later.stamp.clock) return null;
  const comparable = from.file === later.file || (from.zones & later.zones) !== 0;
  return comparable ? later.stamp.micros - from.stamp.micros : null;
}

/** What hits agree on: a host or null, and values sorted by name. `key` tells two of them apart. */
function binding(host, values) {
  const key = JSON.stringify([host, values]);
  return { host, values, key };
}

function valueOf(said, name) {
  const found = said.values.find(([known]) => known === name);
  return found ? found[1] : null;
}

function agrees(one, other) {
  if (one.host !== null && other.host !== null && one.host !== other.host) return false;
  return one.values.every(([name, value]) => {
    const theirs = valueOf(other, name);
    return theirs === null || theirs === value;
  });
}

/** Both together, or null when they do not agree. */
function join(one, other) {
  if (!agrees(one, other)) return null;
  const missing = other.values.filter(([name]) => valueOf(one, name) === null);
  const host = one.host === null ? other.host : one.host;
  if (!missing.length && host === one.host) return one;
  return binding(host, [...one.values, ...missing].sort(compareValues));
}

/** True when `one` says all that `other` says. */
function covers(one, other) {
  if (other.host !== null && one.host !== other.host) return false;
  return other.values.every(([name, value]) => valueOf(one, name) === value);
}

function compareValues([name, value], [otherName, otherValue]) {
  return compare(name, otherName) || compare(value, otherValue);
}

function compareBindings(one, other) {
  if (one.host !== other.host) {
    if (one.host === null) return -1;
    if (other.host === null) return 1;
    return compare(one.host, other.host);
  }
  return compareLists(one.values, other.values, compareValues);
}
