// The load gate against a simulated server in virtual time: each planted fault is caught by its own number.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Figure } from "@slipway/core";
import { type GateFinding, gates } from "@slipway/preflight";
import type { LoadGate } from "@slipway/wire/config";
import { ran, type Simulation, servedBy } from "./simulated.ts";

const SETTINGS: LoadGate = {
  traffic: {
    peakPerSecond: 10,
    share: 0.5,
    lengths: { promptTokens: 100, outputTokens: 20, spread: 0.5 },
    trace: null,
    arrivals: "poisson",
  },
  limits: { totalMsMax: 2_000, ttftMsMax: 1_000, tpotMsMax: null },
  errorsMax: 0.02,
  stepMs: 100_000,
  findsCapacity: true,
  results: [],
  timeoutMs: 30_000,
  lagMsMax: 100,
  ignoreEos: null,
  budget: null,
};

function loaded(
  settings: Partial<LoadGate> = {},
  simulation: Simulation = {},
): Promise<GateFinding> {
  return ran(gates.load, { ...SETTINGS, ...settings }, simulation);
}

function figure({ figures }: GateFinding, name: string, of: string | null = null): Figure {
  const found = figures.find((one) => one.name === name && one.of === of);
  assert.ok(found !== undefined, `no figure ${name}`);
  return found;
}

test("a clean version passes, with its capacity, its knee and its P99", async () => {
  const found = await loaded();
  assert.equal(found.outcome, "pass", found.because);
  const capacity = figure(found, "capacity", "a replica").value;
  assert.ok(Math.abs(capacity / 37 - 1) < 0.15, `capacity ${capacity}`);
  assert.ok(figure(found, "knee").value > 5);
  assert.ok(figure(found, "P99 latency").value < 2_000);
  assert.equal(figure(found, "errors").value, 0);
  assert.equal(figure(found, "goodput").value, 1);
});

test("a capacity that was looked for and not seen is no pass", async () => {
  const found = await loaded(
    {},
    {
      shoot: (plain) => (volley, watch) =>
        volley.kind === "full" ? Promise.resolve([]) : plain(volley, watch),
    },
  );
  assert.equal(found.outcome, "inconclusive");
  assert.match(found.because, /the most that it can do was not seen, .* make the steps longer/);
});

test("a version that is slow under load is caught by its P99", async () => {
  const slow: Simulation = { faults: [{ kind: "slow-tail", rate: 0.05, extraMs: 4_000 }] };
  const found = await loaded({}, slow);
  assert.equal(found.outcome, "fail");
  assert.match(found.because, /^P99 latency is 4\.\d+ s .* limit 2 s$/);
  assert.equal(figure(found, "P99 latency").holds, false);
});

test("a knee below the load is caught by the capacity", async () => {
  const tired: Simulation = { faults: [{ kind: "slowdown", factor: 7 }] };
  const limits = { totalMsMax: 30_000, ttftMsMax: null, tpotMsMax: null };
  const found = await loaded({ limits, timeoutMs: 120_000 }, tired);
  assert.equal(found.outcome, "fail");
  assert.match(found.because, /the knee is at 4\.\d+\/s, below the 5\/s/);
  assert.equal(figure(found, "knee").holds, false);
});

test("errors under load are caught by their share", async () => {
  const failing: Simulation = { faults: [{ kind: "errors", rate: 0.1, status: 503 }] };
  const found = await loaded({}, failing);
  assert.equal(found.outcome, "fail");
  assert.match(found.because, /of the requests failed at 50% .*\(limit 2%\): \d+ status$/);
  assert.equal(figure(found, "errors").holds, false);
});

test("a server that hangs now and then is waited for no longer than users would", async () => {
  const hanging: Simulation = { faults: [{ kind: "hang", rate: 0.1 }] };
  const found = await loaded({ findsCapacity: false }, hanging);
  assert.equal(found.outcome, "fail");
  assert.match(found.because, /failed at 50% .*\d+ timeout/);
});

test("a generator that was starved voids the run", async () => {
  const found = await loaded(
    { findsCapacity: false },
    {
      shoot: (plain) => async (volley, watch) =>
        (await plain(volley, watch)).map((shot) => ({ ...shot, lagMs: 250 })),
    },
  );
  assert.equal(found.outcome, "inconclusive");
  assert.match(found.because, /the run is void/);
});

test("a provider's version is sent nothing without a budget, nor beyond it", async () => {
  const hosted = { id: "sim", url: "https://api.example/v1" };
  const { replicas: _, ...upstream } = servedBy().version.upstreams[0] ?? assert.fail();
  const candidate = servedBy({}, { upstreams: [{ ...upstream, ...hosted }] });
  const none = { shoot: () => () => assert.fail("something was sent"), candidate };
  const bare = await loaded({}, none);
  assert.equal(bare.outcome, "inconclusive");
  assert.match(bare.because, /no budget says what the load may use/);
  const small = await loaded({ budget: { tokens: 1_000, dollars: null } }, none);
  assert.match(small.because, /the load would use [\d,]+ tokens, and the budget is 1,000/);
  const dear = await loaded({ budget: { tokens: null, dollars: 1 } }, none);
  assert.match(dear.because, /nobody said what tokens cost/);
});

test("a budget counts the step that fills one's own engines too", async () => {
  const none = { shoot: () => () => assert.fail("something was sent") };
  // The steps alone are some 1,700 requests, of about 136 tokens each.
  const found = await loaded({ budget: { tokens: 280_000, dollars: null } }, none);
  assert.match(found.because, /the load would use [\d,]+ tokens, and the budget is 280,000/);
});

test("a provider's version within its budget is never filled to the brim", async () => {
  const { replicas: _, ...upstream } = servedBy().version.upstreams[0] ?? assert.fail();
  const candidate = servedBy({}, { upstreams: [upstream] });
  const found = await loaded({ budget: { tokens: 10_000_000, dollars: null } }, { candidate });
  assert.equal(found.outcome, "pass", found.because);
  assert.equal(
    found.figures.some(({ name }) => name === "capacity"),
    false,
  );
});
