// Incidents: which decisions open one, when its harm began, what it did to users, and how grave that is.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Because,
  changeIn,
  episodesOf,
  harmedIn,
  type Incident,
  incidentId,
  incidentKey,
  type RolloutEvent,
  SEVERITIES,
  severityOf,
  type Tick,
} from "@slipway/core";
import fc from "fast-check";
import {
  confirmedEvent,
  incidentsIn,
  journalOf,
  lookedEvent,
  movedEvent,
  ROLLED_BACK,
  SLOW,
  startedEvent,
  TICK_MS,
} from "./incident-fixture.ts";
import { type ArmFacts, tickOf } from "./rollout-fixture.ts";

const GOOD: ArmFacts = { n: 750, latencyMs: 200 };
const CANDIDATE: ArmFacts = { n: 250, latencyMs: 200 };
const TICKS = 24;

/** Good until a tick, and from then on as told. */
function ticksWith(from: number, candidate: Partial<ArmFacts>): readonly Tick[] {
  return Array.from({ length: TICKS }, (_, tick) =>
    tickOf(tick, {
      stable: GOOD,
      candidate: tick < from ? CANDIDATE : { ...CANDIDATE, ...candidate },
    }),
  );
}

function only(ticks: readonly Tick[]): Incident {
  const [incident, ...others] = incidentsIn(ROLLED_BACK, ticks);
  assert.ok(incident !== undefined && others.length === 0);
  return incident;
}

const MET: Because = { code: "requirements", text: "held" };
const ON_5 = [
  startedEvent(),
  movedEvent(60_000, { kind: "advance", stage: 0 }, MET),
  confirmedEvent(61_000),
];

function kindsIn(...events: readonly RolloutEvent[]): readonly string[] {
  return episodesOf(journalOf(...ON_5, ...events)).map(
    ({ opening, mitigated }) => `${opening.kind}: ${mitigated?.how ?? "open"}`,
  );
}

test("a rollback opens an incident, which is mitigated when every gateway has confirmed it", () => {
  const incident = only(ticksWith(17, { latencyMs: 1_000 }));
  assert.equal(incident.id, "r-1-6");
  assert.equal(incident.status, "mitigated");
  assert.deepEqual(incident.opening.because, SLOW);
  assert.equal(incident.opening.percent, 25);
  assert.equal(incident.openedAtMs, 215_000);
  assert.deepEqual(incident.mitigated, {
    atMs: 216_000,
    how: "rolled-back",
    confirmMs: 400,
    expired: [],
  });
});

test("harm begins in the tick from which on the counts have another rate", () => {
  const incident = only(ticksWith(17, { latencyMs: 1_000 }));
  assert.equal(incident.began?.atMs, 17 * TICK_MS);
  assert.match(incident.began?.text ?? "", /1,250 of the candidate's 1,250 requests/);
  assert.equal(incident.trigger?.what, "advanced to 25%");
  assert.equal(incident.trigger?.delayMs, 50_000);
});

test("impact is what was counted from there until it was mitigated, beyond what stable had", () => {
  const { impact, severity } = only(ticksWith(17, { errors: 50 }));
  const { candidate, stable } = impact;
  assert.deepEqual([impact.fromMs, impact.toMs, impact.ticks], [170_000, 216_000, 5]);
  assert.deepEqual([candidate.requests, candidate.failed], [1_250, 250]);
  assert.deepEqual(candidate.beyond, { failed: 250, slow: 0, unanswered: 0, harmed: 250 });
  assert.equal(candidate.exposedMs, 50_000);
  assert.equal(stable.beyond, null);
  assert.equal(stable.requests, 3_750);
  assert.equal(severity, "major");
  assert.equal(impact.isComplete, true);
});

test("what stable had too is not the candidate's harm", () => {
  const ticks = Array.from({ length: TICKS }, (_, tick) =>
    tickOf(tick, { stable: { ...GOOD, errors: 75 }, candidate: { ...CANDIDATE, errors: 25 } }),
  );
  const { impact, severity, began } = only(ticks);
  assert.equal(impact.candidate.failed > 0, true);
  assert.equal(impact.candidate.beyond?.failed, 0);
  assert.equal(severity, "none");
  assert.equal(began, null);
});

test("a candidate with more of a hard segment is held against stable in that segment", () => {
  const half = (facts: Tick, segment: string): Tick["rows"] =>
    facts.rows.map((row) => ({ ...row, segment }));
  const ticks = Array.from({ length: TICKS }, (_, tick): Tick => {
    const easy = tickOf(tick, { stable: GOOD, candidate: { n: 50, latencyMs: 200 } });
    const hard = tickOf(tick, {
      stable: { n: 100, latencyMs: 200, errors: 40 },
      candidate: { n: 200, latencyMs: 200, errors: 80 },
    });
    return { ...easy, rows: [...half(easy, "easy"), ...half(hard, "hard")] };
  });
  const { impact } = only(ticks);
  assert.equal(impact.candidate.failed, 80 * impact.ticks);
  assert.equal(impact.candidate.beyond?.failed, 0);
  assert.deepEqual(impact.segments.map(({ segment }) => segment).sort(), ["easy", "hard"]);
});

test("what replay hid from users is counted, and is no harm that they saw", () => {
  const ticks = ticksWith(17, { errors: 50 });
  for (const row of ticks.flatMap(({ rows }) => rows)) {
    if (row.arm === "candidate") row.spared = row.outcomes.server_error ?? 0;
  }
  const { impact, severity } = only(ticks);
  assert.deepEqual([impact.candidate.failed, impact.candidate.spared], [250, 250]);
  assert.deepEqual([impact.candidate.beyond?.failed, harmedIn(impact)], [250, 0]);
  assert.equal(severity, "none");
});

test("answers that are refused, empty or cut off count as harm where stable has fewer", () => {
  const ticks = ticksWith(17, {});
  for (const { tick, rows } of ticks) {
    for (const row of rows) {
      const refused = row.arm === "candidate" && tick >= 17 ? 100 : 0;
      row.endings = { answered: row.arrivals - refused, refused };
    }
  }
  const { impact, began } = only(ticks);
  assert.equal(impact.candidate.beyond?.unanswered, 500);
  assert.equal(harmedIn(impact), 500);
  assert.equal(began?.atMs, 170_000);
});

test("where stable was harmed too both arms are held against what was usual before", () => {
  const because = { code: "shared-pool", text: "stable got worse", page: true } as const;
  const entries = journalOf(
    ...ON_5,
    movedEvent(215_000, { kind: "roll-back" }, because),
    confirmedEvent(216_000),
  );
  const ticks = Array.from({ length: TICKS }, (_, tick) => {
    const isBad = tick >= 17;
    const stable = { ...GOOD, errors: isBad ? 75 : 0 };
    return tickOf(tick, { stable, candidate: { ...CANDIDATE, errors: isBad ? 25 : 0 } });
  });
  const [incident] = incidentsIn(entries, ticks);
  assert.equal(incident?.impact.against, "before");
  assert.equal(incident?.began?.atMs, 170_000);
  assert.deepEqual(
    [incident?.impact.stable.beyond?.failed, incident?.impact.candidate.beyond?.failed],
    [375, 125],
  );
});

test("it says when evidence has not come yet, and whose is missing", () => {
  const ticks = ticksWith(17, { latencyMs: 1_000 }).slice(0, 20);
  const [first, ...others] = ticks.slice(17);
  assert.ok(first);
  const { impact } = only([...ticks.slice(0, 17), { ...first, missing: ["edge-2"] }, ...others]);
  assert.equal(impact.isComplete, false);
  assert.deepEqual(impact.missing, ["edge-2"]);
});

test("a step back, an operator's word, a page, a trip and what was only observed each open one", () => {
  const page: Because = { code: "outage", text: "stable got worse", page: true };
  const would: Because = { code: "would-roll-back", text: "would roll back" };
  const calm: Because = { code: "hold", text: "held" };
  const trip = {
    rolloutId: "r-1",
    table: 2,
    limit: 10,
    failures: 12,
    successes: 0,
    outcomes: { server_error: 12 },
    stable: { failures: 0, successes: 9 },
    worker: "edge/0",
    incarnation: "i",
  };
  const rollBack = { kind: "roll-back" } as const;
  assert.deepEqual(kindsIn(movedEvent(90_000, rollBack, MET, "bob")), ["roll-back: open"]);
  assert.deepEqual(kindsIn(lookedEvent(90_000, page)), ["page: open"]);
  assert.deepEqual(kindsIn(lookedEvent(90_000, page), lookedEvent(95_000, calm)), [
    "page: recovered",
  ]);
  assert.deepEqual(kindsIn(lookedEvent(90_000, would)), ["observed: open"]);
  assert.deepEqual(
    kindsIn(
      { type: "tripped", atMs: 90_000, trip },
      movedEvent(90_000, rollBack, { code: "tripped", text: "tripped" }),
      confirmedEvent(91_000),
    ),
    ["trip: rolled-back"],
  );
});

test("the timeline of a page ends with the look that found it over", () => {
  const page: Because = { code: "outage", text: "stable got worse", page: true };
  const entries = journalOf(
    ...ON_5,
    lookedEvent(80_000, MET),
    lookedEvent(90_000, page),
    lookedEvent(95_000, { code: "hold", text: "held 20 s of 1 min" }),
    lookedEvent(99_000, MET),
  );
  const [incident] = incidentsIn(entries, []);
  assert.deepEqual(
    incident?.timeline.map(({ sequence }) => sequence),
    [1, 2, 3, 5, 6],
  );
});

test("a hold, a pause, and a rollback of what nobody is on open none", () => {
  const blocked: Because = { ...SLOW, text: "it blocks" };
  assert.deepEqual(kindsIn(lookedEvent(90_000, blocked)), []);
  assert.deepEqual(kindsIn(lookedEvent(90_000, { ...blocked, page: true })), []);
  assert.deepEqual(kindsIn(movedEvent(90_000, { kind: "pause" }, MET, "bob")), []);
  const entries = journalOf(startedEvent(), movedEvent(1_000, { kind: "roll-back" }, MET, "bob"));
  assert.deepEqual(episodesOf(entries), []);
});

test("one incident takes in what follows until the rollout moves forwards; what comes then is another", () => {
  const onto25 = movedEvent(120_000, { kind: "advance", stage: 1 }, MET);
  const back = movedEvent(150_000, { kind: "step-back", stage: 0 }, SLOW);
  const fatal = movedEvent(170_000, { kind: "roll-back" }, SLOW);
  assert.deepEqual(kindsIn(onto25, back, confirmedEvent(151_000), fatal, confirmedEvent(171_000)), [
    "step-back: rolled-back",
  ]);
  assert.deepEqual(
    kindsIn(
      onto25,
      back,
      confirmedEvent(151_000),
      movedEvent(160_000, { kind: "resume" }, MET, "bob"),
      fatal,
    ),
    ["step-back: stepped-back", "roll-back: open"],
  );
});

test("the timeline is in order, tells who, and names nobody in its sentences", () => {
  const { timeline } = only(ticksWith(17, { latencyMs: 1_000 }));
  assert.deepEqual(
    timeline.map(({ what, who }) => `${who}: ${what}`),
    [
      "operator: started",
      "slipway: advanced to 5%",
      "gateway: confirmed",
      "slipway: advanced to 25%",
      "gateway: confirmed",
      "evidence: harm began",
      "slipway: rolled back",
      "gateway: confirmed",
      "gateway: drained",
    ],
  );
  assert.equal(timeline[0]?.by, "ann");
  assert.equal(timeline[0]?.why, "better at Rust (an operator)");
});

test("an id names the rollout and the entry, and nothing else is one", () => {
  assert.deepEqual(incidentKey(incidentId("r-1", 6)), { rolloutId: "r-1", sequence: 6 });
  for (const wrong of ["r", "r-", "-6", "r-0", "r-06", "r-1x"])
    assert.equal(incidentKey(wrong), null);
});

const facts = (n: number): fc.Arbitrary<ArmFacts> =>
  fc
    .record({
      errors: fc.nat({ max: 20 }),
      limited: fc.nat({ max: 20 }),
      overdue: fc.nat({ max: 20 }),
      latencyMs: fc.integer({ min: 1, max: 20_000 }),
    })
    .map((drawn) => ({ n, ...drawn }));

const drawnTicks: fc.Arbitrary<readonly Tick[]> = fc
  .array(fc.tuple(facts(300), facts(300)), { minLength: 16, maxLength: TICKS })
  .map((all) =>
    all.map(([stable, candidate], tick) => tickOf(tick, { stable, candidate }, { table: 2 })),
  );

test("whatever the ticks are, no figure of the impact is negative, and the timeline is in order", () => {
  fc.assert(
    fc.property(drawnTicks, (ticks) => {
      const { impact, timeline, began, openedAtMs } = only(ticks);
      for (const counts of [impact.candidate, impact.stable, ...impact.segments]) {
        const { tokens, beyond, ...plain } = counts;
        for (const value of Object.values({ ...plain, ...tokens, ...beyond })) {
          if (typeof value === "number") assert.ok(value >= 0 && Number.isFinite(value));
        }
        assert.ok((beyond?.harmed ?? 0) <= counts.requests);
      }
      assert.ok(began === null || began.atMs < openedAtMs);
      const times = timeline.map(({ atMs }) => atMs);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    }),
  );
});

test("a severity needs both its figures", () => {
  assert.equal(severityOf(1_000, 10_000), "critical");
  assert.equal(severityOf(999, 1_000), "major");
  assert.equal(severityOf(1_000, 10_001), "major");
  assert.equal(severityOf(99, 100), "minor");
  assert.equal(severityOf(100, 10_001), "minor");
  assert.deepEqual([severityOf(1, 1_000_000), severityOf(0, 0)], ["minor", "none"]);
});

test("more harm never lowers the severity", () => {
  const rankOf = (incident: Incident): number => SEVERITIES.indexOf(incident.severity);
  fc.assert(
    fc.property(fc.nat({ max: 200 }), fc.nat({ max: 49 }), (errors, more) => {
      const [less, worse] = [errors, errors + more].map((n) => only(ticksWith(17, { errors: n })));
      assert.ok(less && worse && rankOf(worse) <= rankOf(less));
    }),
    { numRuns: 40 },
  );
  fc.assert(
    fc.property(
      fc.nat({ max: 5_000 }),
      fc.nat({ max: 5_000 }),
      fc.nat({ max: 90_000 }),
      (a, b, rest) => {
        const requests = a + b + rest;
        const [less, worse] = [severityOf(a, requests), severityOf(a + b, requests)];
        assert.ok(SEVERITIES.indexOf(worse) <= SEVERITIES.indexOf(less));
      },
    ),
  );
});

test("a change is found where it is, and none where there is none", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 38 }), (at) => {
      const points = Array.from({ length: 40 }, (_, index) => ({
        n: 100,
        bad: index < at ? 1 : 40,
      }));
      assert.equal(changeIn(points, 0.01)?.index, at);
      assert.equal(changeIn(points, null)?.index, at);
    }),
  );
  const even = Array.from({ length: 40 }, () => ({ n: 100, bad: 1 }));
  assert.equal(changeIn(even, 0.01), null);
  assert.equal(changeIn(even, null), null);
  assert.equal(changeIn([], 0.01), null);
  const better = even.map((point, index) => (index < 20 ? { n: 100, bad: 40 } : point));
  assert.equal(changeIn(better, 0.4), null);
  assert.equal(changeIn(better, null), null);
});
