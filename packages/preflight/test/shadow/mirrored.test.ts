// The gate `shadow` while gateways mirror: how much is waited for, what the pairs speak for, and the full load at the end.
// The mirror is a fake, which the gate has to stop whatever happens.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Version } from "@slipway/core";
import {
  type GateFinding,
  gates,
  type MirrorAsked,
  type Mirroring,
  type Served,
  type Surroundings,
} from "@slipway/preflight";
import { scoringPorts } from "@slipway/preflight/edge";
import type { MirrorView } from "@slipway/wire";
import type { ShadowGate } from "@slipway/wire/config";
import { hastyClock, served, surroundings } from "../surroundings.ts";
import { linesOf, SETTINGS, sideOf, viewOf } from "./answers.ts";

/** Shows of the n-th mirror what it is told to, so many looks after its start. */
class FakeMirror implements Mirroring {
  readonly asked: MirrorAsked[] = [];
  readonly #views: readonly ((look: number) => MirrorView)[];
  stops = 0;
  looks = 0;

  constructor(...views: readonly ((look: number) => MirrorView)[]) {
    this.#views = views;
  }

  start(asked: MirrorAsked): Promise<MirrorView> {
    this.asked.push(asked);
    this.looks = 0;
    return this.#shown();
  }

  look(): Promise<MirrorView> {
    this.looks++;
    return this.#shown();
  }

  stop(): Promise<MirrorView> {
    this.stops++;
    return this.#shown();
  }

  #shown(): Promise<MirrorView> {
    const view = this.#views[this.asked.length - 1]?.(this.looks);
    if (view === undefined) throw new Error("nobody expected another mirror");
    return Promise.resolve(view);
  }
}

const ALIKE = linesOf(
  Array.from({ length: 100 }, () => ({ stable: {}, candidate: {}, again: {} })),
);

async function found(
  mirroring: FakeMirror,
  settings: Partial<ShadowGate> = {},
  changes: Partial<Surroundings> = {},
): Promise<GateFinding> {
  const finding = await gates.shadow.run({
    ...surroundings({
      clock: hastyClock(0),
      mirroring: {
        start: (asked) => mirroring.start(asked),
        look: () => mirroring.look(),
        stop: () => mirroring.stop(),
      },
      files: { read: () => Promise.resolve(ALIKE) },
      listFolder: (folder) => Promise.resolve(folder === "gateway/answers/coder" ? ["a"] : []),
      scoring: scoringPorts,
      ...changes,
    }),
    settings: { ...SETTINGS, recorded: [], ...settings },
    before: [],
    progress: () => {},
  });
  assert.equal(mirroring.stops, mirroring.asked.length, "every mirror is stopped");
  return finding;
}

/** A request a look, a hundred at most. */
const growing = (look: number): MirrorView => viewOf(Math.min(100, 10 * look));

test("it mirrors until there are enough pairs, keeps both answers, and asks stable again", async () => {
  const mirror = new FakeMirror(growing);
  const { outcome, because, figures } = await found(mirror, { share: 0.4, again: 0.5 });
  assert.equal(outcome, "pass", because);
  assert.deepEqual(mirror.asked, [
    {
      ...{ to: "v2", share: 0.4, again: 0.5, keep: true, reason: "the gate shadow" },
      // Where the gate dies, its mirror does not outlive it for long.
      forMs: SETTINGS.withinMs + 120_000,
    },
  ]);
  assert.equal(mirror.looks, 10);
  const coverage = figures.find(({ name }) => name.endsWith("speaks for"));
  assert.deepEqual([coverage?.value, coverage?.holds], [1, true]);
});

test("files that ended before the mirror began are not read", async () => {
  const startedAtMs = 10 * 3_600_000;
  const old = `worker-0-${startedAtMs - 2 * 3_600_000}.jsonl`;
  const own = `worker-0-${startedAtMs - 3_500_000}.jsonl`;
  const read: string[] = [];
  const mirror = new FakeMirror((look) => ({ ...growing(look), startedAtMs }));
  const { outcome, because } = await found(
    mirror,
    {},
    {
      listFolder: () => Promise.resolve([old, own]),
      files: {
        read: (path) => {
          read.push(path);
          return Promise.resolve(ALIKE);
        },
      },
    },
  );
  assert.equal(outcome, "pass", because);
  assert.deepEqual(new Set(read), new Set([`gateway/answers/coder/${own}`]));
});

test("nothing mirrored is a failure, with what came instead", async () => {
  const nobody = await found(new FakeMirror(() => viewOf(0)), { withinMs: 5_000 });
  assert.equal(nobody.outcome, "fail");
  assert.equal(nobody.because, "nothing was mirrored to v2: no request of the model came");
  const none = viewOf(0, {
    seen: { requests: 40, eligible: 10, ineligible: { "side-effects": 30 }, dropped: { busy: 10 } },
  });
  const { outcome, because } = await found(new FakeMirror(() => none), { withinMs: 5_000 });
  assert.equal(outcome, "fail");
  assert.equal(
    because,
    "nothing was mirrored to v2: of 40 requests none was (side-effects 30, busy 10)",
  );
});

test("copies that never come back fail the gate: the answers that did come say nothing of them", async () => {
  const hanging = (look: number): MirrorView =>
    viewOf(100, { shadow: sideOf(Math.min(60, look)), primary: sideOf(100, { p99Ms: 200 }) });
  const { outcome, because } = await found(new FakeMirror(hanging), { withinMs: 90_000 });
  assert.equal(outcome, "fail");
  assert.match(because, /^v2 left 3\d of 100 copies without an answer for 5 s and more$/);
});

test("copies that may have come back too seldom are no pass, though every pair is alike", async () => {
  const hanging = (look: number): MirrorView =>
    viewOf(100, { shadow: sideOf(Math.min(91, look)), primary: sideOf(100, { p99Ms: 200 }) });
  const settings = { withinMs: 100_000, margin: 0.08 };
  const { outcome, because } = await found(new FakeMirror(hanging), settings);
  assert.equal(outcome, "inconclusive");
  assert.match(
    because,
    /^4% of the copies were left without an answer, and that it is no more than 8%/,
  );
});

test("pairs that speak for too little of the traffic tell nothing", async () => {
  const view = viewOf(100, { seen: { requests: 1_000, eligible: 400, dropped: { busy: 100 } } });
  const { outcome, because } = await found(new FakeMirror(() => view));
  assert.equal(outcome, "inconclusive");
  assert.match(because, /^what was compared speaks for 20% of the model's requests, and 50% are/);
});

test("answers that are kept elsewhere are asked for, and nothing is made up of the counts", async () => {
  const { outcome, because } = await found(new FakeMirror(growing), { gatewayDir: "elsewhere" });
  assert.equal(outcome, "inconclusive");
  assert.match(because, /^v2 answered 100 copies, and elsewhere has none of them/);
});

test("a mirror that somebody else ended is not this gate's to stop; one that ctrl-C ends is", async () => {
  const stopped = { atMs: 1, by: "bob", reason: "" };
  const byBob = new FakeMirror(() => viewOf(1, { stopped }));
  await assert.rejects(found(byBob), /bob stopped the mirror of coder/);
  assert.equal(byBob.stops, 0);
  const ended = new AbortController();
  const mirror = new FakeMirror((look) => {
    if (look === 2) ended.abort();
    return viewOf(1);
  });
  await assert.rejects(found(mirror, {}, { signal: ended.signal }));
  assert.equal(mirror.stops, 1);
});

const AMPLIFY: NonNullable<ShadowGate["amplify"]> = {
  perSecond: 40,
  lengthMs: 20_000,
  errorsMax: 0.05,
  totalMsMax: 500,
  budget: null,
};
/** Forty copies a second. */
const full =
  (changes: Partial<MirrorView["shadow"]> = {}) =>
  (look: number): MirrorView =>
    viewOf(40 * look, {
      shadow: sideOf(40 * look, {
        p99Ms: 200,
        p99Bounds: { lowMs: 180, highMs: 230 },
        ...changes,
      }),
    });

function candidate(changes: Partial<Version["upstreams"][number]> = {}): Served {
  const { version, endpoints } = served("v2");
  const upstream: Version["upstreams"][number] = {
    id: "v2",
    url: "http://127.0.0.1:9/v1",
    model: "v2",
    keyEnv: null,
    pool: "v2",
    inFlightMax: 100,
    concurrency: "fixed",
    replicas: 1,
    ...changes,
  };
  return { version: { ...version, upstreams: [upstream] }, endpoints };
}

test("a controller that is gone is told as what went wrong first", async () => {
  const mirror = new FakeMirror(growing);
  mirror.look = () => Promise.reject(new Error("no controller answers"));
  const stopping = mirror.stop.bind(mirror);
  mirror.stop = async () => {
    await stopping();
    throw new Error("it cannot be stopped either");
  };
  await assert.rejects(found(mirror), /^Error: no controller answers$/);
  assert.equal(mirror.stops, 1);
});

test("once the pairs hold, requests are copied so often that the load is full", async () => {
  const mirror = new FakeMirror(growing, full());
  const { outcome, because } = await found(
    mirror,
    { amplify: AMPLIFY },
    { candidate: candidate() },
  );
  assert.equal(outcome, "pass", because);
  assert.match(
    because,
    /; 0% of 840 answers failed at 40\.0 copies a second \(limit 5%\), P99 200/,
  );
  // A hundred requests in ten seconds came while the pairs were gathered.
  assert.deepEqual(mirror.asked[1], {
    to: "v2",
    share: 1,
    copies: 4,
    inFlightMax: 100,
    reason: "the gate shadow, at full load",
    forMs: AMPLIFY.lengthMs + 150_000,
  });
});

test("failures, slowness and a load that was not reached are told by their number at full load", async () => {
  const at = async (view: (look: number) => MirrorView): Promise<GateFinding> =>
    await found(new FakeMirror(growing, view), { amplify: AMPLIFY }, { candidate: candidate() });
  const failing = await at(full({ bad: 84 }));
  assert.match(failing.because, /^v2: 10% of 840 answers failed at 40\.0 copies a second/);
  const slow = await at(full({ p99Ms: 900, p99Bounds: { lowMs: 800, highMs: null } }));
  assert.match(slow.because, /^v2: P99 900 ms at 40\.0 copies a second \(limit 500 ms\)$/);
  assert.deepEqual([failing.outcome, slow.outcome], ["fail", "fail"]);
  const little = await at((look) => viewOf(10 * look, { seen: { dropped: { busy: 600 } } }));
  assert.equal(little.outcome, "inconclusive");
  assert.match(
    little.because,
    /^10\.0 copies a second reached v2 of the 40 .*\(dropped: busy 600\)/,
  );
});

test("a provider's version gets no load without a budget, and none beyond it", async () => {
  const { version, endpoints } = candidate();
  const upstreams = version.upstreams.map(({ replicas: __, ...upstream }) => upstream);
  const ofProvider = { version: { ...version, upstreams }, endpoints };
  const tokens = { inputTokens: 10_000, outputTokens: 10_000 };
  const gathered = (look: number): MirrorView =>
    viewOf(Math.min(100, 10 * look), { shadow: sideOf(Math.min(100, 10 * look), tokens) });
  const run = async (tokensMax: number | null, view = full(tokens)): Promise<GateFinding> =>
    await found(
      new FakeMirror(gathered, view),
      {
        amplify: {
          ...AMPLIFY,
          budget: tokensMax === null ? null : { tokens: tokensMax, dollars: null },
        },
      },
      { candidate: ofProvider },
    );
  const none = await run(null);
  assert.match(none.because, /^a provider serves this version, and no budget says/);
  const small = await run(100_000);
  assert.match(small.because, /^the load would use 160,000 tokens, and the budget is 100,000/);
  assert.deepEqual([none.outcome, small.outcome], ["inconclusive", "inconclusive"]);
  assert.equal((await run(200_000)).outcome, "pass");
});
