// Causes: of an incident whose cause was planted the analysis names that one first, with the share of the harm that is
// its; where nothing is wrong it names none; and it says what it could not test.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CauseGroup,
  type CauseName,
  clipped,
  concentrationOf,
  type RecordedEvent,
  type Tick,
  type Verdict,
} from "@slipway/core";
import fc from "fast-check";
import { analysisIn, type Plant, plantedTicks, withHealth } from "./causes-fixture.ts";
import {
  confirmedEvent,
  journalOf,
  lookedEvent,
  movedEvent,
  ROLLED_BACK,
  startedEvent,
} from "./incident-fixture.ts";

const on =
  (plant: Plant): Plant =>
  (where) =>
    where.arm === "candidate" ? plant(where) : null;
const some = (share: number, met: ReturnType<Plant>): Plant =>
  on(({ random }) => (random.next() < share ? met : null));

const PLANTS: readonly (readonly [CauseName, string, Plant])[] = [
  [
    "load-dependent",
    "slow at a quarter of users, and not at a twentieth",
    on(({ tick }) => (tick < 12 ? null : { slower: 3 })),
  ],
  ["slow", "slow from the first stage on, for everybody", on(() => ({ slower: 3 }))],
  ["slow-tail", "one answer in twelve waits", some(0.08, { slower: 12 })],
  [
    "segment",
    "errors in one language",
    on(({ segment, random }) =>
      segment === "go" && random.next() < 0.3 ? { outcome: "server_error" } : null,
    ),
  ],
  [
    "bad-replica",
    "errors at one of four upstreams",
    on(({ replica, random }) =>
      replica === "two" && random.next() < 0.3 ? { outcome: "server_error" } : null,
    ),
  ],
  [
    "input-length",
    "long inputs are not taken",
    on(({ inputTokens }) => (inputTokens > 3_500 ? { outcome: "incompatible" } : null)),
  ],
  ["incompatible", "a parameter is not taken", some(0.1, { outcome: "incompatible" })],
  ["over-refusal", "one request in ten is refused by the filter", some(0.1, { refused: true })],
  ["rate-limits", "one request in ten is over a limit", some(0.1, { outcome: "rate_limited" })],
  ["errors", "one request in ten fails", some(0.1, { outcome: "server_error" })],
  ["hang", "one request in ten never ends", some(0.1, { outcome: "overdue" })],
  ["truncation", "one answer in ten breaks off", some(0.1, { outcome: "truncated" })],
  ["garbage", "one answer in ten is none", some(0.1, { outcome: "invalid" })],
];

for (const [cause, what, plant] of PLANTS) {
  test(`${what}: ${cause} comes first`, () => {
    const { hypotheses, harm } = analysisIn(ROLLED_BACK, plantedTicks(plant));
    const told = hypotheses.map((one) => `${one.cause} ${one.score.toFixed(2)}`).join(", ");
    assert.equal(hypotheses[0]?.cause, cause, told);
    assert.ok((hypotheses[0]?.share ?? 0) > 0.75, told);
    assert.ok(harm.total > 0);
    assert.ok((hypotheses[0]?.data.rows.length ?? 0) > 0);
  });
}

test("of ten requests that fail it is told whether they are the longest ones", () => {
  const few = (plant: Plant): readonly Tick[] =>
    plantedTicks(plant).map((tick) => ({
      ...tick,
      rows: tick.rows.filter(({ arm }) => arm === "stable" || tick.tick === 20),
    }));
  const first = (plant: Plant): string | undefined =>
    analysisIn(ROLLED_BACK, few(plant)).hypotheses[0]?.cause;
  const long = on(({ inputTokens }) => (inputTokens > 5_000 ? { outcome: "incompatible" } : null));
  assert.equal(first(long), "input-length");
  assert.equal(first(some(0.06, { outcome: "incompatible" })), "incompatible");
});

test("what fails beside a stable that is too thin to compare with is no harm", () => {
  const failing = plantedTicks(({ random }) =>
    random.next() < 0.1 ? { outcome: "server_error" } : null,
  ).map((tick) => ({
    ...tick,
    rows: tick.rows.filter(
      ({ arm, segment }) => arm === "candidate" || (tick.tick === 20 && segment === "go"),
    ),
  }));
  const thin = analysisIn(ROLLED_BACK, failing.map(onlyThirty));
  assert.deepEqual(thin.harm.kinds, []);
  const none = failing.map((tick) => ({
    ...tick,
    rows: tick.rows.filter(({ arm }) => arm === "candidate"),
  }));
  assert.deepEqual(analysisIn(ROLLED_BACK, none).harm.kinds, []);
});

/** Of stable's requests, thirty: three of them failed. */
function onlyThirty(tick: Tick): Tick {
  const outcomes = { ok: 27, server_error: 3 };
  return {
    ...tick,
    rows: tick.rows.map((row) =>
      row.arm === "candidate" ? row : { ...row, arrivals: 30, judged: 30, outcomes },
    ),
  };
}

test("harm in one segment that a guard was alarmed by is told, though it drowns in all together", () => {
  const failing = on(({ segment, random }) =>
    segment === "go" && random.next() < 0.035 ? { outcome: "server_error" } : null,
  );
  const errors = { code: "record", guard: "errors", text: "error ratio in go" };
  const alarmedIn = (segment: string | null): readonly RecordedEvent[] =>
    journalOf(
      ...ROLLED_BACK.slice(0, 5).map(({ event }) => event),
      lookedEvent(210_000, { ...errors, page: true }, [verdictIn(segment)]),
    );
  const ticks = plantedTicks(failing);
  const told = analysisIn(alarmedIn("go"), ticks);
  assert.equal(told.hypotheses[0]?.cause, "segment");
  assert.equal(told.harm.kinds[0]?.segment, "go");
  assert.match(told.hypotheses[1]?.text ?? "", /requests in go \(/);
  const untold = analysisIn(alarmedIn(null), ticks).hypotheses.find(
    ({ cause }) => cause === "segment",
  );
  assert.ok((untold?.score ?? 0) <= (told.hypotheses[0]?.score ?? 0));
});

test("who had nobody on the candidate before is who was missing, and not only a segment", () => {
  const failing = on(({ segment, random }) =>
    segment === "rust" && random.next() < 0.4 ? { outcome: "server_error" } : null,
  );
  const ticks = plantedTicks(failing).map((tick, index) =>
    index >= 12
      ? tick
      : {
          ...tick,
          rows: tick.rows.filter((row) => row.arm === "stable" || row.segment !== "rust"),
        },
  );
  const { hypotheses } = analysisIn(ROLLED_BACK, ticks);
  assert.deepEqual(
    hypotheses.slice(0, 2).map(({ cause }) => cause),
    ["who-is-missing", "segment"],
  );
});

const OUTAGE = journalOf(
  startedEvent(),
  movedEvent(60_000, { kind: "advance", stage: 0 }, { code: "preflight", text: "no gates" }),
  confirmedEvent(61_000),
  lookedEvent(215_000, { code: "outage", text: "stable got worse", page: true }),
);

test("what both arms suffer since a moment is shared", () => {
  const down: Plant = ({ tick, random }) =>
    tick >= 17 && random.next() < 0.3 ? { outcome: "server_error" } : null;
  const { hypotheses } = analysisIn(OUTAGE, plantedTicks(down));
  assert.equal(hypotheses[0]?.cause, "shared");
});

test("what stable suffers too is shared, also where few are left on it", () => {
  const down: Plant = ({ tick, random }) =>
    tick >= 17 && random.next() < 0.4 ? { outcome: "server_error" } : null;
  const first = (plant: Plant): string | undefined =>
    analysisIn(
      OUTAGE,
      plantedTicks(plant).map((tick, index) =>
        index < 17
          ? tick
          : {
              ...tick,
              rows: tick.rows.filter(
                ({ arm, segment }) => arm === "candidate" || (segment === "go" && index === 18),
              ),
            },
      ),
    ).hypotheses[0]?.cause;
  assert.equal(first(down), "shared");
  assert.notEqual(first(on(down)), "shared");
});

test("a growth that began before the harm is told from the load that came with a stage", () => {
  const growing = on(({ tick }) => ({ slower: 2 ** ((tick - 6) / 6) }));
  const causes = analysisIn(ROLLED_BACK, plantedTicks(growing));
  const load = causes.hypotheses.find(({ cause }) => cause === "load-dependent");
  assert.ok((load?.score ?? 0) < 1);
});

test("crashes that clients report are the client's side, whatever else is well", () => {
  const crashing = { code: "guard", guard: "crashes", text: "clients crash" };
  const entries = journalOf(
    ...ROLLED_BACK.slice(0, 5).map(({ event }) => event),
    movedEvent(215_000, { kind: "roll-back" }, crashing),
  );
  const ticks = plantedTicks(() => null).map((tick) =>
    withHealth(tick, 20, ({ arm }) => (arm === "candidate" ? 4 : 0)),
  );
  const { hypotheses, harm } = analysisIn(entries, ticks);
  assert.equal(harm.family, "labels");
  assert.equal(hypotheses[0]?.cause, "client-side");
});

test("where nothing is wrong no cause stands out, in any of fifty worlds", () => {
  const named = Array.from({ length: 50 }, (_, seed) =>
    analysisIn(
      ROLLED_BACK,
      plantedTicks(() => null, seed),
    ),
  ).filter(({ hypotheses }) => hypotheses.length > 0);
  assert.ok(named.length <= 1, named.map(({ hypotheses }) => hypotheses[0]?.text).join("\n"));
});

test("what there is no evidence of is not tested, and says why", () => {
  const { untested } = analysisIn(
    ROLLED_BACK,
    plantedTicks(some(0.1, { outcome: "server_error" })),
  );
  const why = new Map(untested.map((one) => [one.cause, one.why]));
  assert.match(why.get("client-side") ?? "", /no client reported/);
  assert.match(why.get("quality") ?? "", /no feedback/);
});

test("shares and scores lie between nothing and all, whatever was counted", () => {
  const count = fc.nat({ max: 5_000 });
  const group = fc.record({
    name: fc.string(),
    n: count,
    bad: count,
    expected: fc.double({ min: 0, max: 5_000, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(group, { maxLength: 8 }), (groups: readonly CauseGroup[]) => {
      const found = concentrationOf(groups);
      if (found === null) return;
      for (const value of [found.share, found.fit]) assert.equal(value, clipped(value));
    }),
  );
});

/** The guard of errors fails, by the evidence of one segment or of all. */
function verdictIn(segment: string | null): Verdict {
  const arm = { value: null, over: false, n: 0 };
  return {
    guard: "errors",
    unit: "share",
    comparison: "ratio",
    status: "fail",
    action: "roll-back",
    holds: true,
    measured: 2,
    limit: 1,
    candidate: arm,
    stable: arm,
    baseline: "concurrent",
    interval: null,
    text: "error ratio",
    finding: {
      ...{
        logE: 6,
        logNeeded: 5,
        low: 1,
        high: null,
        odds: false,
        replica: null,
        byHeavyUser: false,
        byFewUsers: false,
        late: null,
      },
      segment,
      going: { margin: 2, difference: null, logE: 0, logNeeded: 3, excluded: null },
    },
  };
}
