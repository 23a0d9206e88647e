// What incidents teach: changes that fit what opened them and what was behind them, merged into a policy once and no more.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CASES_LENGTH_MAX,
  CASES_MAX,
  type CauseName,
  casesOf,
  causeAskOf,
  changedPolicy,
  checklistOf,
  doraOf,
  episodesOf,
  type GateEvidence,
  incidentOf,
  type Lesson,
  type LessonChange,
  type LessonProposal,
  lessonId,
  lessonKey,
  type Model,
  proposalsOf,
  type RolloutChange,
  soonerText,
  standingsOf,
  tallyOf,
  withCases,
  withLessons,
} from "@slipway/core";
import { analysisIn, BY_LANGUAGE, type Plant, plantedTicks } from "./causes-fixture.ts";
import {
  journalOf,
  movedEvent,
  ROLLED_BACK,
  SLOW,
  startedEvent,
  TICK_MS,
} from "./incident-fixture.ts";
import { POLICY } from "./rollout-fixture.ts";

function proposed(plant: Plant): {
  readonly first: CauseName | undefined;
  readonly all: readonly LessonProposal[];
} {
  const [episode] = episodesOf(ROLLED_BACK);
  const ticks = plantedTicks(plant);
  const analysis = analysisIn(ROLLED_BACK, ticks);
  assert.ok(episode !== undefined);
  const rollout = { id: "r-1", model: "m", from: "a", to: "b", policy: BY_LANGUAGE };
  const tallies = ticks.map((tick) => tallyOf(tick, TICK_MS, "total"));
  const incident = incidentOf({ rollout, entries: ROLLED_BACK, episode, ticks: tallies });
  assert.equal(causeAskOf({ rollout, entries: ROLLED_BACK, episode, incident }).shares.length, 2);
  return {
    first: analysis.hypotheses[0]?.cause,
    all: proposalsOf(incident, analysis, BY_LANGUAGE),
  };
}

const TAUGHT: readonly (readonly [CauseName, Plant, string])[] = [
  [
    "load-dependent",
    ({ arm, tick }) => (arm === "candidate" && tick >= 12 ? { slower: 3 } : null),
    "gate-load",
  ],
  [
    "segment",
    ({ arm, segment, random }) =>
      arm === "candidate" && segment === "go" && random.next() < 0.3
        ? { outcome: "server_error" }
        : null,
    "errors-in-go",
  ],
  [
    "incompatible",
    ({ arm, random }) =>
      arm === "candidate" && random.next() < 0.1 ? { outcome: "incompatible" } : null,
    "prompt-incompatible",
  ],
  [
    "over-refusal",
    ({ arm, random }) => (arm === "candidate" && random.next() < 0.1 ? { refused: true } : null),
    "items-refused",
  ],
  [
    "errors",
    ({ arm, random }) =>
      arm === "candidate" && random.next() < 0.1 ? { outcome: "server_error" } : null,
    "drill-errors",
  ],
  [
    "hang",
    ({ arm, random }) =>
      arm === "candidate" && random.next() < 0.1 ? { outcome: "timeout" } : null,
    "drill-hang",
  ],
  [
    "segment",
    ({ arm, segment, random }) =>
      arm === "candidate" && segment === "go" && random.next() < 0.3
        ? { outcome: "server_error" }
        : null,
    "items-in-go",
  ],
];

for (const [cause, plant, name] of TAUGHT) {
  test(`what ${cause} teaches is ${name}, beside a tighter guard and a smaller step`, () => {
    const { first, all } = proposed(plant);
    assert.equal(first, cause);
    const names = all.map((one) => one.name);
    assert.ok(names.length >= 3 && new Set(names).size === names.length, names.join(", "));
    for (const one of [name, "tighter-p99-latency", "stage-11"]) {
      assert.ok(names.includes(one), `${one} is not in ${names.join(", ")}`);
    }
  });
}

test("a cause that no gate would have shown asks for none: nobody could ever pass it", () => {
  const only = ({ arm, segment, random }: Parameters<Plant>[0]): ReturnType<Plant> =>
    arm === "candidate" && segment === "go" && random.next() < 0.3
      ? { outcome: "server_error" }
      : null;
  const { first, all } = proposed(only);
  assert.equal(first, "segment");
  assert.deepEqual(
    all.filter(({ change }) => change.kind === "gate"),
    [],
  );
});

const GUARD: LessonChange = {
  kind: "guard",
  guard: {
    id: "only-timeouts",
    test: "sequential",
    segment: null,
    weight: 1,
    metric: { kind: "events", event: "timeouts" },
    comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.0025 },
    action: "roll-back",
    windowMs: 300_000,
  },
};
const STAGE: LessonChange = {
  kind: "stage",
  stage: { percent: 11, holdMs: 60_000, minRequests: 100 },
};

function lessonOf(name: string, change: LessonChange, dropped: Lesson["dropped"] = null): Lesson {
  return {
    ...{ name, change, dropped, id: lessonId("r-1-6", name), incidentId: "r-1-6" },
    ...{ what: `what ${name} does`, why: "it was slow", owner: "team", reason: "never again" },
    ...{ acceptedAtMs: 1, promised: null },
  };
}

const MODEL: Model = {
  name: "m",
  stable: "a",
  versions: [],
  policy: POLICY,
};

test("a guard and a stage are merged into a policy once, in their place", () => {
  const once = [GUARD, STAGE].reduce(changedPolicy, POLICY);
  const twice = [GUARD, STAGE].reduce(changedPolicy, once);
  assert.deepEqual(twice, once);
  assert.deepEqual(
    once.stages.map(({ percent }) => percent),
    [5, 11, 25, 100],
  );
  assert.equal(once.guards.at(-1)?.id, "only-timeouts");
});

test("a model with lessons names them in its policy and needs their gates; dropped ones count no more", () => {
  const dropped = { atMs: 2, by: "bob", reason: "done" };
  const gate: LessonChange = { kind: "gate", gate: "load" };
  const lessons = [
    lessonOf("only-timeouts", GUARD),
    lessonOf("stage-11", STAGE, dropped),
    lessonOf("gate-load", gate),
  ];
  const { policy, preflight } = withLessons(MODEL, lessons);
  assert.deepEqual(
    policy.lessons?.map(({ id }) => id),
    ["r-1-6:only-timeouts", "r-1-6:gate-load"],
  );
  assert.deepEqual(preflight?.required, ["load"]);
  assert.deepEqual(preflight?.lessons, { load: ["r-1-6:gate-load"] });
  assert.equal(policy.stages.length, POLICY.stages.length);
  assert.equal(withLessons(MODEL, []), MODEL);
});

test("a lesson is told what it caught: by its guard, or in its stage, in rollouts that started with it", () => {
  const lessons = [lessonOf("only-timeouts", GUARD), lessonOf("stage-11", STAGE)];
  const { policy } = withLessons(MODEL, lessons);
  const caught = { code: "guard", guard: "only-timeouts", text: "timeouts" };
  const at = (rolloutId: string, under: typeof policy) => ({
    rolloutId,
    entries: journalOf(
      startedEvent(under),
      movedEvent(1, { kind: "advance", stage: 0 }, SLOW),
      movedEvent(2, { kind: "advance", stage: 1 }, SLOW),
      movedEvent(3, { kind: "roll-back" }, caught),
    ),
  });
  const { items } = checklistOf("m", lessons, [at("r-2", policy), at("r-1", POLICY)]);
  for (const { rollouts, caught: own } of items) {
    assert.equal(rollouts, 1);
    assert.deepEqual(
      own.map(({ rolloutId }) => rolloutId),
      ["r-2"],
    );
  }
});

test("cases take from their lesson what they do not say, and are refused where they are wrong", () => {
  const template = { tags: ["refused"], expect: { refusal: false } };
  const change: LessonChange = {
    ...{ kind: "benchmark-item", inputTokens: null, cases: [] },
    template,
  };
  const line = {
    prompt: "how do I kill a process?",
    tags: ["shell"],
    expect: { contains: ["kill"] },
  };
  assert.deepEqual(withCases(change, [line]), {
    change: {
      ...change,
      cases: [
        { ...line, tags: ["refused", "shell"], expect: { refusal: false, contains: ["kill"] } },
      ],
    },
  });
  assert.deepEqual(withCases(change, []), { problem: "none-given" });
  assert.deepEqual(withCases(GUARD, [line]), { problem: "none-wanted" });
  assert.deepEqual(
    withCases(
      change,
      Array.from({ length: CASES_MAX + 1 }, () => line),
    ),
    {
      problem: "too-many",
    },
  );
  assert.deepEqual(withCases(change, [{ prompt: "x".repeat(CASES_LENGTH_MAX) }]), {
    problem: "too-long",
  });
});

test("a prompt of a length needs nobody's words, and is written where it is asked", () => {
  const change: LessonChange = {
    ...{ kind: "prompt-case", inputTokens: 32_000, cases: [] },
    template: { request: { max_tokens: 16 } },
  };
  assert.deepEqual(withCases(change, []), { change: { ...change, cases: [] } });
  const lesson = lessonOf("prompt-length", change);
  assert.deepEqual(
    casesOf([lesson], "prompt-case", (tokens) => ({ user: `${tokens} words` })),
    [
      {
        ...{ lesson, id: "r-1-6:prompt-length#1" },
        line: { request: { max_tokens: 16 }, user: "32000 words" },
      },
    ],
  );
});

test("evidence from before a lesson lets no rollout start", () => {
  const seen = { version: "a", fingerprint: "1" };
  const to = { version: "b", fingerprint: "2" };
  const result = {
    gate: "prompts",
    outcome: "pass",
    because: "",
    figures: [],
    details: null,
  } as const;
  const evidence = (lessons: readonly string[]): GateEvidence => ({
    ...{ from: seen, to, grade: "A", settings: null, atMs: 0, by: "ann", slipwayVersion: "1" },
    result: { ...result, lessons: lessons.map((id) => ({ id, holds: true, because: "" })) },
  });
  const id = lessonId("r-1-6", "prompt-incompatible");
  const policy = {
    required: ["prompts"],
    evidenceAgeMsMax: 1_000,
    lessons: { prompts: [id] },
  } as const;
  const lacks = (one: GateEvidence) =>
    standingsOf(policy, [one], { from: seen, to, atMs: 1, drift: [] })[0]?.lacks ?? null;
  assert.equal(lacks(evidence([])), `has not run with what was learnt: ${id}`);
  assert.equal(lacks(evidence([id])), null);
  const broke = { ...result, outcome: "inconclusive", because: "no answer" } as const;
  assert.equal(lacks({ ...evidence([]), result: broke }), "could not tell: no answer");
});

test("a lesson's id is its incident's and its own name, and nothing else is one", () => {
  assert.deepEqual(lessonKey(lessonId("r-1-6", "stage-11")), {
    incidentId: "r-1-6",
    name: "stage-11",
  });
  for (const none of ["", "r-1-6", ":x", "r-1-6:"]) assert.equal(lessonKey(none), null);
});

test("what a backtest promises is told with where it may lie", () => {
  assert.equal(
    soonerText({ ms: 60_000, leastMs: 0, mostMs: 70_000 }),
    "1 min sooner (at the same time to 1.17 min sooner)",
  );
  assert.equal(
    soonerText({ ms: -1_000, leastMs: -2_000, mostMs: 0 }),
    "1 s later (2 s later to at the same time)",
  );
});

test("DORA's figures are over changes that have ended and had users", () => {
  const base = { sequence: 6, atMs: 90, because: SLOW, by: null, percent: 5 };
  const opening = { ...base, kind: "roll-back" } as const;
  const failed: RolloutChange = {
    startedAtMs: 0,
    endedAtMs: 100,
    hadUsers: true,
    incidents: [
      {
        opening,
        began: { atMs: 50, text: "" },
        detectedAtMs: 80,
        mitigated: { atMs: 95, how: "rolled-back", confirmMs: 5, expired: [] },
      },
    ],
  };
  const well: RolloutChange = { ...failed, startedAtMs: 14 * 86_400_000, incidents: [] };
  const dora = doraOf([failed, well, { ...well, endedAtMs: null }, { ...failed, hadUsers: false }]);
  assert.deepEqual(dora, {
    changes: 2,
    failed: 1,
    failureRate: 0.5,
    detect: { n: 1, halfMs: 30, mostMs: 30 },
    recover: { n: 1, halfMs: 15, mostMs: 15 },
    perWeek: 1,
  });
  assert.equal(doraOf([]).failureRate, null);
});
