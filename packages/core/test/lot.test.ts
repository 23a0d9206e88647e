// Who is missing: the split against the stage's share, and the candidate's mix against stable's.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  addDistinct,
  chiSquareAbove,
  createRandom,
  decide,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyRow,
  type Phase,
  type Policy,
  poisson,
  populationStability,
  type Random,
  type Rollout,
  representationOf,
  type SplitTest,
  splitOf,
} from "@slipway/core";
import { rolloutIn } from "./rollout-fixture.ts";

const STAGE: Phase = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 };
const LANGUAGES = [{ name: "language", header: null, field: null, detect: null }];
const evidence = { tickMs: 60_000, horizonMs: 60_000, segments: LANGUAGES };

function rolloutOf(policy: Partial<Policy> = {}): Rollout {
  return rolloutIn(STAGE, { guards: [], evidence, ...policy });
}

type Facts = Partial<Pick<EvidenceRow, "arm" | "via" | "segment" | "table">> & {
  readonly n: number;
  readonly bad?: number;
  readonly keyless?: number;
  readonly edit?: (row: EvidenceRow) => void;
};

function rowOf({ n, bad = 0, keyless = 0, edit, ...key }: Facts, tick: number): EvidenceRow {
  const row = emptyRow({
    rolloutId: "r-1",
    table: 1,
    tick,
    arm: "stable",
    via: "split",
    segment: "all",
    ...key,
  });
  row.arrivals = n;
  row.judged = n;
  row.outcomes = { ok: n - bad, server_error: bad };
  row.keyless = keyless;
  // As evenly as can be: users that send alike.
  row.buckets.arrivals = row.buckets.arrivals.map(() => n / row.buckets.arrivals.length);
  edit?.(row);
  return row;
}

function seen(rollout: Rollout, ...ticks: readonly (readonly Facts[])[]): Evidence {
  return ticks.reduce(
    (before, facts, tick) =>
      absorb(before, rollout, {
        rolloutId: "r-1",
        tick,
        endMs: (tick + 1) * 60_000,
        missing: [],
        rows: facts.map((fact) => rowOf(fact, tick)),
      }),
    emptyEvidence(1),
  );
}

function held(rollout: Rollout, facts: readonly Facts[]): readonly string[] {
  const state = { rollout, evidence: seen(rollout, facts) };
  const unmet = decide(state, 60_000).requirements.filter(({ met }) => !met);
  return unmet.flatMap(({ code, text }) =>
    code === "split" || code === "representative" ? [`${code}: ${text}`] : [],
  );
}

/** Minutes of drawn traffic, 1,000 requests each, until the split is surely off; null if it never is. */
function minutesUntilOff(random: Random, minutes: number, kept: number): number | null {
  const rollout = rolloutOf();
  let known = emptyEvidence(1);
  for (let tick = 0; tick < minutes; tick++) {
    const rows = [
      rowOf({ n: poisson(random, 950) }, tick),
      rowOf({ n: poisson(random, 50 * kept), arm: "candidate" }, tick),
    ];
    known = absorb(known, rollout, {
      rolloutId: "r-1",
      tick,
      endMs: (tick + 1) * 60_000,
      missing: [],
      rows,
    });
    if (splitOf(rollout, known)?.isOff === true) return tick + 1;
  }
  return null;
}

test("a canary that loses a tenth of its requests is found, and a full one is let alone for four hours", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = createRandom(seed);
    assert.equal(minutesUntilOff(random, 240, 1), null, `seed ${seed}`);
    const found = minutesUntilOff(random, 240, 0.9);
    assert.ok(found !== null && found < 120, `seed ${seed}: ${found}`);
  }
});

test("requests that are assigned and not completed hold the stage, and are called what they are", () => {
  const facts: Facts[] = [
    { n: 19_000, bad: 20 },
    { n: 1_000, bad: 300, arm: "candidate" },
  ];
  const [text] = held(rolloutOf(), facts);
  assert.match(
    text ?? "",
    /^split: the candidate gets its share and completes another: 70% of its/,
  );
});

test("under warn the same only says so", () => {
  const rollout = rolloutOf({ representative: "warn" });
  const facts: Facts[] = [{ n: 19_500 }, { n: 500, arm: "candidate" }];
  assert.deepEqual(held(rollout, facts), []);
  const { requirements } = decide({ rollout, evidence: seen(rollout, facts) }, 60_000);
  const split = requirements.find(({ code }) => code === "split");
  assert.match(split?.text ?? "", /^only warned of: the candidate lacks requests: 2.5% of those/);
});

test("only what was drawn by lot counts, and kept conversations count where the lot put them", () => {
  const rollout = rolloutOf();
  const known = seen(rollout, [
    { n: 950 },
    { n: 400, keyless: 400 },
    { n: 300, via: "excluded" },
    { n: 20, via: "kept" },
    { n: 30, arm: "candidate" },
    { n: 500, arm: "candidate", via: "ring" },
    { n: 70, arm: "candidate", table: 0 },
  ]);
  assert.deepEqual([known.lot.candidate.assigned, known.lot.stable.assigned], [50, 950]);
  const perRequest = rolloutOf({ keys: { ...rollout.policy.keys, withoutKey: "per-request" } });
  assert.equal(seen(perRequest, [{ n: 400, keyless: 400 }]).lot.stable.assigned, 400);
});

test("users who send unevenly make requests count for less, so that a heavy one is no evidence", () => {
  const facts = (uneven: boolean): Facts[] => [
    {
      n: 19_000,
      edit: (row) => {
        if (uneven)
          row.buckets.arrivals = row.buckets.arrivals.map((_, i) => (i < 2 ? 7_700 : 200));
      },
    },
    { n: 700, arm: "candidate" },
  ];
  const requests = (uneven: boolean): SplitTest | undefined =>
    splitOf(rolloutOf(), seen(rolloutOf(), facts(uneven)))?.tests[0];
  assert.equal(requests(false)?.isOff, true);
  assert.equal(requests(true)?.isOff, false);
});

test("users are counted as surely as their sketches allow", () => {
  const users = (from: number, to: number) => (row: EvidenceRow) => {
    for (let user = from; user < to; user++) addDistinct(row.users, `user-${user}`);
  };
  const with10000 = (candidates: number): readonly SplitTest[] => {
    const known = seen(rolloutOf(), [
      { n: 1_900, edit: users(0, 9_500) },
      { n: 100, arm: "candidate", edit: users(20_000, 20_000 + candidates) },
    ]);
    return splitOf(rolloutOf(), known)?.tests ?? [];
  };
  assert.equal(with10000(500).find(({ of }) => of === "users")?.isOff, false);
  assert.equal(with10000(460).find(({ of }) => of === "users")?.isOff, false);
  assert.equal(with10000(250).find(({ of }) => of === "users")?.isOff, true);
});

test("a stage of everybody asks nothing of the split, and the next stage begins anew", () => {
  const all = rolloutIn({ ...STAGE, stage: 2 }, { guards: [], evidence });
  assert.equal(splitOf(all, seen(all, [{ n: 1_000, arm: "candidate" }])), null);
  const next = { ...rolloutOf(), stageTable: 2, table: 2 };
  assert.equal(splitOf(next, seen(rolloutOf(), [{ n: 1_000 }])), null);
  const both = seen(next, [{ n: 1_000 }], [{ n: 10, table: 2 }]);
  assert.equal(both.lot.stable.assigned, 10);
});

test("chi-square has its textbook quantiles", () => {
  for (const [value, degrees, chance] of [
    [3.841, 1, 0.05],
    [16.919, 9, 0.05],
    [27.877, 9, 0.001],
    [43.82, 19, 0.001],
  ] as const) {
    assert.ok(Math.abs(Math.log(chiSquareAbove(value, degrees) / chance)) < 0.2);
  }
});

test("the stability index is as large as chance makes it, and its test does not mind", () => {
  const random = createRandom(11);
  let index = 0;
  let sure = 0;
  for (let run = 0; run < 400; run++) {
    const pairs = Array.from({ length: 10 }, () => ({
      candidate: poisson(random, 10),
      stable: poisson(random, 190),
    }));
    const found = populationStability(pairs, 1);
    assert.ok(found);
    index += found.index / 400;
    if (found.chance < 0.01) sure++;
  }
  assert.ok(index > 0.07 && index < 0.12, `${index}`);
  assert.ok(sure <= 12, `${sure} of 400`);
});

const mixed = (candidate: Record<string, number>, bad: Record<string, number> = {}): Facts[] => [
  ...Object.entries({ python: 9_500, go: 7_600, rust: 1_900 }).map(([segment, n]) => ({
    segment,
    n,
  })),
  ...Object.entries(candidate).map(([segment, n]): Facts => {
    return { segment, n, bad: bad[segment] ?? 0, arm: "candidate" };
  }),
];

test("a canary without one group of users holds the stage, and the group is named", () => {
  assert.deepEqual(held(rolloutOf(), mixed({ python: 500, go: 400, rust: 100 })), []);
  const [text] = held(rolloutOf(), mixed({ python: 560, go: 438, rust: 2 }));
  assert.equal(
    text,
    "representative: canary without language rust (0.2% of its requests, 10% of stable's)",
  );
});

test("a canary of another mix holds the stage, with what its failures were in everybody's", () => {
  const facts = mixed({ python: 200, go: 750, rust: 50 }, { python: 20 });
  const [text] = held(rolloutOf(), facts);
  assert.match(
    text ?? "",
    /^representative: canary unlike stable by language: python 20% of its requests, 50% of/,
  );
  assert.match(text ?? "", /with everybody's mix 4.8\d% of its requests would fail, not 2%$/);
});

test("what a small canary differs by may be chance, and is none where nothing tells requests apart", () => {
  const few: Facts[] = [
    { segment: "python", n: 95 },
    { segment: "go", n: 95 },
    { segment: "python", n: 2, arm: "candidate" },
    { segment: "go", n: 8, arm: "candidate" },
  ];
  assert.deepEqual(held(rolloutOf(), few), []);
  const blind = rolloutOf({ evidence: { ...evidence, segments: [] } });
  assert.equal(representationOf(blind, seen(blind, mixed({ go: 1_000 }))), null);
});

test("further dimensions are looked at too", () => {
  const segments = [...LANGUAGES, { name: "client", header: null, field: null, detect: null }];
  const rollout = rolloutOf({ evidence: { ...evidence, segments } });
  const client = (name: string, n: number) => (row: EvidenceRow) => {
    row.slices = { client: { [name]: { arrivals: n, bad: 0 } } };
  };
  const facts: Facts[] = [
    { n: 9_500, edit: client("copilot", 9_500) },
    { n: 9_500, edit: client("codex", 9_500) },
    { n: 1_000, arm: "candidate", edit: client("codex", 1_000) },
  ];
  assert.match(held(rollout, facts)[0] ?? "", /canary without client copilot \(0% of its/);
});
