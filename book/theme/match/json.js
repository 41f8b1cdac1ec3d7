// The fields of a JSON object in a log line, whole or cut, and what such a line says.

const DEPTH_MAX = 16, NESTED_MAX = 3;

/** Where the first object of a line opens, or -1. */
function firstObject(line) {
  return line.search(/\{[ \t]*"/);
}

/**
 * The object that opens at `open`: its fields { name, parent, depth, kind, from, to }, whose values are
 * "text", "bare" or "bytes", and where it ends (-1 when the line does first).
 */
function objectFields(line, open) {
  const fields = [];
  const opened = [{ list: false, name: "" }];
  let at = open + 1;
  const sticky = (expression) => {
    expression.lastIndex = at;
    const found = expression.exec(line);
    if (found) at += found[0].length;
    return found;
  };
  /** Between the quotes; the end of the line ends it too. */
  const text = () => {
    const from = at + 1;
    let to = from;
    while (to < line.length && line.charAt(to) !== '"') to += line.charAt(to) === "\\" ? 2 : 1;
    const whole = to < line.length;
    to = Math.min(to, line.length);
    at = whole ? to + 1 : to;
    return { from, to, whole };
  };
  const value = (name) => {
    const objects = opened.filter(({ list }) => !list);
    const field = (kind, from, to) =>
      fields.push({ name, parent: objects.length ? objects[objects.length - 1].name : "", depth: objects.length, kind, from, to });
    const first = line.charAt(at);
    if (first === "") return false;
    if (first === '"') {
      const { from, to, whole } = text();
      field("text", from, to);
      return whole;
    }
    if (first === "[") {
      const end = bytesEnd(line, at);
      if (end >= 0) {
        field("bytes", at + 1, end);
        at = end + 1;
        return true;
      }
    }
    if ((first === "{" || first === "[") && opened.length < DEPTH_MAX) {
      at += 1;
      opened.push({ list: first === "[", name });
      return true;
    }
    const from = at;
    sticky(/[^,}\] \t\r]*/y);
    field("bare", from, at);
    return at > from;
  };
  while (opened.length) {
    const { list, name } = opened[opened.length - 1];
    sticky(/[ \t\r\n]*/y);
    const first = line.charAt(at);
    if (first === ",") at += 1;
    else if (first === "}" || first === "]") {
      at += 1;
      opened.pop();
    } else if (list) {
      if (!value(name)) return { fields, end: -1 };
    } else if (first === '"') {
      const { from, to, whole } = text();
      sticky(/[ \t\r\n]*/y);
      if (!whole || line.charAt(at) !== ":") return { fields, end: -1 };
      at += 1;
      sticky(/[ \t\r\n]*/y);
      if (!value(line.slice(from, to))) return { fields, end: -1 };
    } else return { fields, end: -1 };
  }
  return { fields, end: at };
}

/** The closing bracket of a list of bytes, or -1. */
function bytesEnd(line, at) {
  const end = line.indexOf("]", at);
  if (end < 0) return -1;
  const byte = (number) => /^[ \t\r\n\f]*\+?\d+[ \t\r\n\f]*$/.test(number) && Number(number) <= 255;
  return end > at + 1 && line.slice(at + 1, end).split(",").every(byte) ? end : -1;
}

const ESCAPES = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", '"': '"', "\\": "\\", "/": "/" };

/** The text of a value without its escapes, as bytes. */
function unescapeValue(line, { kind, from, to }) {
  const written = line.slice(from, to);
  if (kind === "bare") return written;
  if (kind === "bytes") return written.split(",").map((number) => String.fromCharCode(Number(number))).join("");
  return written.replace(/\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([ntrbf"\\/]))/g,
    (_, high, low, unit, letter) => {
      if (letter) return ESCAPES[letter];
      const point = unit ? parseInt(unit, 16)
        : 0x10000 + ((parseInt(high, 16) - 0xd800) << 10) + (parseInt(low, 16) - 0xdc00);
      return bytesOf(point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
    });
}

/** A character as the bytes of UTF-8. */
function bytesOf(point) {
  return unescape(encodeURIComponent(String.fromCodePoint(point)));
}

// What a line says: mostly itself; a line that holds an object says its message.

const MESSAGE_NAMES = [
  "MESSAGE", "message", "msg", "log", "@message", "Message", "short_message", "textPayload", "text", "event", "body",
];
const JOURNAL = 1, CONTAINER = 2, OTHER = 3;

/** The parts of what a raw line says: { part, text }, where part -1 stands beside the message. */
function said(raw) {
  const line = clean(raw);
  const out = { message: [], rest: [] };
  if (!decodeInto(line, 0, out) && !pairsInto(line, out)) return [{ part: 0, text: line }];
  return [...out.message.map((text, part) => ({ part, text })), ...out.rest.map((text) => ({ part: -1, text }))];
}

function linesOf(text) {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

/** Takes a line apart; false when it holds no object. */
function decodeInto(line, nested, out) {
  const open = nested <= NESTED_MAX ? firstObject(line) : -1;
  if (open < 0) return false;
  const { fields, end } = objectFields(line, open);
  if (!fields.length) return false;
  const message = messageOf(fields);
  const kind = message ? kindOf(fields, message) : OTHER;
  if (message) {
    const before = /[0-9A-Za-z]/.test(line.slice(0, open)) ? line.slice(0, open) : "";
    const tag = kind === JOURNAL ? identifier(line, fields) : "";
    for (const text of linesOf(before + tag + unescapeValue(line, message))) {
      if (!decodeInto(text, nested + 1, out) && !pairsInto(text, out)) out.message.push(clean(text));
    }
  }
  if (kind === OTHER) fields.filter((field) => field !== message).forEach((field) => besideInto(line, field, nested, out.rest));
  const after = end < 0 ? null : line.slice(end).replace(/^[ \t\n\f\r]+|[ \t\n\f\r]+$/g, "");
  const more = after !== null && decodeInto(after, nested + 1, out);
  // An envelope that is whole says nothing but the message.
  if (kind === OTHER || !(more || after === "")) out.rest.push(clean(line));
  return true;
}

/** Takes the message out of `level=error msg="no \\"x\\""`; false when the line holds none in quotes. */
function pairsInto(line, out) {
  for (const name of ["msg", "message", "error", "err"]) {
    const opened = new RegExp(`(?:^| )${name}="`).exec(line);
    if (!opened) continue;
    const from = opened.index + opened[0].length;
    let to = from;
    while (to < line.length && line.charAt(to) !== '"') to += line.charAt(to) === "\\" ? 2 : 1;
    const text = unescapeValue(line, { kind: "text", from, to: Math.min(to, line.length) });
    linesOf(text).forEach((said) => out.message.push(clean(said)));
    out.rest.push(clean(line));
    return true;
  }
  return false;
}

function kindOf(fields, message) {
  const has = (name) => fields.some((field) => field.depth === 1 && field.name === name);
  if (message.depth > 1) return OTHER;
  if (message.name === "MESSAGE" && (has("__REALTIME_TIMESTAMP") || has("_BOOT_ID"))) return JOURNAL;
  return message.name === "log" && has("stream") ? CONTAINER : OTHER;
}

/** The field that holds the message, or null. */
function messageOf(fields) {
  let best = null;
  for (const field of fields) {
    const name = MESSAGE_NAMES.indexOf(field.name);
    if (name < 0 || field.kind === "bare") continue;
    if (!best || field.depth < best.depth || (field.depth === best.depth && name < best.rank)) best = { field, depth: field.depth, rank: name };
  }
  return best && best.field;
}

/** `sshd[42]: `, as journalctl writes it before the message. */
function identifier(line, fields) {
  const value = (...names) => {
    for (const name of names) {
      const field = fields.find((known) => known.depth === 1 && known.name === name);
      if (field) return unescapeValue(line, field);
    }
    return null;
  };
  const name = value("SYSLOG_IDENTIFIER", "_COMM"), process = value("_PID", "SYSLOG_PID");
  return name === null ? "" : `${name}${process === null ? "" : `[${process}]`}: `;
}

function besideInto(line, field, nested, out) {
  if (field.kind === "bare") return;
  for (const text of linesOf(unescapeValue(line, field))) {
    const inner = { message: [], rest: [] };
    if (decodeInto(text, nested + 1, inner)) out.push(...inner.message, ...inner.rest);
    else out.push(clean(text));
  }
}

// Stamp and host of a record.

const TIME_NAMES = [
  "time", "timestamp", "@timestamp", "ts", "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "t", "@t", "datetime",
  "date", "Time", "Timestamp", "TIMESTAMP", "DATE", "asctime", "eventTime", "event_time", "time_iso8601", "time_local",
  "timeMillis", "timestampMs", "epochSecond", "log_time", "created", "start_time",
];
const DATE_NAMES = ["$date", "$numberLong"];
const HOST_NAMES = ["_HOSTNAME", "hostname", "host", "host.name", "Hostname", "HOSTNAME", "HOST", "logsource"];

/** What is written of a time in the record that opens at a place, and its host or null. */
function recordHeader(line, open) {
  const { fields } = objectFields(line, open);
  const best = (rank, value) => {
    const ranked = fields.map((field) => ({ field, rank: rank(field) })).filter((one) => one.rank);
    ranked.sort((one, other) => compareLists(one.rank, other.rank, (a, b) => a - b));
    for (const { field } of ranked) {
      const found = value(field);
      if (found) return found;
    }
    return null;
  };
  const place = (names, name) => names.indexOf(name);
  const timeRank = ({ name, parent, depth }) => {
    if (place(TIME_NAMES, name) >= 0) return [depth, place(TIME_NAMES, name)];
    return place(DATE_NAMES, name) >= 0 && place(TIME_NAMES, parent) >= 0 ? [depth - 1, place(TIME_NAMES, parent)] : null;
  };
  const hostRank = ({ name, parent, depth }) => {
    if (depth === 1 && place(HOST_NAMES, name) >= 0) return [place(HOST_NAMES, name)];
    if (depth !== 2 || parent !== "host" || (name !== "name" && name !== "hostname")) return null;
    return [HOST_NAMES.length + (name === "name" ? 0 : 1)];
  };
  const textOf = ({ kind, from, to }) => (kind === "text" ? line.slice(from, to) : "");
  let written = best(timeRank, ({ kind, from, to }) => (kind === "bytes" ? null : recordTime(line.slice(from, to))));
  let host = best(hostRank, (field) => (isHostName(textOf(field)) ? textOf(field) : null));
  if (!written || host === null) {
    const names = ["log", "message", "MESSAGE", "msg"];
    const messages = fields.filter(({ name, depth, kind }) => depth === 1 && kind === "text" && names.includes(name));
    messages.sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name));
    const inner = messages.length ? header(textOf(messages[0])) : { written: null, host: null };
    written = written || inner.written;
    host = host === null ? inner.host : host;
  }
  return { written, host };
}

function recordTime(text) {
  return recordEpoch(text) || (stampAt(text, 0) || {}).written || null;
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970: their number of digits tells which. */
function recordEpoch(text) {
  const digits = /^\d*/.exec(text)[0];
  const fraction = microsOf((/^\d*[.,](\d+)/.exec(text) || [])[1]);
  let micros = null;
  if (/^\d*(?:[.,]|$)/.test(text)) {
    if (digits.length === 10) micros = Number(digits) * 1e6 + fraction;
    if (digits.length === 13) micros = Number(digits) * 1000 + Math.floor(fraction / 1000);
    if (digits.length === 16 || digits.length === 19) micros = Number(digits.slice(0, 16));
  }
  if (micros === null) {
    const seconds = /^\d[\d.eE+]{0,39}$/.test(text) ? Number(text) : NaN;
    if (!isEpoch(Math.floor(seconds))) return null;
    micros = Math.floor(seconds * 1e6);
  }
  return isEpoch(Math.floor(micros / 1e6)) ? { kind: "instant", micros, ahead: null } : null;
}

/** The same of a line that begins with `name=value` pairs; null when none of them is a time. */
function pairsHeader(line, from) {
  const cursor = new Cursor(line, from);
  cursor.take(/<\d{1,3}>/y);
  let best = null, date = null, host = null;
  for (let pairs = 0; pairs < 16; pairs++) {
    const found = cursor.take(/[ \t]*([0-9A-Za-z_.@-]+)=(?:"((?:[^"\\]|\\[^])*\\?)"?|([^" \t][^ \t]*|(?=[ \t]|$)))/y);
    if (!found) break;
    const name = found[1], value = found[2] === undefined ? found[3] : found[2];
    const rank = TIME_NAMES.indexOf(name);
    const written = rank >= 0 && (!best || rank < best.rank) ? recordTime(value) : null;
    if (written) best = { rank, written };
    if (name === "date") {
      const day = new Cursor(value, 0).take(DATE);
      date = day && isDate(Number(day[1]), Number(day[3]), Number(day[4])) ? day : null;
    }
    const time = name === "time" && date ? timeOfDay(new Cursor(value, 0)) : -1;
    if (time >= 0) {
      const [year, month, day] = [date[1], date[3], date[4]].map(Number);
      best = { rank: 0, written: { kind: "local", year, month, day, time } };
    }
    if (host === null && (HOST_NAMES.includes(name) || name === "devname") && isHostName(value)) host = value;
  }
  return best && { written: best.written, host };
}
