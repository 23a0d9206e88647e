// Guards of every metric: what their evidence is worth, what it may never do, and how verdicts read.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  alarmLogE,
  boundLogE,
  countIn,
  countPace,
  createRandom,
  decide,
  EVENTS,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyFeedback,
  emptyRow,
  exponential,
  type Feedback,
  type Guard,
  guardsFor,
  KEY_BUCKETS,
  type Metric,
  meanLogE,
  mergeRowInto,
  octaveOf,
  type Phase,
  RATIOS_ABOVE,
  type SequentialGuard,
  type Tick,
  type Verdict,
} from "@slipway/core";
import fc from "fast-check";
import { rolloutIn } from "./rollout-fixture.ts";

const FIRST: Phase = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 };

function guardOf(metric: Metric, more: Partial<SequentialGuard> = {}): SequentialGuard {
  return {
    id: "own",
    test: "sequential",
    action: "block",
    metric,
    comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
    segment: null,
    weight: 1,
    windowMs: 300_000,
    ...more,
  };
}

type Fill = (row: EvidenceRow) => void;

function rowOf(arm: EvidenceRow["arm"], tick: number, fill: Fill, table = 1): EvidenceRow {
  const row = emptyRow({ rolloutId: "r-1", table, tick, arm, via: "split", segment: "go" });
  row.arrivals = 100;
  row.judged = 100;
  row.outcomes = { ok: 100 };
  fill(row);
  return row;
}

function judged(
  guard: Guard,
  ticks: number,
  rows: (tick: number) => readonly EvidenceRow[],
): Verdict {
  const rollout = rolloutIn(FIRST, { guards: [guard] });
  let evidence: Evidence = emptyEvidence(1);
  for (let tick = 0; tick < ticks; tick++) {
    const made: Tick = {
      ...{ rolloutId: "r-1", tick, endMs: (tick + 1) * 10_000, missing: [] },
      rows: rows(tick),
    };
    evidence = absorb(evidence, rollout, made);
  }
  const [verdict] = decide({ rollout, evidence }, ticks * 10_000).verdicts;
  assert.ok(verdict !== undefined);
  return verdict;
}

function tallied(name: string, n: number, bad: number, bucket: number | null = null): Feedback {
  const buckets = bucket === null ? {} : { [bucket]: { n, bad } };
  return { ...emptyFeedback(), tallies: { [name]: { n, bad, buckets } } };
}

function both(candidate: Fill, stable: Fill): (tick: number) => readonly EvidenceRow[] {
  return (tick) => [rowOf("stable", tick, stable), rowOf("candidate", tick, candidate)];
}

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k;
}

test("against a limit evidence is worth at most 1 on average, at every rate up to it", () => {
  const share = fc.double({ min: 0.01, max: 0.95, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      share,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(...RATIOS_ABOVE),
      (n, limit, part, times) => {
        const rate = limit * part;
        let mean = 0;
        for (let bad = 0; bad <= n; bad++) {
          const chance = choose(n, bad) * rate ** bad * (1 - rate) ** (n - bad);
          mean += chance * Math.exp(boundLogE({ n, bad }, limit, limit * times));
        }
        assert.ok(mean <= 1 + 1e-9, `${mean}`);
      },
    ),
  );
});

test("evidence about a mean reaches 100 seldom where there is nothing to find", () => {
  let alarms = 0;
  const courses = 400;
  for (let seed = 1; seed <= courses; seed++) {
    const random = createRandom(seed);
    let sum = 0;
    let isAlarm = false;
    for (let n = 1; n <= 4_000; n++) {
      sum += exponential(random, 1) - 1;
      if (n >= 100 && n % 20 === 0)
        isAlarm ||= meanLogE({ z: sum / Math.sqrt(n), n }) >= Math.log(100);
    }
    if (isAlarm) alarms++;
  }
  assert.ok(alarms <= courses * 0.025, `${alarms} of ${courses}`);
});

test("no count of bad events on the candidate is worth less than a smaller one", () => {
  const fills: readonly [Metric, (bad: number) => Fill][] = [
    ...EVENTS.map((event): [Metric, (bad: number) => Fill] => [
      { kind: "events", event },
      (bad) => (row) => {
        row.outcomes = { ok: 100 - bad, rate_limited: 0 };
        for (const outcome of ["incompatible", "rate_limited", "truncated", "timeout"] as const) {
          row.outcomes[outcome] = bad;
        }
        row.outcomes.server_error = bad;
        row.outcomes.invalid = bad;
        row.endings = { answered: 100 - 3 * bad, refused: bad, empty: bad, "cut-off": bad };
        row.feedback = emptyFeedback();
        for (const name of ["acceptance", "rating", "crashes"]) {
          row.feedback.tallies[name] = { n: 100, bad, buckets: {} };
        }
      },
    ]),
  ];
  for (const [metric, fill] of fills) {
    const logs = [0, 2, 5, 9, 14].map(
      (bad) => judged(guardOf(metric), 6, both(fill(bad), fill(4))).finding?.logE ?? 0,
    );
    assert.deepEqual(
      logs,
      logs.toSorted((a, b) => a - b),
      JSON.stringify(metric),
    );
  }
});

const counts = fc.nat(50);
const filled: fc.Arbitrary<EvidenceRow> = fc
  .record({
    refused: counts,
    tokens: counts,
    bucket: fc.nat(KEY_BUCKETS - 1),
    replica: fc.constantFrom("a", "b", "c"),
    score: fc.constantFrom("acceptance", "score:x", "score:y"),
  })
  .map(({ refused, tokens, bucket, replica, score }) =>
    rowOf("stable", 1, (row) => {
      row.endings = { answered: 100 - refused, refused };
      row.usage.n = tokens;
      row.usage.oo = tokens * tokens;
      row.buckets.mishaps = { [bucket]: { refused } };
      row.buckets.tokens.output = new Array<number>(bucket + 1).fill(tokens);
      const pace = { total: { [String(bucket)]: refused }, ttft: {}, tpot: {} };
      const own = { arrivals: 100, bad: 0, counted: 100, read: 100, mishaps: { refused }, pace };
      countPace(row, "ttft", octaveOf(1 + tokens), { bucket, replica: null });
      row.replicas = { [replica]: own };
      row.feedback = tallied(score, 50, refused, bucket);
    }),
  );

test("rows merge in any order, all that guards count included", () => {
  const merged = (rows: readonly EvidenceRow[]): EvidenceRow => {
    const sum = rowOf("stable", 1, () => {});
    for (const row of rows) mergeRowInto(sum, row);
    return sum;
  };
  fc.assert(
    fc.property(fc.array(filled, { maxLength: 6 }), (rows) => {
      assert.deepEqual(merged(rows.toReversed()), merged(rows));
    }),
  );
});

test("labels are compared with those of requests of the same time alone", () => {
  // Bad labels come sooner: the young cohort looks bad, on both arms alike. The candidate has more of the young.
  const young =
    (n: number): Fill =>
    (row) => {
      row.feedback = tallied("acceptance", n, Math.round(n * 0.8));
    };
  const old =
    (n: number): Fill =>
    (row) => {
      row.feedback = tallied("acceptance", n, Math.round(n * 0.2));
    };
  const guard = guardOf({ kind: "events", event: "acceptance" });
  const verdict = judged(guard, 60, (tick) => [
    rowOf("stable", tick, old(200), 1),
    rowOf("candidate", tick, old(10), 1),
    rowOf("stable", tick, young(50), 2),
    rowOf("candidate", tick, young(50), 2),
  ]);
  assert.equal(verdict.status, "pass");
  assert.ok((verdict.finding?.logE ?? 9) < Math.log(10));
});

test("a few good answers lately do not let go of what has been shown", () => {
  const rejections =
    (n: number, bad: number): Fill =>
    (row) => {
      row.feedback = tallied("acceptance", n, bad);
    };
  const guard = guardOf({ kind: "events", event: "acceptance" });
  const verdict = judged(guard, 120, (tick) => {
    const isLate = tick >= 85;
    return both(
      rejections(isLate ? 1 : 40, isLate ? 0 : 24),
      rejections(isLate ? 1 : 40, isLate ? 1 : 16),
    )(tick);
  });
  assert.equal(verdict.status, "fail");
  assert.equal(verdict.candidate.value, 0);
});

test("one user who is refused all the time is not a version that refuses", () => {
  // Stable's refusals are of one user, so that as many of the candidate's may be those of another.
  const refusals =
    (times: number): Fill =>
    (row) => {
      row.endings = { answered: 100 - times, refused: times };
      row.buckets.arrivals = new Array<number>(KEY_BUCKETS).fill(5);
      row.buckets.mishaps = { 3: { refused: times } };
    };
  const spread =
    (times: number): Fill =>
    (row) => {
      refusals(times)(row);
      row.buckets.mishaps = Object.fromEntries(
        Array.from({ length: times }, (_, place) => [
          (row.tick * times + place) % KEY_BUCKETS,
          { refused: 1 },
        ]),
      );
    };
  const guard = guardOf({ kind: "events", event: "refusals" });
  assert.equal(judged(guard, 40, both(spread(7), spread(4))).status, "fail");
  assert.notEqual(judged(guard, 40, both(refusals(7), refusals(4))).status, "fail");
});

test("tokens that differ by user more than by chance count for less", () => {
  const tokens =
    (mean: number, ofBucket: (bucket: number) => number): Fill =>
    (row) => {
      row.tokens = { input: 0, cached: 0, output: 100 * mean };
      row.usage = { ...row.usage, n: 100, oo: 100 * (mean * mean + 400) };
      row.buckets.arrivals = new Array<number>(KEY_BUCKETS).fill(5);
      row.buckets.tokens.output = Array.from({ length: KEY_BUCKETS }, (_, b) => 5 * ofBucket(b));
    };
  const guard = guardOf(
    { kind: "mean", of: "output-tokens", prices: null },
    { comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0 } },
  );
  const alike = both(
    tokens(106, () => 106),
    tokens(100, () => 100),
  );
  const apart = both(
    tokens(106, () => 106),
    tokens(100, (bucket) => (bucket < 10 ? 40 : 160)),
  );
  assert.equal(judged(guard, 30, alike).status, "fail");
  assert.notEqual(judged(guard, 30, apart).status, "fail");
});

test("a longer answer is not a slower one where lengths are compared alike", () => {
  const guard = (byLength: boolean): SequentialGuard =>
    guardOf(
      { kind: "latency", time: "total", quantile: 0.9, byLength },
      { comparison: { kind: "ratio", ratioMax: 1.5, differenceMin: 0 } },
    );
  // 100 ms where it is short, 1,000 ms where it is long; the candidate says more.
  const answers =
    (long: number): Fill =>
    (row) => {
      const [short, lengthy] = [
        { first: 232, counts: [100 - long], over: 0 },
        { first: 348, counts: [long], over: 0 },
      ];
      row.lengths.total = [short, lengthy];
      row.latency.total = {
        first: 232,
        counts: [100 - long, ...new Array<number>(115).fill(0), long],
        over: 0,
      };
    };
  const verbose = both(answers(50), answers(5));
  assert.equal(judged(guard(false), 20, verbose).status, "fail");
  assert.equal(judged(guard(true), 20, verbose).status, "pass");
  const stuck = both((row) => {
    answers(50)(row);
    row.latency.total.over = 10;
  }, answers(5));
  assert.equal(judged(guard(true), 20, stuck).status, "fail");
});

test("the chance of a false alarm is split by weights, among guards of one consequence", () => {
  const errors = guardOf({ kind: "events", event: "errors" }, { action: "roll-back", weight: 10 });
  const crashes = guardOf({ kind: "events", event: "crashes" }, { action: "step-back" });
  const rating = guardOf({ kind: "events", event: "rating" }, { action: "block" });
  const policy = { guards: [errors, crashes, rating], falseAlarmMax: 0.01 };
  const needed = [errors, crashes, rating].map((guard) => Math.exp(alarmLogE(guard, policy)));
  assert.deepEqual(needed.map(Math.round), [110, 1_100, 100]);
});

test("what is declared replaces the limit, and longer answers are compared by length", () => {
  const latency = guardOf(
    { kind: "latency", time: "total", quantile: 0.99, byLength: false },
    { comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 } },
  );
  const version = { id: "v", upstreams: [], identity: {}, fingerprint: "f" };
  const to = { ...version, expect: { "output-tokens": 1.3, latency: 1.5 } };
  const [made] = guardsFor([latency], { from: version, to });
  assert.deepEqual(made?.comparison, { kind: "ratio", ratioMax: 1.5, differenceMin: 0 });
  assert.equal(made?.metric.kind === "latency" && made.metric.byLength, true);
  assert.equal(made?.declared, true);
});

test("a guard of one segment counts its rows alone", () => {
  const refused = (row: EvidenceRow): void => {
    row.endings = { answered: 90, refused: 10 };
  };
  const few = (row: EvidenceRow): void => {
    row.endings = { answered: 99, refused: 1 };
  };
  const guard = (segment: string): SequentialGuard =>
    guardOf({ kind: "events", event: "refusals" }, { segment });
  const rows = both(refused, few);
  assert.equal(judged(guard("go"), 20, rows).status, "fail");
  assert.match(judged(guard("go"), 20, rows).text, /^refusal ratio in go at least/);
  assert.equal(judged(guard("rust"), 20, rows).status, "wait");
});

test("every metric says in its verdict what it counts", () => {
  const said = (metric: Metric, fill: Fill, more: Partial<SequentialGuard> = {}): string =>
    judged(guardOf(metric, more), 8, both(fill, fill)).text;
  const rejected: Fill = (row) => {
    row.feedback = tallied("acceptance", 50, 20);
  };
  const limited: Fill = (row) => {
    row.outcomes = { ok: 99, rate_limited: 1 };
  };
  const tokens: Fill = (row) => {
    row.tokens = { input: 0, cached: 0, output: 10_000 };
    row.usage = { ...row.usage, n: 100, oo: 1_040_000 };
  };
  const limit = { comparison: { kind: "limit", max: 0.03 } } as const;
  assert.deepEqual(
    [
      said({ kind: "events", event: "acceptance" }, rejected),
      said({ kind: "events", event: "rate-limited" }, limited, limit),
      said({ kind: "score", score: "parse-failures" }, () => {}),
      said({ kind: "mean", of: "output-tokens", prices: null }, tokens),
      said({ kind: "mean", of: "cost", prices: null }, tokens),
    ],
    [
      "rejection odds ratio 0.5x to 2x (99%) (40% against 40%)",
      "rate limit rate at most 3% (99%) (1% against 1%)",
      "nothing to count yet",
      "output tokens ratio 0.96x to 1.04x (99%) (100 against 100)",
      "not both versions declare their prices",
    ],
  );
});

test("what is not counted in a row is nothing, and never an error", () => {
  const row = rowOf("stable", 1, () => {});
  for (const event of EVENTS) {
    const { n, bad } = countIn({ kind: "events", event }, row);
    assert.ok(n >= 0 && bad === 0);
  }
});
