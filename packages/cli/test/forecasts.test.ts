// slipway rollout forecasts, against a controller that answers by script; and when the demo calls a stage refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Forecast } from "@slipway/core";
import type { ForecastEntry, ForecastsView, RolloutView } from "@slipway/wire";
import { isRefused } from "slipway";
import { scriptedController } from "./scripted-controller.ts";
import { type Ran, slipway } from "./slipway.ts";
import { views } from "./watch/views.ts";

const FORECAST: Forecast = {
  model: 1,
  stage: 1,
  percent: 25,
  table: 2,
  ticks: { from: 10, to: 40 },
  basis: "engine",
  load: { replicas: 2, now: 3, next: 9 },
  capacity: { perSecond: 12, cold: 9 },
  beyondKnee: false,
  latency: [
    {
      guard: "p99-latency",
      metric: "total",
      quantile: 0.99,
      lowMs: 800,
      medianMs: 1_000,
      highMs: 1_300,
      floorMs: null,
      nowMs: 700,
      stableMs: 690,
      limitMs: 1_380,
    },
  ],
  quotas: [],
  widened: { factor: 1.25, scores: 0 },
  verdict: "pass",
  risky: false,
  doubt: null,
  text: "25% means 9 requests/s at a replica",
};

const ENTRY: ForecastEntry = {
  rolloutId: "r-1",
  from: "gpt-5.0",
  to: "gpt-5.3",
  atMs: Date.UTC(2026, 0, 15, 9, 30),
  forecast: FORECAST,
  entered: { atMs: Date.UTC(2026, 0, 15, 9, 35), by: null },
  score: {
    stage: 1,
    percent: 25,
    requests: 4_000,
    latency: [
      {
        metric: "total",
        quantile: 0.99,
        lowMs: 800,
        medianMs: 1_000,
        highMs: 1_300,
        limitMs: 1_380,
        actualMs: 1_100,
        logError: 0.095,
        covered: true,
      },
    ],
  },
};

async function listed(
  t: { after: (clean: () => void) => void },
  view: ForecastsView,
): Promise<Ran> {
  const controller = await scriptedController({ "GET /v1/models/chat/forecasts": { body: view } });
  t.after(controller.close);
  return await slipway(["rollout", "forecasts", "chat", "--controller", controller.url], {});
}

test("forecasts are listed with what was told, how it was, and what they are worth", async (t) => {
  const refused: ForecastEntry = {
    ...ENTRY,
    forecast: { ...FORECAST, percent: 50, verdict: "fail", beyondKnee: true },
    entered: null,
    score: null,
  };
  const overridden = { ...refused, entered: { atMs: 1, by: "ann" } };
  const { code, out } = await listed(t, {
    model: "chat",
    entries: [overridden, refused, ENTRY],
    calibration: { scores: 1, factor: 1.25, told: 1, covered: 1 },
  });
  assert.equal(code, 0);
  assert.match(out, /r-1 +gpt-5\.3 +50% +fail +beyond the knee +– +entered by ann/);
  assert.match(out, /50% +fail +beyond the knee +– +not entered/);
  assert.match(
    out,
    /2026-01-15 09:30 UTC +r-1 .*25% +pass +1 s \(800 ms to 1\.3 s\) +1\.1 s +entered/,
  );
  assert.match(out, /1 scored, 100% of them within their interval; .* widened by 1\.25x/);
});

test("a model whose stages were never forecast says so", async (t) => {
  const { code, out } = await listed(t, {
    model: "chat",
    entries: [],
    calibration: { scores: 0, factor: 1.25, told: 0, covered: 0 },
  });
  assert.equal(code, 0);
  assert.equal(out, "no stage of chat was forecast in its last rollouts\n");
});

test("the demo calls a stage refused once the forecast, and it alone, has stopped what else may go on", () => {
  const stage = views["stage"];
  assert.ok(stage);
  const view: RolloutView = {
    ...stage,
    forecast: { ...FORECAST, verdict: "fail" },
    decision: { kind: "hold", because: { code: "forecast", text: "beyond its knee" } },
    requirements: [
      { code: "hold", met: true, progress: 1, text: "held" },
      { code: "forecast", met: false, progress: 0, text: "beyond its knee" },
      { code: "guard", met: false, progress: 0.5, text: "p99-latency" },
    ],
  };
  assert.equal(isRefused(view), true);
  const holding = { code: "hold" as const, met: false, progress: 0.5, text: "held 5 of 10 s" };
  assert.equal(isRefused({ ...view, requirements: [holding, ...view.requirements] }), false);
  assert.equal(isRefused({ ...view, forecast: FORECAST }), false);
  const other = { kind: "hold" as const, because: { code: "guard", text: "slow" } };
  assert.equal(isRefused({ ...view, decision: other }), false);
});
