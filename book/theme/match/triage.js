// Logs in, ranked results out: the same steps as `kb match`, without its suggestions by words.

const VALUE_BYTES_MAX = 4096, TEXT_BYTES_MAX = 480, BEFORE_BYTES = 160;
const LINE_HEAD_BYTES = 16 << 10;
const INSTANCES_MAX = 1000, EVIDENCE_MAX = 3, MISSING_MAX = 5, NAMED_MAX = 3, SUPPORT_VALUES_MAX = 8;

/** A table made ready: expressions compiled, needles sorted in. */
function prepare(table) {
  if (table.kb !== 1) throw new Error(`the table is of version ${table.kb}, and this page knows 1`);
  const signatures = [];
  table.runbooks.forEach((runbook, index) => {
    runbook.symptoms.forEach((symptom, block) => {
      symptom.steps.forEach((step, at) => {
        step.alternatives.forEach((signature, alternative) => {
          const compiled = new RegExp(signature.regex, "d");
          signatures.push({ ...signature, compiled, runbook: index, block, step: at, alternative });
        });
      });
    });
  });
  const allowed = table.runbooks.map(({ parameters }) =>
    new Map(parameters.map(({ name, pattern, regex }) => [name, { pattern, regex: new RegExp(regex) }]))
  );
  return { runbooks: table.runbooks, allowed, ...scanner(signatures) };
}

/**
 * Matches inputs ({ name, bytes, modified }) against a prepared table. Options: `now` in microseconds,
 * `zone` (null: the reader's), `since` and `until`. `progress` is told how many bytes were read.
 */
function triage(engine, inputs, options, progress = () => {}) {
  const state = { engine, options, entries: [], record: [], recordHead: "", notices: new Notices() };
  const summaries = [];
  const bounds = { lines: 0, ends: [] };
  let before = 0;
  inputs.forEach((input, file) => {
    const records = new Records(input, file, options);
    const SLICE = 4 << 20;
    const take = (start, parts) => takeLine(state, records, start, parts);
    for (let from = 0, to; from < input.bytes.length; from = to) {
      const feed = from + SLICE < input.bytes.length ? input.bytes.indexOf(LINE_FEED, from + SLICE) : -1;
      to = feed < 0 ? input.bytes.length : feed + 1;
      if (to <= PASTE_BYTES_MAX && from === 0) scanPaste(engine, input.bytes, take);
      else scan(engine, input.bytes, from, to, take);
      progress(before + to);
    }
    before += input.bytes.length;
    const lines = records.count();
    bounds.lines += lines;
    bounds.ends.push(records.ends(lines));
    summaries.push({ name: input.name, lines, bytes: input.bytes.length });
  });
  endRecord(state);
  const results = engine.runbooks.flatMap((runbook, index) => {
    const outcomes = judgeBlocks(runbook, state.entries.filter((entry) => entry.runbook === index));
    return resultsOf(engine, runbook, index, outcomes, { inputs, bounds }, options.now, state.notices.sentences);
  });
  results.sort((one, other) => one.tier - other.tier || other.score.total - one.score.total || compare(one.runbook, other.runbook));
  return { results, inputs: summaries, notices: state.notices.all() };
}

class Notices {
  constructor() {
    this.years = new Set();
    this.untimed = false;
    this.sentences = [];
  }

  all() {
    const said = [];
    if (this.years.size) {
      const years = [...this.years].sort((one, other) => one - other).join(", ");
      said.push(`Times without a year were taken as the nearest past: ${years}.`);
    }
    if (this.untimed) said.push("Lines without a date were kept: whether they are in the time asked for is not known.");
    return [...said, ...this.sentences];
  }
}

// Records: a stamped line with the unstamped lines below it.

class Records {
  constructor(input, file, options) {
    this.bytes = input.bytes;
    this.file = file;
    this.reference = reference(options, input.modified);
    this.counted = 0;
    this.lines = 1;
    this.last = null;
    this.clock = null;
    this.key = -Infinity;
  }

  /** The number of the line that begins at a place; places come in order. */
  number(start) {
    for (let feed; (feed = this.bytes.indexOf(LINE_FEED, this.counted)) >= 0 && feed < start; ) {
      this.counted = feed + 1;
      this.lines++;
    }
    return this.lines;
  }

  count() {
    this.number(this.bytes.length);
    return this.bytes.length > this.counted ? this.lines : this.lines - 1;
  }

  at(start, number) {
    if (this.last && this.last.number === number) return this.last.record;
    const record = this.find(start, number);
    this.last = { number, record };
    return record;
  }

  find(start, number) {
    let record = this.read(start, number);
    const own = record.host;
    for (let above = number - 1; !record.stamp && above > 0 && number - above < LINES_WITHOUT_TIMES; above--) {
      if (this.last && this.last.number === above) {
        record = this.last.record;
        break;
      }
      start = start > 1 ? this.bytes.lastIndexOf(LINE_FEED, start - 2) + 1 : 0;
      record = this.read(start, above);
    }
    if (!record.stamp) return { stamp: null, zones: 0, guessedYear: null, host: own, head: number };
    return { ...record, host: own === null ? record.host : own };
  }

  read(start, number) {
    while (this.bytes[start] === 0) start++;
    const feed = this.bytes.indexOf(LINE_FEED, start);
    const end = Math.min(feed < 0 ? this.bytes.length : feed, start + LINE_HEAD_BYTES);
    const { written, host } = header(clean(latin(this.bytes, start, end)));
    const resolved = written && resolve(this.reference, written);
    return { stamp: null, zones: 0, guessedYear: null, ...resolved, host, head: number };
  }

  /** The first and the last line that have a stamp, near the ends. */
  ends(lines) {
    const edge = (from, to, number, backward) => {
      const text = latin(this.bytes, from, to).split("\n");
      for (const line of backward ? text.reverse() : text) {
        const { written } = header(clean(line));
        const resolved = written && resolve(this.reference, written);
        if (resolved) return { key: 0, file: this.file, line: number, part: 0, stamp: resolved.stamp, zones: resolved.zones };
      }
      return { key: 0, file: this.file, line: number, part: 0, stamp: null, zones: 0 };
    };
    const { length } = this.bytes;
    return {
      first: edge(0, Math.min(length, EDGE_BYTES), 1, false),
      last: edge(Math.max(0, length - EDGE_BYTES), length, Math.max(lines, 1), true),
    };
  }

  mark({ stamp, zones }, line) {
    if (stamp) {
      if (this.clock === null) this.clock = stamp.clock;
      if (this.clock === stamp.clock) this.key = stamp.micros;
    }
    return { key: this.key, file: this.file, line, part: 0, stamp, zones };
  }
}

// From lines to hits.

function takeLine(state, records, start, parts) {
  const { options, notices } = state;
  const number = records.number(start);
  const record = records.at(start, number);
  const mark = records.mark(record, number);
  if (!inSpan(mark, options, notices)) return;
  if (record.guessedYear !== null) notices.years.add(record.guessedYear);
  const head = `${mark.file} ${record.head}`;
  if (state.recordHead !== head) {
    endRecord(state);
    state.recordHead = head;
  }
  const spoken = [];
  for (const { part, text, matches } of parts) {
    takePart(state, { part, text, matches, record, mark: { ...mark, part: Math.max(part, 0) } }, spoken);
  }
}

function takePart(state, { part, text, matches, record, mark }, spoken) {
  const { engine } = state;
  const before = spoken.length;
  for (const { signature, match } of matches) {
    // Of the alternatives of a step the first that matches speaks for the line, and what the message
    // says is not said again by what stands beside it.
    const step = `${signature.runbook} ${signature.block} ${signature.step}`;
    if (part < 0 ? spoken.includes(step) : spoken.length > before && spoken[spoken.length - 1] === step) continue;
    const values = valuesOf(signature, match);
    if (!values) continue;
    spoken.push(step);
    const symptom = engine.runbooks[signature.runbook].symptoms[signature.block];
    const entry = {
      runbook: signature.runbook,
      block: signature.block,
      step: signature.step,
      alternative: signature.alternative,
      mark,
      host: record.host,
      binding: binding(symptom.anyhost ? null : record.host, values),
      ...excerpt(text, match.indices[0]),
    };
    // Plain alternatives are refuted by lines of the same record.
    const byRecord = symptom.mode === "any" && symptom.steps.some(({ negated }) => negated);
    (byRecord ? state.record : state.entries).push(entry);
  }
}

function inSpan({ stamp }, { since, until }, notices) {
  if ((since === null || since === undefined) && (until === null || until === undefined)) return true;
  if (!stamp || stamp.clock !== WALL) {
    notices.untimed = true;
    return true;
  }
  return !(since !== null && since !== undefined && stamp.micros < since) &&
    !(until !== null && until !== undefined && stamp.micros > until);
}

/** The values of a match, sorted by name; null when one name has two of them. */
function valuesOf(signature, match) {
  const values = new Map();
  for (const [at, name] of signature.groups.entries()) {
    if (name === null || match[at + 1] === undefined) continue;
    // One byte beyond the limit tells later that a value is too long to be used.
    const value = match[at + 1].slice(0, VALUE_BYTES_MAX + 1);
    if (values.has(name) && values.get(name) !== value) return null;
    values.set(name, value);
  }
  return [...values].sort(compareValues);
}

/** The line, or the part of it around a match, and where the match is in that. */
function excerpt(line, [from, to]) {
  if (line.length <= TEXT_BYTES_MAX) return { text: line, matched: [from, to] };
  const boundary = (at) => {
    for (let start = at; start > at - 4 && start >= 0; start--) {
      if ((line.charCodeAt(start) & 0xc0) !== 0x80) return start;
    }
    return at;
  };
  const cut = "\xe2\x80\xa6";
  const start = boundary(Math.min(Math.max(from - BEFORE_BYTES, 0), line.length - TEXT_BYTES_MAX));
  const end = boundary(start + TEXT_BYTES_MAX);
  const before = start > 0 ? cut : "";
  const shift = (at) => Math.min(Math.max(at, start), end) - start + before.length;
  return { text: before + line.slice(start, end) + (end < line.length ? cut : ""), matched: [shift(from), shift(to)] };
}

function endRecord(state) {
  const { engine, record } = state;
  state.record = [];
  const negated = (entry) => engine.runbooks[entry.runbook].symptoms[entry.block].steps[entry.step].negated;
  const refuting = record.filter(negated);
  const stands = (entry) => !refuting.some(
    (other) => other.runbook === entry.runbook && other.block === entry.block && agrees(other.binding, entry.binding)
  );
  state.entries.push(...record.filter((entry) => !negated(entry) && stands(entry)));
}

/** What each block of a runbook came to. */
function judgeBlocks(runbook, entries) {
  return runbook.symptoms.map((symptom, block) => {
    const hits = entries.filter((entry) => entry.block === block);
    hits.sort((one, other) => compareMarks(one.mark, other.mark) || one.step - other.step);
    const judge = evaluator(symptom);
    for (let at = 0, end; at < hits.length; at = end) {
      end = at + 1;
      while (end < hits.length && compareMarks(hits[at].mark, hits[end].mark) === 0) end++;
      judge.feed(hits.slice(at, end));
    }
    return judge.finish();
  });
}

// Instances: what the blocks of a runbook came to, put together by host and values.

const SUPPORT = 0, LOW = 1;
const MATCH = 0, POSSIBLE = 1;

function draft(block, symptom, tally) {
  return {
    binding: tally.binding,
    host: tally.host === null ? tally.binding.host : tally.host,
    counts: new Map([[block, { count: tally.count, byLine: symptom.mode === "any" }]]),
    first: tally.first,
    last: tally.last,
    hits: tally.hits.map((hit) => ({ block, hit })),
    latest: [{ block, hit: tally.latest }],
    blocks: new Set([block]),
    seen: new Map([...tally.seen.values()].map((place) => [`${block} ${place.join(" ")}`, [block, ...place]])),
    assumed: new Set(tally.assumed ? [block] : []),
    agreed: tally.agreed,
    completeness: 1,
    missing: [],
    support: [],
    supportBlocks: new Set(),
  };
}

/** Two blocks that see the same trouble see it at the same times: that is not twice as often. */
function timesOf(one) {
  return Math.max(...[...one.counts.values()].map(({ count }) => count));
}

function absorb(into, other) {
  for (const [block, { count, byLine }] of other.counts) {
    const own = into.counts.get(block);
    const times = !own ? count : byLine ? own.count + count : Math.max(own.count, count);
    into.counts.set(block, { count: times, byLine });
  }
  if (compareMarks(other.first, into.first) < 0) into.first = other.first;
  if (compareMarks(other.last, into.last) >= 0) into.last = other.last;
  if (into.host === null) into.host = other.host;
  into.hits.push(...other.hits);
  into.latest.push(...other.latest);
  other.blocks.forEach((block) => into.blocks.add(block));
  other.seen.forEach((place, key) => into.seen.set(key, place));
  other.assumed.forEach((block) => into.assumed.add(block));
  into.agreed = Math.max(into.agreed, other.agreed);
  into.completeness = Math.max(into.completeness, other.completeness);
  into.missing.push(...other.missing);
}

function drafts(runbook, outcomes, bounds) {
  let matches = [], possible = [];
  outcomes.forEach((outcome, block) => {
    const symptom = runbook.symptoms[block];
    if (symptom.weight === SUPPORT) return;
    const found = outcome.complete.map((tally) => completeDraft(block, symptom, tally));
    if (symptom.weight === LOW) {
      possible.push(...found.map((one) => ({ ...one, missing: [stronger(runbook)] })));
      return;
    }
    matches.push(...found);
    for (const tally of outcome.partial) {
      if (!leavesOpen(bounds, symptom, tally) || saysLittle(symptom, tally)) continue;
      const { steps, most } = tally.progress;
      const [seen, wanted] = symptom.mode === "count" ? [most, symptom.count] : [steps.length, wantedHits(symptom)];
      const completeness = Math.min(seen / Math.max(wanted, 1), 1);
      possible.push({ ...incompleteDraft(block, symptom, tally), completeness, missing: missing(symptom, tally.progress) });
    }
  });
  // Of what is identified, the incomplete rest is no news.
  const sameHost = (one, other) => one.host === null || other.host === null || one.host === other.host;
  possible = possible.filter((rest) => !matches.some((found) => sameHost(found, rest)));
  [matches, possible] = [merged(matches), merged(possible)];
  [...matches, ...possible].forEach((one) => addSupport(one, runbook, outcomes));
  return { matches, possible };
}

/** A complete set: every step of it was seen, whichever hits are kept. */
function completeDraft(block, symptom, tally) {
  const one = draft(block, symptom, tally);
  if (symptom.mode !== "all" && symptom.mode !== "sequence") return one;
  symptom.steps.forEach((step, at) => {
    const seen = [...tally.seen.values()].some(([known]) => known === at);
    if (!step.negated && !seen) one.seen.set(`${block} ${at} 0`, [block, at, 0]);
  });
  return one;
}

/** An incomplete set: only what was seen together counts. */
function incompleteDraft(block, symptom, tally) {
  const one = draft(block, symptom, tally);
  const { steps } = tally.progress;
  for (const [key, [, step]] of [...one.seen]) {
    if (steps.length && !steps.includes(step)) one.seen.delete(key);
  }
  return one;
}

/** True when all that was seen of a `broad` block are lines that many programs print. */
function saysLittle(symptom, tally) {
  const { steps } = tally.progress;
  const together = [...tally.seen.values()].filter(([step]) => !steps.length || steps.includes(step));
  return symptom.broad && together.every(([step, alternative]) => symptom.steps[step].alternatives[alternative].little);
}

function wantedHits(symptom) {
  return symptom.steps.filter(({ negated }) => !negated).reduce((sum, step) => sum + Math.max(step.at_least, 1), 0);
}

/** Drafts that say nothing but what one other says too, joined to that. */
function merged(found) {
  const said = ({ binding: of }) => of.values.length + (of.host === null ? 0 : 1);
  found.sort((one, other) => said(other) - said(one) || compareBindings(one.binding, other.binding));
  const kept = [];
  for (const one of found) {
    const covering = kept.filter((known) => covers(known.binding, one.binding));
    if (covering.length === 1) absorb(covering[0], one);
    else if (!sameLines(covering, one)) kept.push(one);
  }
  return kept.sort((one, other) => compareMarks(other.last, one.last));
}

function sameLines(others, one) {
  if (!others.length) return false;
  const first = others.map((other) => other.first).sort(compareMarks)[0];
  const end = others.map((other) => other.last).sort(compareMarks).pop();
  const count = others.reduce((sum, other) => sum + timesOf(other), 0);
  return compareMarks(first, one.first) === 0 && compareMarks(end, one.last) === 0 && count >= timesOf(one);
}

function addSupport(one, runbook, outcomes) {
  outcomes.forEach((outcome, block) => {
    if (runbook.symptoms[block].weight !== SUPPORT) return;
    for (const { binding: says } of outcome.complete) {
      if (!agrees(says, one.binding)) continue;
      one.supportBlocks.add(block);
      for (const [name, value] of says.values) {
        const known = one.support.filter(([other]) => other === name);
        const isNew = valueOf(one.binding, name) === null && !known.some(([, theirs]) => theirs === value);
        if (isNew && known.length < SUPPORT_VALUES_MAX) one.support.push([name, value]);
      }
    }
  });
}

// Results.

function resultsOf(engine, runbook, index, outcomes, { inputs, bounds }, now, notices) {
  const { matches, possible } = drafts(runbook, outcomes, bounds);
  outcomes.forEach(({ bitten }, block) => {
    for (const limit of [...bitten].sort()) {
      notices.push(`\`${runbook.id}\`, block in line ${runbook.symptoms[block].line}: ${LIMITS[limit]}.`);
    }
  });
  return [[MATCH, matches], [POSSIBLE, possible]]
    .filter(([, found]) => found.length)
    .map(([tier, found]) => result(engine, runbook, index, tier, found, inputs, now, notices));
}

const LIMITS = {
  evicted: `more than ${HELD_MAX} incomplete sets were open at once; the oldest were given up`,
  repeats: "fewer repetitions than it asks for were taken as enough",
  search: "not every way to combine its lines was tried",
};

function result(engine, runbook, index, tier, found, inputs, now, notices) {
  if (found.length > INSTANCES_MAX) {
    notices.push(`\`${runbook.id}\`: only the newest ${INSTANCES_MAX} of ${found.length} instances are listed.`);
  }
  const notes = new Set();
  const instances = found
    .slice(0, INSTANCES_MAX)
    .map((one) => instance(runbook, engine.allowed[index], one, inputs, notes));
  for (const block of found.flatMap((one) => [...one.assumed])) {
    const { within } = runbook.symptoms[block];
    if (within === null) continue;
    notes.add(
      `No times tell how far its lines are apart: the window of ${duration(within)} is taken as met, because ` +
        `they are at most ${LINES_WITHOUT_TIMES} lines apart.`
    );
  }
  const sentences = [...new Set(found.flatMap((one) => one.missing))].slice(0, MISSING_MAX);
  const scores = found.map((one) => scoreOf(runbook, one, now));
  return {
    runbook: runbook.id,
    title: runbook.title,
    tier,
    score: scores.reduce((best, other) => (other.total >= best.total ? other : best)),
    instances,
    missing: tier === POSSIBLE ? sentences : [],
    notes: [...notes],
  };
}

function instance(runbook, allowed, one, inputs, notes) {
  const place = (name) => {
    const at = runbook.parameters.findIndex((parameter) => parameter.name === name);
    return at < 0 ? Infinity : at;
  };
  const values = [...one.binding.values, ...one.support];
  const before = ([name], [other]) => (place(name) === place(other) ? compare(name, other) : place(name) - place(other));
  const captures = [], refused = [];
  for (const [name, value] of values.sort(before)) {
    const why = whyRefused(allowed.get(name), name, value);
    if (why) notes.add(why);
    (why ? refused : captures).push({ name, value: value.slice(0, VALUE_BYTES_MAX) });
  }
  return {
    host: one.host,
    captures,
    refused,
    count: timesOf(one),
    first: one.first.stamp,
    last: one.last.stamp,
    evidence: evidence(runbook, one, inputs),
  };
}

function whyRefused(parameter, name, value) {
  if (value.length > VALUE_BYTES_MAX) {
    return `A value of \`${name}\` is longer than ${VALUE_BYTES_MAX} bytes and is not used.`;
  }
  if (!parameter || parameter.regex.test(value)) return "";
  return `A value of \`${name}\` does not match \`${parameter.pattern}\` and is not used.`;
}

/** The lines to show: of the first occurrence, a few more, and the last. */
function evidence(runbook, one, inputs) {
  let shown = [...one.hits].sort((a, b) => compareMarks(a.hit.mark, b.hit.mark) || a.block - b.block);
  shown = shown.filter(({ hit }, at) => at === 0 || compareMarks(shown[at - 1].hit.mark, hit.mark) !== 0);
  if (one.blocks.size > 1) {
    shown = shown.slice(0, Math.max(EVIDENCE_MAX, runbook.symptoms[shown[0].block].steps.length));
  }
  const latest = one.latest.reduce((best, other) => (compareMarks(other.hit.mark, best.hit.mark) >= 0 ? other : best));
  if (compareMarks(latest.hit.mark, shown[shown.length - 1].hit.mark) > 0) shown.push(latest);
  return shown.map(({ block, hit }) => {
    const signature = runbook.symptoms[block].steps[hit.step].alternatives[hit.alternative];
    return {
      input: inputs[hit.mark.file].name,
      line: hit.mark.line,
      text: hit.text,
      matched: hit.matched,
      stamp: hit.mark.stamp,
      signature: signature.text,
      runbookLine: signature.line,
    };
  });
}

// What would make an incomplete block complete, in words.

function missing(symptom, { steps, most }) {
  const within = symptom.within === null ? null : duration(symptom.within);
  const inTime = within === null ? "" : ` within ${within}`;
  const unseen = symptom.steps
    .map((step, at) => [step, Math.max(step.at_least, 1) - steps.filter((seen) => seen === at).length])
    .filter(([step, wanted]) => !step.negated && wanted > 0)
    .slice(0, NAMED_MAX);
  switch (symptom.mode) {
    case "any":
      return symptom.steps
        .filter((step) => !step.negated && step.at_least > 1)
        .map((step) => counted(step.at_least, [step], inTime, most))
        .slice(0, NAMED_MAX);
    case "count":
      return [counted(symptom.count, symptom.steps, inTime, most)];
    case "all":
      if (!unseen.length) return [unjoined(symptom, inTime)];
      return unseen.map(([step, wanted]) => `${lineLike(step, wanted)}${within === null ? "" : `${inTime} of it`}.`);
    default: {
      if (!unseen.length) return [unjoined(symptom, inTime)];
      const next = unseen.map(([step, wanted]) => lineLike(step, wanted)).join(", then ");
      return [`${next.replaceAll(", then A ", ", then a ")} after it${within === null ? "" : `, within ${within}`}.`];
    }
  }
}

function stronger(runbook) {
  const steps = runbook.symptoms.filter(({ weight }) => weight > LOW).flatMap((symptom) => symptom.steps);
  const step = steps.find(({ negated }) => !negated);
  if (!step) return "No log line identifies it; only its checks can tell.";
  return `${lineLike(step, step.at_least)}; this line alone does not identify it.`;
}

function lineLike(step, wanted) {
  const text = step.alternatives.length ? step.alternatives[0].wording : "";
  return wanted <= 1 ? `A line like \`${text}\`` : `${wanted} lines like \`${text}\``;
}

function counted(wanted, steps, inTime, most) {
  const step = steps.find(({ negated }) => !negated);
  return `${step ? lineLike(step, wanted) : ""}${inTime}, with the same values; the most seen is ${most}.`;
}

function unjoined(symptom, inTime) {
  return `All its lines${symptom.anyhost ? "" : " of one host"} with the same values${inTime}.`;
}

/** A duration in microseconds as a person writes it. */
function duration(micros) {
  let left = Math.floor(micros / 1e6);
  const parts = [];
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
    if (left >= size) parts.push(`${Math.floor(left / size)} ${unit}`);
    left %= size;
  }
  return parts.length ? parts.join(" ") : `${Math.floor(micros / 1000)} ms`;
}
