// Makes a forecast of a rollout's next stage from what is stored: the ticks of the stage that it is in, and how far off
// the model's earlier forecasts were. It takes seconds, so it runs beside the ticks.

import {
  errorsOf,
  type Forecast,
  forecast,
  type PoolLimit,
  type RolloutEvent,
  type Score,
  stageAhead,
  TICKS_OBSERVED_MAX,
  type Upstream,
} from "@slipway/core";
import { entriesOf, rolloutOf } from "../journal/replay.ts";
import type { StoreReader } from "../store/store.ts";
import { ticksBetween } from "./ticks-between.ts";

export type ForesightAsk = {
  readonly rolloutId: string;
  readonly model: string;
  /** The stage that it stands in, as the table that began it: its result counts for no other. */
  readonly stageTable: number;
  /** The last tick to look at. */
  readonly upToTick: number;
  readonly upstreams: readonly Upstream[];
  readonly stablePools: readonly string[];
  readonly limits: readonly PoolLimit[];
};

/** Earlier forecasts are looked for in so many rollouts, and so many of the newest scores count. */
const ROLLOUTS_LOOKED_AT_MAX = 50;
const SCORES_MAX = 100;

/** Null where the rollout has moved on meanwhile. */
export async function foresee(reader: StoreReader, ask: ForesightAsk): Promise<Forecast | null> {
  const { rolloutId, upstreams, stablePools, limits } = ask;
  const rollout = await rolloutOf(reader, rolloutId);
  if (rollout === null || rollout.stageTable !== ask.stageTable) return null;
  const { phase } = rollout;
  if (stageAhead(rollout) === null || phase.kind !== "stage" || phase.confirmedAtMs === null) {
    return null;
  }
  // The tick in which the stage was confirmed has both stages in it.
  const begun = Math.floor(phase.confirmedAtMs / rollout.policy.evidence.tickMs);
  const from = Math.max(begun, ask.upToTick - TICKS_OBSERVED_MAX);
  const ticks = await ticksBetween(reader, rolloutId, from, ask.upToTick);
  const logErrors = await errorsOfModel(reader, ask.model);
  return forecast({ rollout, ticks, upstreams, stablePools, limits, logErrors });
}

async function errorsOfModel(reader: StoreReader, model: string): Promise<readonly number[]> {
  const errors: number[] = [];
  for (const { id } of await reader.rollouts(model, ROLLOUTS_LOOKED_AT_MAX)) {
    for (const score of (await scoresOf(reader, id)).toReversed()) errors.push(...errorsOf(score));
    if (errors.length >= SCORES_MAX) break;
  }
  return errors.slice(0, SCORES_MAX);
}

async function scoresOf(reader: StoreReader, rolloutId: string): Promise<readonly Score[]> {
  const scores: Score[] = [];
  for await (const { text } of entriesOf(reader, rolloutId)) {
    const event = JSON.parse(text) as RolloutEvent;
    if (event.type === "forecast-scored") scores.push(event.score);
  }
  return scores;
}
