// When and where a line was written: its stamp, and the host that a syslog line names.
//
// A stamp is first read as it stands; `resolve` then settles what it leaves open: year and zone.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** How they go on when they are written in full. */
const LONG_MONTHS = ["uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"];
const BOOT = "boot", WALL = "wall";
/** A clock may be ahead of ours by so much before its stamps are taken for those of last year. */
const AHEAD_MAX = 24 * 3600e6;
const YEARS_BACK = 9;
/** What stamps of two inputs may be compared by: a written zone, the zone that was told. */
const ZONE_WRITTEN = 1, ZONE_TOLD = 2;

/** 2001-09-09 to 2100: what ten digits can mean as seconds. */
function isEpoch(seconds) {
  return seconds >= 1e9 && seconds < 4102444800;
}

/** A position in a line. Every reader either takes what it names or leaves the position alone. */
class Cursor {
  constructor(line, at) {
    this.line = line;
    this.at = at;
  }

  peek() {
    return this.line.charAt(this.at);
  }

  eat(text) {
    const found = text !== "" && this.line.startsWith(text, this.at);
    if (found) this.at += text.length;
    return found;
  }

  /** Takes what a sticky expression matches here. */
  take(expression) {
    expression.lastIndex = this.at;
    const found = expression.exec(this.line);
    if (found) this.at += found[0].length;
    return found;
  }

  ahead() {
    return new Cursor(this.line, this.at);
  }

  blanks() {
    return this.take(/[ \t]*/y)[0].length;
  }

  word() {
    return /[^ \t]*/y.exec(this.line.slice(this.at))[0];
  }

  month() {
    const index = MONTHS.indexOf(this.line.substr(this.at, 3));
    if (index < 0) return 0;
    this.at += 3;
    if (this.line.startsWith(LONG_MONTHS[index], this.at)) this.at += LONG_MONTHS[index].length;
    return index + 1;
  }
}

const TIME = /(\d{1,2}):(\d\d):(\d\d)(?!\d)(?:[.,](\d+))?/y;
/** Also behind a narrow blank, as newer systems write it. */
const HALF = /(?:\xe2\x80\xaf|\xc2\xa0|[ \t]*)([AP])M(?![0-9A-Za-z])/y;
const DATE = /(\d{4})([-/.])(\d\d)\2(\d\d)/y;
const ZONE = / ?(?:(?:UTC|GMT)(?![0-9A-Za-z])|([+-])(\d\d):?(\d\d)?(?![0-9A-Za-z]))|Z/y;

function microsOf(fraction) {
  return fraction ? Number((fraction + "000000").slice(0, 6)) : 0;
}

/** Microseconds since midnight, or -1. */
function timeOfDay(cursor) {
  const before = cursor.at;
  const found = cursor.take(TIME);
  if (!found) return -1;
  const [, written, minute, second, fraction] = found;
  const half = cursor.take(HALF);
  let hour = Number(written);
  if (half && half[1] === "A" && hour === 12) hour = 0;
  if (half && half[1] === "P" && hour < 12) hour += 12;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    cursor.at = before;
    return -1;
  }
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Math.min(Number(second), 59);
  return seconds * 1e6 + microsOf(fraction);
}

function isDate(year, month, day) {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(2000, month, 0)).getUTCDate() &&
    (month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)));
}

/** A date and a time, at a point in time when a zone follows. */
function withZone(cursor, year, month, day, time) {
  const found = cursor.take(ZONE);
  const local = { kind: "local", year, month, day, time };
  if (!found) return local;
  let ahead = 0;
  if (found[1]) {
    const [, sign, hours, minutes] = found;
    if (Number(hours) > 23 || Number(minutes || 0) > 59) {
      cursor.at -= found[0].length;
      return local;
    }
    ahead = (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes || 0) * 60);
  }
  return { kind: "instant", micros: utcMicros(year, month, day, time) - ahead * 1e6, ahead };
}

function utcMicros(year, month, day, time) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() * 1000 + time;
}

// The shapes of stamps, each tried where a line begins: { written, end, style } or null.

const SYSLOG = "syslog", RFC5424 = "rfc5424", FREE = "free", BARE = "bare";

function stampAt(line, at) {
  const cursor = new Cursor(line, at);
  const found = stampHere(cursor);
  return found && { ...found, end: found.end === undefined ? cursor.at : found.end };
}

function stampHere(cursor) {
  const first = cursor.peek();
  const styled = (written, style) => written && { written, style };
  if (first === "<") return afterPriority(cursor);
  if (first === "[" || first === "(") return styled(bracketed(cursor), FREE);
  if (first >= "0" && first <= "9") return digits(cursor);
  if (first === "*" || first === ".") {
    cursor.at += 1;
    return styled(namedMonth(cursor), SYSLOG);
  }
  if (first >= "A" && first <= "Z") return letters(cursor);
  if (first >= "a" && first <= "z") return styled((first === "t" && audit(cursor)) || webAccess(cursor), BARE);
  return null;
}

/** `<34>1 2003-…`, `<6>[754] `, `<166>2013-…`, `<13>Nov 12 …`. */
function afterPriority(cursor) {
  if (!cursor.take(/<\d{1,3}>/y)) return null;
  const modern = cursor.ahead();
  if (modern.eat("1 ")) {
    const written = iso(modern);
    if (written) return { written: written.written, end: modern.at, style: RFC5424 };
  }
  cursor.eat(":");
  cursor.blanks();
  if (cursor.peek() === "[") {
    const written = sinceBoot(cursor, false);
    return written && { written, style: BARE };
  }
  return cursor.peek() === "<" ? null : stampHere(cursor);
}

/** `[12345.678901]`; without a fraction only where a priority stands before it. */
function sinceBoot(cursor, fractionNeeded) {
  const ahead = cursor.ahead();
  const found = ahead.take(/\[[ \t]*(\d{1,10})(?:([.,])(\d+))?\]/y);
  if (!found || (fractionNeeded && found[2] !== ".") || isEpoch(Number(found[1]))) return null;
  cursor.at = ahead.at;
  return { kind: "boot", micros: Number(found[1]) * 1e6 + microsOf(found[3]) };
}

function bracketed(cursor) {
  const boot = sinceBoot(cursor, true);
  if (boot) return boot;
  const ahead = cursor.ahead();
  ahead.at += 1;
  // `[I 2013-11-12 …]`, as Python's servers write it.
  ahead.take(/[A-Z] /y);
  const digit = /\d/.test(ahead.peek());
  const found = digit ? (digits(ahead) || {}).written : (letters(ahead) || {}).written;
  if (!found) return null;
  if (!ahead.eat("]")) ahead.eat(")");
  cursor.at = ahead.at;
  return found;
}

/** `12/Nov/2013:11:25:51 +0100`, `12-Nov-2013 11:25:51.123`, `12 Nov 2013 11:25:51`, `12 Nov 11:25:51`. */
function dayMonthYear(cursor) {
  const ahead = cursor.ahead();
  const first = ahead.take(/(\d{1,2})(?!\d)([-/ ])/y);
  const month = first ? ahead.month() : 0;
  if (!month || !ahead.eat(first[2])) return null;
  const day = Number(first[1]);
  const year = yearHere(ahead);
  if (year) {
    ahead.eat(",");
    if (!ahead.eat(":") && !ahead.blanks()) return null;
  } else if (first[2] !== " ") return null;
  const time = timeOfDay(ahead);
  if (time < 0 || !isDate(year || 2000, month, day)) return null;
  const written = year ? withZone(ahead, year, month, day, time) : { kind: "yearless", month, day, time };
  cursor.at = ahead.at;
  return written;
}

/** All in digits, in the order that who writes them has. */
function numericDate(cursor) {
  for (const read of [partedDate, dateInOne]) {
    const ahead = cursor.ahead();
    const written = read(ahead);
    if (!written) continue;
    cursor.at = ahead.at;
    return written;
  }
  return null;
}

function partedDate(cursor) {
  const found = cursor.take(/(\d{1,2})([-/.])(\d{1,2})(?!\d)/y);
  if (!found) return null;
  const [first, separator, second] = [Number(found[1]), found[2], Number(found[3])];
  if (!cursor.eat(separator)) {
    const time = separator === "-" && cursor.eat(" ") ? timeOfDay(cursor) : -1;
    return time >= 0 && isDate(2000, first, second) ? { kind: "yearless", month: first, day: second, time } : null;
  }
  const long = yearHere(cursor);
  const short = !long && separator === "/" ? cursor.take(/\d\d(?!\d)/y) : null;
  cursor.eat(",");
  if (!cursor.blanks()) return null;
  const start = cursor.at;
  const time = timeOfDay(cursor);
  if (time < 0) return null;
  const half = cursor.line.slice(start, cursor.at).endsWith("M");
  // Who writes slashes puts the month first, who writes dots or dashes the day; a number that is no
  // month is none.
  let date = null;
  if (long && first > 12) date = [long, second, first];
  else if (long && (second > 12 || separator === "/")) date = [long, first, second];
  else if (long) date = [long, second, first];
  else if (short) date = half ? [2000 + Number(short[0]), first, second] : [2000 + first, second, Number(short[0])];
  return date && isDate(...date) ? withZone(cursor, ...date, time) : null;
}

/** Six or eight digits, and the time behind them. */
function dateInOne(cursor) {
  const found = cursor.take(/(?:(\d\d)|(\d{4}))(\d\d)(\d\d)(?!\d)/y);
  if (!found) return null;
  const year = found[2] ? Number(found[2]) : 2000 + Number(found[1]);
  const [month, day] = [Number(found[3]), Number(found[4])];
  if (year < 1970 || year >= 2100 || !isDate(year, month, day)) return null;
  let time = -1;
  if (found[2] && cursor.take(/[Tt_-]/y)) {
    time = timeOfDay(cursor);
    if (time < 0) time = compactTime(cursor);
  } else if (cursor.blanks()) time = timeOfDay(cursor);
  return time < 0 ? null : withZone(cursor, year, month, day, time);
}

/** `112551`. */
function compactTime(cursor) {
  const found = cursor.take(/(\d\d)(\d\d)(\d\d)(?!\d)(?:[.,](\d+))?/y);
  if (!found || Number(found[1]) > 23 || Number(found[2]) > 59 || Number(found[3]) > 59) return -1;
  return (Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3])) * 1e6 + microsOf(found[4]);
}

function digits(cursor) {
  const written = iso(cursor);
  if (written) return written;
  const start = cursor.at;
  const seconds = epoch(cursor);
  // With microseconds it is of `journalctl -o short-unix`, and a host follows.
  if (seconds) return { written: seconds, style: cursor.at - start === "1384251951.123456".length ? SYSLOG : BARE };
  const named = yearAndNamedMonth(cursor);
  if (named) return { written: named, style: SYSLOG };
  const date = dayMonthYear(cursor) || numericDate(cursor);
  if (date) return { written: date, style: FREE };
  const access = webAccess(cursor);
  return access && { written: access, style: BARE };
}

/** `2013-11-12T11:25:51.123Z`, also with a blank, a comma, slashes. */
function iso(cursor) {
  const ahead = cursor.ahead();
  const found = ahead.take(DATE);
  if (!found) return null;
  const [year, month, day] = [Number(found[1]), Number(found[3]), Number(found[4])];
  const separator = ahead.take(/[Tt _-]|, /y);
  if (!separator || !isDate(year, month, day)) return null;
  const time = timeOfDay(ahead);
  if (time < 0) return null;
  const written = withZone(ahead, year, month, day, time);
  cursor.at = ahead.at;
  return { written, style: /[Tt]/.test(separator[0]) ? SYSLOG : FREE };
}

/** Seconds (or milliseconds) since 1970 as the first word. */
function epoch(cursor) {
  const ahead = cursor.ahead();
  const found = ahead.take(/(\d{13}|\d{10}(?!\d)(?:[.,](\d+))?)(?!\d)(?=[ \t:,\]|;]|$)/y);
  if (!found) return null;
  const whole = /^\d+/.exec(found[1])[0];
  const micros = whole.length === 13 ? Number(whole) * 1000 : Number(whole) * 1e6 + microsOf(found[2]);
  if (!isEpoch(Math.floor(micros / 1e6))) return null;
  cursor.at = ahead.at;
  return { kind: "instant", micros, ahead: null };
}

/** `2013 Nov 12 11:25:51`. */
function yearAndNamedMonth(cursor) {
  const ahead = cursor.ahead();
  const found = ahead.take(/(\d{4})[ \t]+/y);
  const rest = found && namedMonth(ahead);
  if (!rest || rest.kind !== "yearless" || !isDate(Number(found[1]), rest.month, rest.day)) return null;
  cursor.at = ahead.at;
  return { ...rest, kind: "local", year: Number(found[1]) };
}

/** `192.0.2.1 - - [12/Nov/2013:11:25:51 +0100] "GET …`. */
function webAccess(cursor) {
  const open = cursor.line.slice(cursor.at, cursor.at + 256).indexOf("[");
  if (open < 0) return null;
  const ahead = new Cursor(cursor.line, cursor.at + open + 1);
  const written = dayMonthYear(ahead);
  if (!written || !ahead.eat("]")) return null;
  cursor.at = ahead.at;
  return written;
}

function letters(cursor) {
  const written = klog(cursor);
  if (written) return { written, style: BARE };
  const ahead = cursor.ahead();
  if (ahead.take(/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]*day(?![a-z]))?,?[ \t]+/y)) {
    // `Tue 2013-11-12 11:25:51 UTC fw1 …` is of `journalctl -o short-full`.
    const named = namedMonth(ahead) || dayMonthYear(ahead);
    const full = named ? null : iso(ahead);
    if (!named && !full) return null;
    cursor.at = ahead.at;
    return named ? { written: named, style: FREE } : { written: full.written, style: SYSLOG };
  }
  const named = namedMonth(cursor);
  if (named) return { written: named, style: SYSLOG };
  const access = webAccess(cursor);
  return access && { written: access, style: BARE };
}

/** `I1112 11:25:51.123456`. */
function klog(cursor) {
  const ahead = cursor.ahead();
  const found = ahead.take(/[IWEF](\d\d)(\d\d) /y);
  if (!found || !isDate(2000, Number(found[1]), Number(found[2]))) return null;
  const time = timeOfDay(ahead);
  if (time < 0) return null;
  cursor.at = ahead.at;
  return { kind: "yearless", month: Number(found[1]), day: Number(found[2]), time };
}

/** `Nov 12 11:25:51`, `Nov 12 2013 11:25:51`, `Nov 12, 2013 11:25:51`, `Nov 12 11:25:51 2013`. */
function namedMonth(cursor) {
  const ahead = cursor.ahead();
  const month = ahead.month();
  const day = month ? ahead.take(/[ \t]{1,3}(\d{1,2})(?!\d),?[ \t]+/y) : null;
  if (!day) return null;
  let year = yearHere(ahead);
  if (year) ahead.eat(",");
  if (year && !ahead.blanks()) return null;
  const time = timeOfDay(ahead);
  if (time < 0) return null;
  if (!year) {
    const further = ahead.ahead();
    year = further.eat(" ") ? yearHere(further) : 0;
    if (year && /^[ \]:,]?$/.test(further.peek())) ahead.at = further.at;
    else year = 0;
  }
  if (!isDate(year || 2000, month, Number(day[1]))) return null;
  cursor.at = ahead.at;
  if (year) return withZone(cursor, year, month, Number(day[1]), time);
  return { kind: "yearless", month, day: Number(day[1]), time };
}

/** Four digits that are a year of this time, or 0. */
function yearHere(cursor) {
  const ahead = cursor.ahead();
  const found = ahead.take(/\d{4}(?!\d)/y);
  if (!found || Number(found[0]) < 1970 || Number(found[0]) >= 2100) return 0;
  cursor.at = ahead.at;
  return Number(found[0]);
}

/** `type=AVC msg=audit(1384251951.123:42): …`. */
function audit(cursor) {
  const head = cursor.line.slice(cursor.at, cursor.at + 128);
  const mark = "msg=audit(";
  const at = head.indexOf(mark);
  if (!head.startsWith("type=") || at < 0) return null;
  const ahead = new Cursor(cursor.line, cursor.at + at + mark.length);
  const written = epoch(ahead);
  if (written) cursor.at = ahead.at;
  return written;
}

// The header of a line: stamp and host, behind whatever a paste puts there.

const NO_HOSTS = new Set((
  "trace debug info information notice warn warning err error crit critical fatal alert emerg severe panic " +
  "verbose log in wa er hint utc gmt cet cest bst est edt cst cdt mst mdt pst pdt"
).split(" "));

/** What is written of a time, and the host or null. The line must be free of escapes. */
function header(line) {
  let at = noise(line, 0);
  for (let labels = 0; labels < 3; labels++) {
    if (/\{[ \t]*"/y.test(line.slice(at))) return recordHeader(line, at);
    const pairs = pairsHeader(line, at);
    if (pairs) return pairs;
    const found = stampAt(line, at);
    if (found) {
      const host = found.style === BARE ? null : hostAfter(new Cursor(line, found.end), found.style);
      return { written: found.written, host };
    }
    const next = labelEnd(line, at);
    if (next < 0) break;
    at = noise(line, next);
  }
  const open = firstObject(line.slice(0, 256));
  if (open >= 0) return recordHeader(line, open);
  return { written: null, host: hostWord(new Cursor(line, noise(line, 0)), FREE) };
}

/** Skips what pasting puts before a line: blanks, NUL, quoting, bullets, opening quotes. */
function noise(line, from) {
  const expression = /(?:[ \t\0>"'`]|[-*+|](?=[ \t]).|\xef\xbb\xbf|\xe2\x80\xa2)*/sy;
  expression.lastIndex = from;
  return from + expression.exec(line)[0].length;
}

/**
 * The end of a label before the line proper: a level, something in brackets, a number, a path of `grep -H`,
 * the name of a container.
 */
function labelEnd(line, from) {
  const letters = /^[A-Za-z]*/.exec(line.slice(from, from + 256))[0];
  if (letters.length === 1 || NO_HOSTS.has(letters.toLowerCase())) {
    const level = new Cursor(line, from + letters.length);
    if (level.take(/[:,]?[ \t]+/y)) return level.at;
  }
  if (line.charAt(from) === "[" || line.charAt(from) === "(") {
    const bracket = new Cursor(line, from);
    const end = line.slice(from, from + 64).indexOf(line.charAt(from) === "[" ? "]" : ")");
    bracket.at = from + end + 1;
    return end >= 0 && bracket.take(/:?[ \t]+/y) ? bracket.at : -1;
  }
  const number = new Cursor(line, from);
  if (number.take(/\d{1,7}(?!\d)[:.\t ]/y)) return number.at;
  const window = line.slice(from, from + 256);
  const word = /^[^ \t]*/.exec(window)[0];
  const colon = word.indexOf(":");
  if (colon >= 0 && colon + 1 < word.length) return from + colon + 1;
  const after = new Cursor(line, from + word.length);
  return after.blanks() > 0 && after.eat("|") ? after.at : -1;
}

function hostAfter(cursor, style) {
  if (style === RFC5424) {
    cursor.eat(" ");
    const word = cursor.word();
    return isHostName(word) && word !== "-" ? word : null;
  }
  // One blank and no more: two mean that the place of the host is empty.
  if (cursor.blanks() !== 1) return null;
  if (cursor.peek() === "<") {
    const priority = cursor.word();
    if (!priority.endsWith(">")) return null;
    cursor.at += priority.length;
    cursor.blanks();
  }
  return hostWord(cursor, style);
}

/** A word that is a host because of what follows it: the tag of a program, or a Cisco message. */
function hostWord(cursor, style) {
  const word = cursor.word();
  const colon = word.endsWith(":");
  const name = colon ? word.slice(0, -1) : word;
  if (!isHostName(name) || NO_HOSTS.has(name.toLowerCase())) return null;
  const after = new Cursor(cursor.line, cursor.at + word.length);
  if (after.blanks() !== 1) return null;
  if (after.eat(": ") || colon) return after.peek() === "%" ? name : null;
  const tag = after.word();
  const isTag =
    style === SYSLOG
      ? tag.startsWith("%") || (tag.endsWith(":") && tag.length > 1) || after.line.startsWith("last message ", after.at)
      : /.\[\d+\]:$/.test(tag);
  return isTag ? name : null;
}

function isHostName(word) {
  return word.length <= 255 && /^(?:[0-9A-Za-z]|::)[0-9A-Za-z._:%-]*$/.test(word);
}

// What a stamp leaves open, settled.

/** From where stamps are looked at: `now` and the age of the input, in microseconds, and a zone. */
function reference(options, modified) {
  // An archive may say that its files were written in 1970 or 1980.
  const real = modified !== null && modified !== undefined && modified >= 1e15;
  const latest = real ? Math.min(modified, options.now) : options.now;
  return { zone: options.zone, latest, year: zoned(options.zone, options.now).year };
}

/** A stamp with nothing open, or null when it is no point in time at all. */
function resolve({ zone, latest, year }, written) {
  const told = (micros, guessedYear) => ({ stamp: { clock: WALL, micros }, zones: ZONE_TOLD, guessedYear });
  switch (written.kind) {
    case "boot":
      return { stamp: { clock: BOOT, micros: written.micros }, zones: 0, guessedYear: null };
    case "instant": {
      const same = written.ahead === null || written.ahead === offset(zone, written.micros);
      const zones = same ? ZONE_WRITTEN | ZONE_TOLD : ZONE_WRITTEN;
      return { stamp: { clock: WALL, micros: written.micros }, zones, guessedYear: null };
    }
    case "local":
      return told(instant(zone, written.year, written.month, written.day, written.time), null);
    default: {
      const limit = latest + AHEAD_MAX;
      const newest = zoned(zone, limit).year;
      for (let back = 0; back < YEARS_BACK; back++) {
        if (!isDate(newest - back, written.month, written.day)) continue;
        const micros = instant(zone, newest - back, written.month, written.day, written.time);
        if (micros <= limit) return told(micros, newest - back === year ? null : newest - back);
      }
      return null;
    }
  }
}

const FORMATS = new Map();

/** The date and time on the clocks of a zone (of the reader when it is null). */
function zoned(zone, micros) {
  if (!FORMATS.has(zone)) {
    const fields = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
    FORMATS.set(zone, new Intl.DateTimeFormat("en-US", { ...fields, hourCycle: "h23", era: "short", timeZone: zone || undefined }));
  }
  const parts = {};
  for (const { type, value } of FORMATS.get(zone).formatToParts(new Date(micros / 1000))) parts[type] = Number(value);
  return parts;
}

/** Seconds that a zone is ahead of UTC at a point in time. */
function offset(zone, micros) {
  const whole = Math.floor(micros / 1e6);
  const { year, month, day, hour, minute, second } = zoned(zone, whole * 1e6);
  return Math.round(utcMicros(year, month, day, ((hour * 60 + minute) * 60 + second) * 1e6) / 1e6 - whole);
}

/** Of an hour that comes twice the first is taken, in an hour that is left out the next. */
function instant(zone, year, month, day, time) {
  const naive = utcMicros(year, month, day, time);
  const before = offset(zone, naive - 86400e6), after = offset(zone, naive + 86400e6);
  for (const ahead of [before, after]) {
    if (offset(zone, naive - ahead * 1e6) === ahead) return naive - ahead * 1e6;
  }
  return naive - before * 1e6;
}
