// The engine by hand-made cases, by a property over random loads, and by how latency bends under load.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, exponential, logNormal } from "@slipway/core";
import { Engine, type EngineParameters, spanBlockKeys, VirtualClock } from "@slipway/simulator";
import fc from "fast-check";
import { record, tinyEngine, tinyRequest } from "./fixtures.ts";

test("an unloaded request takes its prefill iterations and one iteration per further token", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, tinyEngine);
  const events = record(clock.mono);
  engine.submit(tinyRequest({ promptTokens: 100, outputTokens: 3 }), events);
  clock.run();
  // 64 tokens: 10 + 6.4; 36 tokens: 10 + 3.6, the first token; then twice 10 + 1.
  assert.deepEqual(
    events.tokenTimesMs.map((ms) => Math.round(ms * 1000) / 1000),
    [30, 41, 52],
  );
  assert.deepEqual(events.endings, [
    {
      kind: "done",
      usage: { promptTokens: 100, outputTokens: 3, cachedTokens: 0, preemptions: 0 },
    },
  ]);
});

test("several tokens per step come together, and their mean is kept exactly", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, { ...tinyEngine, tokensPerStep: 1.5 });
  const events = record(clock.mono);
  engine.submit(tinyRequest({ promptTokens: 10, outputTokens: 7 }), events);
  clock.run();
  assert.deepEqual(events.tokenTimesMs, [11, 22, 33, 33, 44, 55, 55]);
});

test("an idle engine has no timers", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, tinyEngine);
  assert.equal(clock.pending, 0);
  engine.submit(tinyRequest(), record());
  assert.equal(clock.pending, 1);
  clock.run();
  assert.equal(clock.pending, 0);
  assert.equal(engine.load, 0);
});

test("a full waiting queue rejects before submit returns", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, { ...tinyEngine, sequencesMax: 1, waitingMax: 2 });
  const all = Array.from({ length: 4 }, () => record());
  for (const events of all) engine.submit(tinyRequest(), events);
  assert.deepEqual(all[3]?.endings, [{ kind: "rejected" }]);
  clock.run();
  assert.deepEqual(
    all.map((events) => events.endings[0]?.kind),
    ["done", "done", "done", "rejected"],
  );
});

test("a request that can never fit fails at once", () => {
  const engine = new Engine(new VirtualClock(), { ...tinyEngine, blocksMax: 4 });
  const events = record();
  engine.submit(tinyRequest({ promptTokens: 60, outputTokens: 5 }), events);
  assert.deepEqual(events.endings, [{ kind: "failed", reason: "too-large" }]);
});

test("a long prompt does not stop answers under way: every iteration still decodes them", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, tinyEngine);
  const answering = record(clock.mono);
  engine.submit(tinyRequest({ promptTokens: 10, outputTokens: 40 }), answering);
  clock.run(15);
  const long = record(clock.mono);
  engine.submit(tinyRequest({ promptTokens: 1000, outputTokens: 1 }), long);
  clock.run();
  const gaps = answering.tokenTimesMs
    .slice(1)
    .map((ms, i) => ms - (answering.tokenTimesMs[i] ?? 0));
  // The worst gap is one full chunk: 10 + 1 + 63 prompt tokens.
  assert.ok(Math.max(...gaps) <= 17.3 + 1e-9, `worst gap ${Math.max(...gaps)} ms`);
  const during = answering.tokenTimesMs.filter((ms) => ms < (long.tokenTimesMs[0] ?? 0));
  assert.ok(during.length >= 16, "sixteen chunks, and a token of the other answer with each");
});

test("a second prompt with the same beginning skips it, and the usage says so", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, tinyEngine);
  const prefix = { key: "document", tokens: 64 };
  const prompt = (rest: string) =>
    tinyRequest({
      promptTokens: 80,
      prefixKeys: spanBlockKeys([prefix, { key: rest, tokens: 16 }], tinyEngine.blockTokens),
    });
  const first = record(clock.mono);
  engine.submit(prompt("a"), first);
  clock.run();
  const startMs = clock.mono();
  const second = record(clock.mono);
  engine.submit(prompt("b"), second);
  clock.run();
  assert.equal(first.endings[0]?.kind === "done" && first.endings[0].usage.cachedTokens, 0);
  assert.equal(second.endings[0]?.kind === "done" && second.endings[0].usage.cachedTokens, 64);
  assert.ok((second.tokenTimesMs[0] ?? 0) - startMs < (first.tokenTimesMs[0] ?? 0));
});

test("an identical prompt still computes its last block: the first token comes out of it", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, tinyEngine);
  const keys = spanBlockKeys([{ key: "same", tokens: 64 }], tinyEngine.blockTokens);
  const request = tinyRequest({ promptTokens: 64, prefixKeys: keys });
  engine.submit(request, record());
  clock.run();
  const again = record();
  engine.submit(request, again);
  clock.run();
  assert.equal(again.endings[0]?.kind === "done" && again.endings[0].usage.cachedTokens, 48);
});

test("idle prefixes give way, least recently used first, when memory is needed", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, { ...tinyEngine, blocksMax: 10 });
  const cached = (key: string): number => {
    const events = record();
    const prefixKeys = spanBlockKeys([{ key, tokens: 64 }], tinyEngine.blockTokens);
    engine.submit(tinyRequest({ promptTokens: 65, outputTokens: 1, prefixKeys }), events);
    clock.run();
    const ending = events.endings[0];
    return ending?.kind === "done" ? ending.usage.cachedTokens : Number.NaN;
  };
  const hits = ["a", "b", "a", "c", "a", "b"].map(cached);
  // "c" took three of the four blocks of "b", from its end; the block that was left still counts.
  assert.deepEqual(hits, [0, 0, 64, 0, 64, 16]);
});

test("when blocks run out the youngest is preempted and finishes later all the same", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, { ...tinyEngine, blocksMax: 12 });
  const all = Array.from({ length: 4 }, () => record());
  for (const events of all) engine.submit(tinyRequest({ outputTokens: 100 }), events);
  clock.run();
  const usages = all.map((events) =>
    events.endings[0]?.kind === "done" ? events.endings[0].usage : undefined,
  );
  assert.ok(usages.every((usage) => usage !== undefined));
  assert.equal(usages[0]?.preemptions, 0);
  assert.ok(engine.stats.preemptions > 0);
  assert.deepEqual(
    all.map((events) => events.tokenTimesMs.length),
    [100, 100, 100, 100],
  );
  assert.equal(engine.stats.blocksHeld, 0);
});

test("an abort frees the slot and the memory, and nothing more is heard of it", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, { ...tinyEngine, sequencesMax: 1 });
  const running = record();
  const waiting = record();
  const last = record();
  const aborts = [running, waiting, last].map((events) =>
    engine.submit(tinyRequest({ outputTokens: 1000 }), events),
  );
  clock.run(100);
  const heard = running.tokenTimesMs.length;
  aborts[0]?.();
  aborts[1]?.();
  assert.equal(engine.load, 1);
  assert.equal(engine.stats.blocksHeld, 0);
  clock.run();
  assert.equal(running.tokenTimesMs.length, heard);
  assert.deepEqual(
    [running.endings.length, waiting.endings.length, last.endings.length],
    [0, 0, 1],
  );
});

test("an abort from within a token ends that answer there", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, { ...tinyEngine, tokensPerStep: 3 });
  const events = record();
  let tokens = 0;
  const abort = engine.submit(tinyRequest({ outputTokens: 4 }), {
    ...events,
    onToken: () => {
      if (++tokens === 3) abort();
    },
  });
  clock.run();
  assert.equal(tokens, 3);
  assert.deepEqual(events.endings, []);
});

test("a crash fails everything inside and loses the cache; the replica serves on", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, { ...tinyEngine, sequencesMax: 1 });
  const inside = [record(), record()];
  for (const events of inside) engine.submit(tinyRequest({ outputTokens: 50 }), events);
  clock.run(100);
  engine.crash();
  assert.deepEqual(
    inside.map((events) => events.endings),
    [[{ kind: "failed", reason: "crashed" }], [{ kind: "failed", reason: "crashed" }]],
  );
  assert.equal(engine.stats.blocksFilled, 0);
  const after = record();
  engine.submit(tinyRequest(), after);
  clock.run();
  assert.equal(after.endings[0]?.kind, "done");
});

test("a slower pace stretches what is computed from then on", () => {
  const clock = new VirtualClock();
  const engine = new Engine(clock, tinyEngine);
  engine.setPace(3);
  const events = record(clock.mono);
  engine.submit(tinyRequest({ promptTokens: 10, outputTokens: 2 }), events);
  clock.run();
  assert.deepEqual(events.tokenTimesMs, [33, 66]);
});

test("whatever comes, every request ends exactly once and memory is never overdrawn", () => {
  const request = fc.record({
    atMs: fc.integer({ min: 0, max: 500 }),
    promptTokens: fc.integer({ min: 1, max: 200 }),
    outputTokens: fc.integer({ min: 1, max: 40 }),
    document: fc.integer({ min: 0, max: 3 }),
    abortAfterMs: fc.option(fc.integer({ min: 0, max: 300 })),
  });
  const engineOf = fc.record({
    tokensPerStep: fc.constantFrom(1, 1.7, 3),
    blocksMax: fc.integer({ min: 14, max: 60 }),
    sequencesMax: fc.integer({ min: 1, max: 8 }),
    waitingMax: fc.integer({ min: 0, max: 20 }),
    iterationTokensMax: fc.integer({ min: 8, max: 128 }),
  });
  fc.assert(
    fc.property(engineOf, fc.array(request, { maxLength: 40 }), (parameters, requests) => {
      const clock = new VirtualClock();
      const engine = new Engine(clock, { ...tinyEngine, ...parameters });
      const all = requests.map((asked) => ({ asked, events: record(), aborted: false }));
      for (const one of all) {
        clock.after(one.asked.atMs, () => {
          const prefixKeys = spanBlockKeys(
            [{ key: `document ${one.asked.document}`, tokens: one.asked.promptTokens }],
            tinyEngine.blockTokens,
          );
          const abort = engine.submit({ ...one.asked, prefixKeys }, one.events);
          if (one.asked.abortAfterMs === null) return;
          clock.after(one.asked.abortAfterMs, () => {
            one.aborted = one.events.endings.length === 0;
            abort();
          });
        });
      }
      while (clock.step()) {
        assert.ok(engine.stats.blocksFilled <= parameters.blocksMax);
        assert.ok(engine.stats.blocksHeld >= 0);
        assert.ok(engine.stats.running <= parameters.sequencesMax);
      }
      for (const { asked, events, aborted } of all) {
        assert.equal(events.endings.length, aborted ? 0 : 1);
        if (events.endings[0]?.kind !== "done") continue;
        assert.equal(events.tokenTimesMs.length, asked.outputTokens);
      }
      assert.equal(engine.load, 0);
      assert.equal(engine.stats.blocksHeld, 0);
    }),
    { numRuns: 150 },
  );
});

type Measured = { readonly p50Ms: number; readonly perSecond: number };

function offer(perSecond: number, parameters: EngineParameters): Measured {
  const clock = new VirtualClock();
  const random = createRandom(7);
  const engine = new Engine(clock, parameters);
  const timesMs: number[] = [];
  const horizonMs = 60_000;
  const arrive = (): void => {
    const startMs = clock.mono();
    const promptTokens = Math.ceil(logNormal(random, 40, 0.5));
    const outputTokens = Math.ceil(exponential(random, 20));
    engine.submit(tinyRequest({ promptTokens, outputTokens }), {
      onDone: () => timesMs.push(clock.mono() - startMs),
      onRejected: () => {},
      onError: () => {},
    });
    clock.after(exponential(random, 1000 / perSecond), arrive);
  };
  arrive();
  clock.run(horizonMs);
  timesMs.sort((a, b) => a - b);
  return {
    p50Ms: timesMs[Math.floor(timesMs.length / 2)] ?? Number.NaN,
    perSecond: (timesMs.length * 1000) / horizonMs,
  };
}

test("latency rises with load, steeply past the knee, where throughput stops rising", () => {
  const measured = [2, 10, 16, 40, 80].map((perSecond) => offer(perSecond, tinyEngine));
  const [light, half, near, over, farOver] = measured;
  assert.ok(light && half && near && over && farOver);
  assert.ok(light.p50Ms < half.p50Ms && half.p50Ms < near.p50Ms, JSON.stringify(measured));
  assert.ok(over.p50Ms > 5 * light.p50Ms, JSON.stringify(measured));
  assert.ok(Math.abs(farOver.perSecond / over.perSecond - 1) < 0.05, JSON.stringify(measured));
  assert.ok(over.perSecond < 40 * 0.8, JSON.stringify(measured));
});
