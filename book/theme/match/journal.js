// The export format of journald as the lines that `journalctl` prints, each where the message stands.

const MESSAGE_BYTES_MAX = 1 << 20, FIELD_BYTES_MAX = 768 * 2 ** 20, FIELD_BYTES_KEPT = 4096, TEXT_BYTES = 4096;

function beginsEntry(line) {
  return line.startsWith("__CURSOR=") || line.startsWith("__REALTIME_TIMESTAMP=");
}

function isExport(bytes) {
  return latin(bytes, 0, Math.min(bytes.length, TEXT_BYTES)).split("\n").some(beginsEntry);
}

/** A line feed for each that goes in; all lines of an entry but those of its message are empty. */
function fromExport(bytes) {
  const out = [];
  let entry = null, at = 0;
  const put = (text) => out.push(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  const endEntry = () => {
    if (entry) put(entryLines(entry));
    entry = null;
  };
  const lineAt = (from) => latin(bytes, from, lineEnd(bytes, from, bytes.length));
  while (at < bytes.length) {
    const line = lineAt(at);
    const whole = at + line.length < bytes.length;
    const next = Math.min(at + line.length + 1, bytes.length);
    if (beginsEntry(line) && (!entry || line.startsWith("__CURSOR=") || entry.stamped)) {
      endEntry();
      entry = { fields: {}, stamped: false, message: null, before: 0, after: 0 };
    }
    const [, name, equals] = entry ? /^([A-Z0-9_]*)(=?)/.exec(line) : ["", "", ""];
    if (name && equals) {
      takeField(entry, name, line.slice(name.length + 1));
      at = next;
    } else if (name && name === line && whole) {
      emptyLines(entry, 1);
      at = takeBinary(entry, bytes, next, name === "MESSAGE" && entry.message === null);
    } else {
      endEntry();
      out.push(bytes.subarray(at, next));
      at = next;
    }
  }
  endEntry();
  const joined = new Uint8Array(out.reduce((sum, part) => sum + part.length, 0));
  out.reduce((to, part) => (joined.set(part, to), to + part.length), 0);
  return joined;
}

function emptyLines(entry, count) {
  if (entry.message === null) entry.before += count;
  else entry.after += count;
}

function feeds(text) {
  return text.split("\n").length - 1;
}

function takeField(entry, name, value) {
  if (name === "MESSAGE" && entry.message === null) {
    entry.message = value.slice(0, MESSAGE_BYTES_MAX);
    return;
  }
  const [kept, preferred] = {
    __REALTIME_TIMESTAMP: ["time", true], _SOURCE_REALTIME_TIMESTAMP: ["time", false], _HOSTNAME: ["host", true],
    SYSLOG_IDENTIFIER: ["program", true], _COMM: ["program", false], _PID: ["process", true], SYSLOG_PID: ["process", false],
  }[name] || [];
  if (name === "__REALTIME_TIMESTAMP") entry.stamped = true;
  if (kept && (preferred || !entry.fields[kept])) entry.fields[kept] = value.slice(0, FIELD_BYTES_KEPT);
  emptyLines(entry, 1 + feeds(value));
}

/** A field whose length stands before it; gives where it ends. */
function takeBinary(entry, bytes, at, isMessage) {
  const text = (from, to) => latin(bytes, from, Math.min(to, bytes.length));
  const length = text(at, at + 8);
  const size = length.length < 8 ? Infinity : [...length].reduceRight((sum, byte) => sum * 256 + byte.charCodeAt(0), 0);
  if (size > FIELD_BYTES_MAX) {
    // Pasted from a terminal, which shows no zeros: this is the text itself.
    const end = length.endsWith("\n") ? at + 7 : lineEnd(bytes, Math.min(at + length.length, bytes.length), bytes.length);
    takeField(entry, isMessage ? "MESSAGE" : "", text(at, end));
    return Math.min(end + 1, bytes.length);
  }
  emptyLines(entry, feeds(length));
  const start = at + 8, kept = isMessage ? Math.min(size, MESSAGE_BYTES_MAX) : 0;
  if (isMessage) entry.message = text(start, start + kept);
  const ends = feeds(text(start + kept, start + size + 1));
  emptyLines(entry, isMessage ? Math.max(ends - 1, 0) : ends);
  return Math.min(start + size + 1, bytes.length);
}

/** The lines of an entry, as `journalctl -o short-unix` prints them, at their places. */
function entryLines({ fields, message, before, after }) {
  const { time = "", host = "", program = "", process = "" } = fields;
  if (message === null) return "\n".repeat(before);
  const stamp = /^\d{7,}$/.test(time) ? `${time.slice(0, -6)}.${time.slice(-6)} ` : "";
  const tag = `${program || "unknown"}${process ? `[${process}]` : ""}: `;
  return `${"\n".repeat(before)}${stamp}${host} ${tag}${message}\n${"\n".repeat(after)}`;
}
