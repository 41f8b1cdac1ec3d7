// Symptom blocks judged over their hits, which come in the order of time, one line at a time.
//
// The same rules as kb's own evaluators, step by step: what is kept is what may still become
// complete. kb gives up the oldest sets when there are thousands at once and says so; here the whole
// log is at hand, and only the search of an `all` is cut.

const FIRST_HITS_MAX = 8, HITS_KEPT = 3, OPEN_HITS_MAX = 16, TRIES_MAX = 4000, HELD_MAX = 1000, COUNT_MAX = 10000, REPEATS_MAX = 1000;

/** An evaluator of one block: `feed` takes the hits of a line, `finish` gives what came of them. */
function evaluator(symptom) {
  const refutable = symptom.steps.some((step) => step.negated);
  const ledger = {
    within: symptom.within,
    refutable,
    complete: new Map(),
    partial: new Map(),
    bitten: new Set(),
  };
  const limited = (wanted, limit) => {
    if (wanted > limit) ledger.bitten.add("repeats");
    return Math.min(Math.max(wanted, 1), limit);
  };
  const mode = {
    any: () => anyMode(symptom, ledger, limited),
    all: () => allMode(symptom, ledger, refutable, limited),
    sequence: () => sequenceMode(symptom, ledger, limited),
    count: () => countMode(symptom, ledger, refutable, limited),
  }[symptom.mode]();
  return {
    feed(hits) {
      const refuting = hits.filter((hit) => symptom.steps[hit.step].negated);
      const steps = hits.filter((hit) => !symptom.steps[hit.step].negated);
      mode.feed(steps, refuting);
    },
    finish() {
      mode.finish();
      const byBinding = (one, other) => compareBindings(one.binding, other.binding);
      return {
        complete: [...ledger.complete.values()].sort(byBinding),
        partial: settled(ledger).sort(byBinding),
        bitten: ledger.bitten,
      };
    },
  };
}

// Tallies: occurrences with one set of values, summed up.

function last(found) {
  return found.hits[found.hits.length - 1].mark;
}

function newTally(found) {
  const tally = {
    binding: found.binding,
    count: 1,
    first: found.hits[0].mark,
    last: last(found),
    hits: found.hits.slice(0, FIRST_HITS_MAX),
    latest: found.hits[found.hits.length - 1],
    host: null,
    hostsDiffer: false,
    assumed: found.assumed,
    agreed: agreedNames(found),
    end: last(found),
  };
  tally.seen = new Map();
  noteSeen(tally, found);
  noteHosts(tally, found);
  return tally;
}

function addTo(tally, found) {
  noteSeen(tally, found);
  if (compareMarks(last(found), tally.end) <= 0) return;
  tally.last = last(found);
  tally.latest = found.hits[found.hits.length - 1];
  if (compareMarks(found.hits[0].mark, tally.end) > 0) {
    tally.count++;
    tally.end = last(found);
  }
  tally.assumed = tally.assumed || found.assumed;
  for (const hit of found.hits) {
    const newest = tally.hits[tally.hits.length - 1].mark;
    if (tally.hits.length < HITS_KEPT && compareMarks(hit.mark, newest) > 0) tally.hits.push(hit);
  }
  noteHosts(tally, found);
}

function noteSeen(tally, found) {
  for (const { step, alternative } of found.hits) tally.seen.set(`${step} ${alternative}`, [step, alternative]);
}

function noteHosts(tally, found) {
  for (const { host } of found.hits) {
    if (host === null || tally.hostsDiffer) continue;
    if (tally.host === null) tally.host = host;
    else if (tally.host !== host) {
      tally.host = null;
      tally.hostsDiffer = true;
    }
  }
}

function agreedNames(found) {
  const often = (name) => found.hits.filter((hit) => valueOf(hit.binding, name) !== null).length > 1;
  return found.binding.values.filter(([name]) => often(name)).length;
}

function complete(ledger, found) {
  const known = ledger.complete.get(found.binding.key);
  if (known) addTo(known, found);
  else ledger.complete.set(found.binding.key, newTally(found));
}

// Hits that may stay incomplete: open until a complete set uses them or a line refutes them. Of a
// block without lines that must not occur nothing is ever taken back.

function openHit(ledger, hit) {
  if (!ledger.partial.has(hit.binding.key)) {
    ledger.partial.set(hit.binding.key, { binding: hit.binding, hits: [], tally: null, steps: [], most: 0 });
  }
  const open = ledger.partial.get(hit.binding.key);
  open.hits.push(hit);
  if (open.hits.length > (ledger.refutable ? OPEN_HITS_MAX : 0)) settle(open, open.hits.shift());
}

function settle(open, hit) {
  const single = { binding: open.binding, hits: [hit], assumed: false };
  if (open.tally) addTo(open.tally, single);
  else open.tally = newTally(single);
}

function close(ledger, said, upTo) {
  const open = ledger.partial.get(said.key);
  if (open) open.hits = open.hits.filter((hit) => compareMarks(hit.mark, upTo) > 0);
}

function closeWhere(ledger, refuted) {
  for (const open of ledger.partial.values()) open.hits = open.hits.filter((hit) => !refuted(hit));
}

function reached(ledger, said, most, steps) {
  const open = ledger.partial.get(said.key);
  if (open && open.most < most) Object.assign(open, { most, steps: steps() });
}

function settled(ledger) {
  const left = [];
  for (const open of ledger.partial.values()) {
    open.hits.forEach((hit) => settle(open, hit));
    if (open.tally) left.push({ ...open.tally, progress: { steps: open.steps, most: open.most } });
  }
  return left;
}

// Lines that must not occur, and complete sets that one may still refute.

function newRefuting() {
  const latest = new Map();
  return {
    add(hit) {
      latest.set(`${hit.mark.file} ${hit.binding.key}`, hit);
    },
    refutes(said, first, within) {
      for (const hit of latest.values()) {
        const before = compareMarks(hit.mark, first) < 0;
        const found = before ? gap(hit.mark, first, within) : gap(first, hit.mark, within);
        if (isMet(found) && agrees(hit.binding, said)) return true;
      }
      return false;
    },
  };
}

function newPending() {
  let waiting = [];
  const take = (wanted) => {
    const taken = waiting.filter(wanted);
    waiting = waiting.filter((found) => !wanted(found));
    return taken;
  };
  return {
    push: (found) => waiting.push(found),
    refute: (hit, within) =>
      take((found) => agrees(found.binding, hit.binding) && isMet(gap(last(found), hit.mark, within))),
    release: (now, within) => take((found) => gap(last(found), now, within) === OVER),
    releaseAll: () => take(() => true),
  };
}

// Each line stands for itself; steps that want several hits are counted.

function anyMode(symptom, ledger, limited) {
  const counts = symptom.steps.map((step) =>
    step.at_least > 1 ? counter(limited(step.at_least, COUNT_MAX), false, ledger) : null
  );
  return {
    feed(steps) {
      for (const hit of steps) if (counts[hit.step]) counts[hit.step].feed(hit);
      for (const hit of joined(steps.filter((hit) => !counts[hit.step]))) {
        complete(ledger, { binding: hit.binding, hits: [hit], assumed: false });
      }
    },
    finish() {
      for (const count of counts) if (count) count.finish();
    },
  };
}

/** Without the hits that say nothing that another one of the same line does not say. */
function joined(hits) {
  let kept = [];
  for (const hit of hits) {
    if (kept.some((other) => covers(other.binding, hit.binding))) continue;
    kept = kept.filter((other) => !covers(hit.binding, other.binding));
    kept.push(hit);
  }
  return kept;
}

// So many hits with the same values within the window.

function countMode(symptom, ledger, refutable, limited) {
  const count = counter(limited(symptom.count, COUNT_MAX), refutable, ledger);
  return {
    feed(steps, refuting) {
      count.refute(refuting);
      joined(steps).forEach(count.feed);
    },
    finish: count.finish,
  };
}

function counter(wanted, refutable, ledger) {
  const { within } = ledger;
  const held = new Map();
  const refuting = newRefuting();
  const pending = newPending();
  const completeWith = (latest, hits) => {
    const first = hits[0].mark;
    if (refuting.refutes(latest.binding, first, within)) {
      hits.shift();
      return;
    }
    held.delete(latest.binding.key);
    const found = completion(latest.binding, hits, within);
    close(ledger, found.binding, last(found));
    if (refutable) pending.push(found);
    else complete(ledger, found);
  };
  return {
    refute(lines) {
      for (const negative of lines) {
        refuting.add(negative);
        for (const found of pending.refute(negative, within)) close(ledger, found.binding, last(found));
        closeWhere(
          ledger,
          (hit) => isMet(gap(hit.mark, negative.mark, within)) && agrees(hit.binding, negative.binding)
        );
      }
    },
    feed(hit) {
      for (const found of pending.release(hit.mark, within)) complete(ledger, found);
      if (!refuting.refutes(hit.binding, hit.mark, within)) openHit(ledger, hit);
      if (!held.has(hit.binding.key)) held.set(hit.binding.key, []);
      const hits = held.get(hit.binding.key);
      while (hits.length && gap(hits[0].mark, hit.mark, within) === OVER) hits.shift();
      hits.push(hit);
      if (hits.length > wanted) hits.shift();
      reached(ledger, hit.binding, hits.length, () => [hit.step]);
      if (hits.length === wanted && isMet(gap(hits[0].mark, hit.mark, within))) completeWith(hit, hits);
    },
    finish() {
      for (const found of pending.releaseAll()) complete(ledger, found);
    },
  };
}

/** A complete set: of many hits the first few and the last are kept. */
function completion(said, hits, within) {
  const first = hits[0].mark;
  const assumed = hits.some((hit) => gap(first, hit.mark, within) === ASSUMED);
  const kept = hits.length > FIRST_HITS_MAX ? [...hits.slice(0, FIRST_HITS_MAX - 1), hits[hits.length - 1]] : hits;
  return { binding: said, hits: [...kept], assumed };
}

// Every step, in any order: a new hit is tried with the latest hits of the other steps.

function allMode(symptom, ledger, refutable, limited) {
  const { within } = ledger;
  const held = [];
  symptom.steps.forEach((step, index) => {
    if (!step.negated) held.push({ step: index, wanted: limited(step.at_least, REPEATS_MAX), hits: [] });
  });
  const slots = held.reduce((sum, { wanted }) => sum + wanted, 0);
  const refuting = newRefuting();
  const pending = newPending();
  const closeAll = (found) => found.hits.forEach((hit) => close(ledger, hit.binding, hit.mark));

  const keep = (of, hit) => {
    of.hits.push(hit);
    const same = of.hits.filter((other) => other.binding.key === hit.binding.key);
    if (same.length > of.wanted) of.hits.splice(of.hits.indexOf(same[0]), 1);
    while (gap(of.hits[0].mark, hit.mark, within) === OVER) of.hits.shift();
    if (of.hits.length > Math.max(HELD_MAX, of.wanted)) {
      of.hits.shift();
      ledger.bitten.add("evicted");
    }
  };
  const seenWith = (hit) =>
    held.flatMap((of) =>
      [...of.hits]
        .reverse()
        .filter((other) => isMet(gap(other.mark, hit.mark, within)) && agrees(other.binding, hit.binding))
        .slice(0, of.wanted)
        .map(() => of.step)
    );

  const judgeHit = (hit) => {
    const seen = seenWith(hit);
    if (seen.length < slots) return reached(ledger, hit.binding, seen.length, () => seen);
    const search = { tries: TRIES_MAX + slots, said: new Set(), found: [], refuted: null };
    fill(search, hit, [], 0, 0, hit.binding, null);
    if (search.tries === 0) ledger.bitten.add("search");
    if (!search.found.length && !search.refuted) reached(ledger, hit.binding, seen.length, () => seen);
    if (search.refuted) closeAll(search.refuted);
    for (const found of search.found) {
      closeAll(found);
      if (refutable) pending.push(found);
      else complete(ledger, found);
    }
    return undefined;
  };

  // Fills the slots of step `at` from `done` on, with hits before `before`, latest first.
  const fill = (search, hit, chosen, at, done, said, before) => {
    if (at === held.length) return finished(search, chosen, said);
    const of = held[at];
    if (done === of.wanted) return fill(search, hit, chosen, at + 1, 0, said, null);
    const take = (other) => {
      const both = join(said, other.binding);
      if (both) fill(search, hit, [...chosen, other], at, done + 1, both, other.mark);
    };
    if (of.step === hit.step && done === 0) return take(hit);
    const earlier = of.hits.filter((other) => !before || compareMarks(other.mark, before) < 0).reverse();
    for (const other of earlier) {
      if (search.tries === 0) return undefined;
      search.tries--;
      if (isMet(gap(other.mark, hit.mark, within))) take(other);
    }
    return undefined;
  };
  const finished = (search, chosen, said) => {
    if (search.said.has(said.key)) return;
    const hits = [...chosen].sort((one, other) => compareMarks(one.mark, other.mark) || one.step - other.step);
    const found = completion(said, hits, within);
    if (refuting.refutes(said, hits[0].mark, within)) {
      search.refuted = found;
    } else {
      search.said.add(said.key);
      search.found.push(found);
    }
  };

  return {
    feed(steps, refutingHits) {
      for (const negative of refutingHits) {
        refuting.add(negative);
        pending.refute(negative, within).forEach(closeAll);
        closeWhere(
          ledger,
          (hit) => isMet(gap(hit.mark, negative.mark, within)) && agrees(hit.binding, negative.binding)
        );
      }
      for (const hit of steps) {
        for (const found of pending.release(hit.mark, within)) complete(ledger, found);
        if (!refuting.refutes(hit.binding, hit.mark, within)) openHit(ledger, hit);
        const of = held.find((other) => other.step === hit.step);
        if (of) keep(of, hit);
      }
      steps.forEach(judgeHit);
    },
    finish() {
      for (const found of pending.releaseAll()) complete(ledger, found);
    },
  };
}

// Steps in the order written: for each set of values and number of steps done, the chain that began
// last is kept.

function sequenceMode(symptom, ledger, limited) {
  const { within } = ledger;
  const slots = [], lead = [];
  let guards = [];
  symptom.steps.forEach((step, index) => {
    if (step.negated) {
      (slots.length ? guards : lead).push(index);
      return;
    }
    slots.push({ step: index, guards });
    guards = [];
    for (let more = limited(step.at_least, REPEATS_MAX); more > 1; more--) slots.push({ step: index, guards: [] });
  });
  const trail = guards;
  const chains = new Map();
  const refuting = newRefuting();
  const pending = newPending();
  let crowded = 16;

  const confirm = (found) => {
    close(ledger, found.hits[0].binding, last(found));
    complete(ledger, found);
  };
  const longer = (hit) => {
    const found = [];
    slots.forEach((at, index) => {
      if (at.step !== hit.step) return;
      if (index === 0) {
        if (!refuting.refutes(hit.binding, hit.mark, within)) {
          found.push({ binding: hit.binding, filled: 1, hits: [hit], assumed: false });
          openHit(ledger, hit);
        }
        return;
      }
      for (const { binding: said, states } of chains.values()) {
        const chain = states[index - 1];
        if (!chain) continue;
        const step = gap(chain.hits[0].mark, hit.mark, within);
        const both = isMet(step) ? join(said, hit.binding) : null;
        if (!both) continue;
        const hits = [...chain.hits.slice(0, FIRST_HITS_MAX - 1), hit];
        found.push({ binding: both, filled: index + 1, hits, assumed: chain.assumed || step === ASSUMED });
      }
    });
    return found;
  };
  const refute = (hit) => {
    if (lead.includes(hit.step)) refuting.add(hit);
    if (trail.includes(hit.step)) {
      for (const found of pending.refute(hit, within)) close(ledger, found.hits[0].binding, last(found));
    }
    slots.forEach((at, index) => {
      if (!at.guards.includes(hit.step)) return;
      for (const { binding: said, states } of chains.values()) {
        const chain = states[index - 1];
        if (!chain || !agrees(said, hit.binding)) continue;
        states[index - 1] = null;
        close(ledger, chain.hits[0].binding, chain.hits[0].mark);
      }
    });
  };
  const keep = (found) => {
    if (found.filled === slots.length) {
      if (trail.length) pending.push(found);
      else confirm(found);
      return;
    }
    reached(ledger, found.hits[0].binding, found.filled, () => slots.slice(0, found.filled).map(({ step }) => step));
    if (!chains.has(found.binding.key)) chains.set(found.binding.key, { binding: found.binding, states: [] });
    const { states } = chains.get(found.binding.key);
    const known = states[found.filled - 1];
    if (!known || compareMarks(known.hits[0].mark, found.hits[0].mark) <= 0) states[found.filled - 1] = found;
  };
  const makeRoom = (now) => {
    if (chains.size < crowded) return;
    for (const [key, { states }] of chains) {
      if (!states.some((chain) => chain && gap(chain.hits[0].mark, now, within) !== OVER)) chains.delete(key);
    }
    crowded = Math.max(16, chains.size * 2);
  };

  return {
    feed(steps, refutingHits) {
      const now = (steps[0] || refutingHits[0] || {}).mark;
      if (!now) return;
      pending.release(now, within).forEach(confirm);
      const found = steps.flatMap(longer);
      refutingHits.forEach(refute);
      found.forEach(keep);
      makeRoom(now);
    },
    finish() {
      pending.releaseAll().forEach(confirm);
    },
  };
}

// Where inputs begin and end: what is missing of a set may lie beyond. A log that goes on past the
// window of a set says itself that the rest did not happen; a fragment says nothing.

const FRAGMENT_LINES_MAX = 1000, EDGE_BYTES = 4 << 10, KEEPS_COMING = 3, WINDOWS_BETWEEN = 4;

/** True when what is missing beside these hits may have been. `bounds`: `lines` in all, `ends` by input. */
function leavesOpen(bounds, symptom, tally) {
  const { within } = symptom;
  if (within === null || bounds.lines <= FRAGMENT_LINES_MAX || !tally.last.stamp) return true;
  const endsInIt = gap(tally.last, bounds.ends[tally.last.file].last, within) !== OVER;
  const beginsInIt = symptom.mode !== "sequence" && gap(bounds.ends[tally.first.file].first, tally.first, within) !== OVER;
  const keepsComing =
    tally.count >= KEEPS_COMING && isMet(gap(tally.first, tally.last, within * tally.count * WINDOWS_BETWEEN));
  return endsInIt || beginsInIt || keepsComing;
}
