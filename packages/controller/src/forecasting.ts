// Forecasts beside the ticks: notices which rollouts want one, has it made elsewhere, and journals what comes back,
// unless the rollout has moved on. No tick waits for it; a crash loses nothing but the work.

import {
  type Forecast,
  failedForecast,
  isForecastDue,
  type PoolLimit,
  type Rollout,
  stageAhead,
} from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import { isAlive } from "./evidence/member.ts";
import { append } from "./journal/journal.ts";
import type { ControllerPorts } from "./ports.ts";
import { type ForesightAsk, foresee } from "./reading/foresee.ts";
import type { Draft } from "./world/draft.ts";
import type { Keeper } from "./world/keeper.ts";
import type { Running, World } from "./world/world.ts";

export type Forecasting = {
  /** Has those forecasts made that are due. Returns at once. */
  readonly begin: (nowMs: number) => void;
  readonly busy: () => boolean;
  /** Nothing that comes back later counts. */
  readonly stop: () => void;
};

/** A forecast that says the same as the one before is not journaled again; numbers may differ by so much. */
const SAME_WITHIN = 0.1;
/** Stages whose last question is remembered; the oldest is forgotten. */
const ASKED_MAX = 1_000;

type Asked = { readonly stageTable: number; readonly atMs: number };

export function createForecasting(keeper: Keeper, ports: ControllerPorts): Forecasting {
  const make = ports.foresee ?? ((ask: ForesightAsk) => foresee(ports.store, ask));
  const asked = new Map<string, Asked>();
  const underWay = new Set<string>();
  let isStopped = false;
  const run = async (running: Running, ask: ForesightAsk): Promise<void> => {
    const { rolloutId } = ask;
    try {
      const made = await make(ask).catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        ports.log.error({ rollout: rolloutId, error: text }, "a forecast failed");
        return running.rollout.forecast ?? failedForecast(running.rollout, ask.upToTick, text);
      });
      if (made === null || isStopped) return;
      await keeper.change((draft) => keep(draft, rolloutId, made, keeper.nowMs(), ports));
    } catch (error) {
      // It is asked again when it is due: what was not committed is not known. The store's failures are told by who commits.
      if (error instanceof SlipwayError) return;
      ports.log.error({ rollout: rolloutId, error: String(error) }, "a forecast was not kept");
    } finally {
      underWay.delete(rolloutId);
    }
  };
  return {
    begin: (nowMs) => {
      const world = keeper.world();
      for (const running of world.running.values()) {
        const { id, stageTable } = running.rollout;
        if (underWay.has(id) || !isDue(running, asked.get(id), nowMs)) continue;
        const ask = askOf(running, world, nowMs);
        if (ask === null) continue;
        remember(asked, id, { stageTable, atMs: nowMs });
        underWay.add(id);
        // It handles its own failures: no rejection ever leaves it.
        run(running, ask).catch(() => {});
      }
    },
    busy: () => underWay.size > 0,
    stop: () => {
      isStopped = true;
    },
  };
}

function remember(asked: Map<string, Asked>, id: string, one: Asked): void {
  asked.delete(id);
  asked.set(id, one);
  const [oldest] = asked.keys();
  if (asked.size > ASKED_MAX && oldest !== undefined) asked.delete(oldest);
}

function isDue({ rollout, evidence }: Running, last: Asked | undefined, nowMs: number): boolean {
  const askedAtMs = last?.stageTable === rollout.stageTable ? last.atMs : null;
  return isForecastDue(rollout, evidence, askedAtMs, nowMs);
}

/** Null while the model, or its versions, are not known. */
function askOf({ rollout, evidence }: Running, world: World, nowMs: number): ForesightAsk | null {
  const model = world.models.get(rollout.model)?.model;
  const candidate = model?.versions.find(({ id }) => id === rollout.to);
  const stable = model?.versions.find(({ id }) => id === rollout.from);
  if (candidate === undefined || stable === undefined) return null;
  return {
    rolloutId: rollout.id,
    model: rollout.model,
    stageTable: rollout.stageTable,
    upToTick: evidence.watermark,
    upstreams: candidate.upstreams,
    stablePools: stable.upstreams.map(({ pool }) => pool),
    limits: limitsOf(world, nowMs),
  };
}

/** What slipway.yaml declares, and what providers tell the workers that are alive: the least of it, pool by pool. */
function limitsOf({ table, members }: World, nowMs: number): readonly PoolLimit[] {
  const declared = table.pools.map(({ name, requestsPerMinute, tokensPerMinute }) => ({
    pool: name,
    requestsPerMinute,
    tokensPerMinute,
    source: "declared" as const,
  }));
  const told = new Map<string, PoolLimit>();
  for (const record of members.values()) {
    if (!isAlive(record, nowMs)) continue;
    for (const one of record.told ?? []) {
      const known = told.get(one.pool);
      told.set(one.pool, {
        pool: one.pool,
        requestsPerMinute: least(known?.requestsPerMinute ?? null, one.requestsPerMinute),
        tokensPerMinute: least(known?.tokensPerMinute ?? null, one.tokensPerMinute),
        source: "told",
      });
    }
  }
  return [...declared, ...told.values()];
}

function least(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** Journals it where it still is of the stage that comes next, and says something new. */
function keep(
  draft: Draft,
  rolloutId: string,
  forecast: Forecast,
  atMs: number,
  { digest }: ControllerPorts,
): void {
  const running = draft.running.get(rolloutId);
  if (running === undefined || !isOf(running.rollout, forecast)) return;
  const before = running.rollout.forecast;
  if (before !== null && saysTheSame(before, forecast)) return;
  append(draft, running, { type: "forecasted", atMs, forecast }, digest);
}

function isOf(rollout: Rollout, { table, stage }: Forecast): boolean {
  return rollout.stageTable === table && stageAhead(rollout)?.stage === stage;
}

function saysTheSame(a: Forecast, b: Forecast): boolean {
  const isAlike =
    a.verdict === b.verdict && a.doubt === b.doubt && a.risky === b.risky && a.basis === b.basis;
  // Nothing follows from the numbers of what cannot be told.
  if (isAlike && a.verdict === "unknown") return true;
  return isAlike && numbersOf(a).every((number, i) => isNear(number, numbersOf(b)[i] ?? null));
}

function numbersOf({ latency, quotas, load }: Forecast): readonly (number | null)[] {
  const medians = latency.map(({ medianMs }) => medianMs);
  return [load?.next ?? null, ...medians, ...quotas.flatMap((q) => [q.needed, q.limit])];
}

function isNear(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= SAME_WITHIN * Math.abs(a);
}
