// Forecasts in a controller: made beside the ticks, journaled, obeyed, overridden, scored, and replayed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ForesightAsk, foresee, readingsOf } from "@slipway/controller";
import type { Forecast, ForecastPolicy, RolloutEvent } from "@slipway/core";
import { type ForecastsView, forecastsViewSchema } from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld, MODEL, sha256 } from "./fake-world.ts";

const HOLD_SECONDS = 6;

function policyOf(unknown: ForecastPolicy["unknown"]): { readonly forecast: ForecastPolicy } {
  return { forecast: { enabled: true, unknown } };
}

/** A forecast as the reading makes it, with another end. */
function saying(verdict: Forecast["verdict"], medianMs: number | null): (f: Forecast) => Forecast {
  return (made) => ({
    ...made,
    verdict,
    latency: [
      {
        guard: "p99",
        metric: "total",
        quantile: 0.99,
        lowMs: medianMs === null ? null : medianMs / 1.25,
        medianMs,
        highMs: medianMs === null ? null : medianMs * 1.25,
        floorMs: null,
        nowMs: 200,
        stableMs: 200,
        limitMs: 400,
      },
    ],
    text: `a ${verdict}`,
  });
}

/** Begun, with a foresight of its own that is asked what is stored. */
async function begun(
  unknown: ForecastPolicy["unknown"],
  change: (made: Forecast) => Forecast = (made) => made,
): Promise<{ readonly world: FakeWorld; readonly asks: ForesightAsk[] }> {
  const asks: ForesightAsk[] = [];
  const world = new FakeWorld({
    policy: policyOf(unknown),
    foresee: async (ask) => {
      asks.push(ask);
      const made = await foresee(world.store, ask);
      return made === null ? null : change(made);
    },
  });
  await world.open();
  await world.start();
  return { world, asks };
}

function forecastsIn(events: readonly RolloutEvent[]): readonly Forecast[] {
  return events.flatMap((event) => (event.type === "forecasted" ? [event.forecast] : []));
}

async function listed(world: FakeWorld): Promise<ForecastsView> {
  const view = await readingsOf(world.store, sha256).forecasts({ model: MODEL });
  return forecastsViewSchema.parse(JSON.parse(JSON.stringify(view)));
}

test("a stage is forecast when half of its hold was seen, from its own ticks alone", async () => {
  const { world, asks } = await begun("ask");
  await world.seconds(HOLD_SECONDS + 6);
  const [ask] = asks;
  const [made] = forecastsIn(await world.events());
  assert.deepEqual([made?.stage, made?.percent, made?.table], [1, 50, ask?.stageTable]);
  assert.ok((made?.ticks.from ?? 0) > 0 && made?.ticks.to === ask?.upToTick);
  const entered = (await world.events()).find(({ type }) => type === "confirmed");
  assert.ok((made?.ticks.from ?? 0) * 1_000 >= Math.floor((entered?.atMs ?? 0) / 1_000) * 1_000);
});

test("a rollout whose next stage is not forecast asks, and an operator's promotion overrides it", async () => {
  const { world } = await begun("ask");
  await world.seconds(HOLD_SECONDS + 12);
  const { decision, phase } = await world.view();
  assert.deepEqual([decision.kind, decision.because.code], ["hold", "forecast"]);
  assert.match(decision.because.text, /cannot tell .*the policy asks: promote it, or roll it back/);
  assert.equal(phase.kind === "stage" && phase.stage, 0);
  await world.command("promote");
  const moved = (await world.view()).recent.at(-1)?.event;
  assert.equal(moved?.type === "moved" && moved.cause.because.text, "because");
  await world.second();
  const [entry] = (await listed(world)).entries;
  assert.deepEqual([entry?.entered?.by, entry?.forecast.verdict], ["bob", "unknown"]);
});

test("what cannot be told holds nothing up where the policy lets it go on", async () => {
  const { world } = await begun("ask-at-risk");
  await world.seconds(HOLD_SECONDS + 8);
  assert.match(await world.story(), /forecasted advance-1/);
});

test("a forecast that fails holds the stage, and the journal replays it", async () => {
  const { world } = await begun("proceed", saying("fail", 900));
  await world.seconds(HOLD_SECONDS + 20);
  const view = await world.view();
  assert.deepEqual(
    [view.decision.because.code, view.decision.because.text],
    ["forecast", "a fail"],
  );
  assert.equal(view.forecast?.verdict, "fail");
  // It is asked again and again, and says the same.
  assert.equal(forecastsIn(await world.events()).length, 1);
  const { ok, problems } = await world.controller.verify();
  assert.ok(ok, JSON.stringify(problems));
});

test("a stage that was entered against a forecast, or with it, is scored when it has been left", async () => {
  const { world } = await begun("proceed", saying("pass", 300));
  await world.seconds(40, { ...GOOD, latencyMs: 250 });
  assert.equal((await world.view()).phase.kind, "completed");
  const scored = (await world.events()).find(({ type }) => type === "forecast-scored");
  assert.ok(scored?.type === "forecast-scored");
  const [one] = scored.score.latency;
  assert.ok(Math.abs((one?.actualMs ?? 0) / 250 - 1) < 0.02);
  assert.equal(one?.covered, true);
  const { entries, calibration } = await listed(world);
  assert.equal(entries[0]?.score?.stage, 1);
  assert.deepEqual([calibration.scores, calibration.told, calibration.covered], [1, 1, 1]);
  assert.equal(calibration.factor, 1.25);
  const { ok, problems } = await world.controller.verify();
  assert.ok(ok, JSON.stringify(problems));
});

test("a forecast that comes back after its stage was left changes nothing", async () => {
  const late = Promise.withResolvers<Forecast | null>();
  const world = new FakeWorld({
    policy: policyOf("proceed"),
    foresee: async (ask) => {
      const made = await foresee(world.store, ask);
      return (await late.promise) ?? made;
    },
  });
  await world.open();
  await world.start();
  await world.seconds(HOLD_SECONDS + 2);
  await world.command("promote");
  late.resolve(null);
  await world.seconds(2);
  assert.deepEqual(forecastsIn(await world.events()), []);
});

test("a forecast that cannot be made is journaled as not known, with the reason", async () => {
  const said: string[] = [];
  const log = {
    info: () => {},
    warn: () => {},
    error: (_: unknown, text: string) => {
      said.push(text);
    },
  };
  const world = new FakeWorld({
    log,
    policy: policyOf("proceed"),
    foresee: () => Promise.reject(new Error("no memory left")),
  });
  await world.open();
  await world.start();
  await world.seconds(HOLD_SECONDS);
  const [made] = forecastsIn(await world.events());
  assert.deepEqual([made?.verdict, made?.doubt], ["unknown", "failed"]);
  assert.match(made?.text ?? "", /no memory left/);
  assert.deepEqual([...new Set(said)], ["a forecast failed"]);
});

test("a controller that was killed has the forecast made again, and goes on", async () => {
  const { world, asks } = await begun("proceed", saying("pass", 200));
  await world.seconds(HOLD_SECONDS);
  const before = asks.length;
  assert.equal(before, 1);
  await world.restart();
  assert.equal((await world.view()).forecast?.verdict, "pass");
  await world.seconds(HOLD_SECONDS + 4);
  assert.match(await world.story(), /forecasted advance-1/);
  assert.ok(asks.length > before, "it was asked again");
});

test("what providers tell the gateways is a limit of the next stage, beside what is declared", async () => {
  const { world, asks } = await begun("proceed");
  for (const gateway of world.gateways) {
    gateway.told = [{ pool: "a100", requestsPerMinute: 900, tokensPerMinute: null }];
  }
  await world.seconds(HOLD_SECONDS);
  assert.deepEqual(asks[0]?.limits, [
    { pool: "a100", requestsPerMinute: 900, tokensPerMinute: null, source: "told" },
  ]);
});
