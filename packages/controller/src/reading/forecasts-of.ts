// What was forecast of a model's stages, and how they then were: read from the journals of its last rollouts.

import { coverageOf, errorsOf, factorOf, type RolloutEvent } from "@slipway/core";
import type { ForecastEntry, ForecastsView } from "@slipway/wire";
import { entriesOf } from "../journal/replay.ts";
import type { StoreReader } from "../store/store.ts";

export type ForecastsAsk = { readonly model: string };

const ROLLOUTS_MAX = 50;
const ENTRIES_MAX = 200;

type Written = { -readonly [field in keyof ForecastEntry]: ForecastEntry[field] };

export async function forecastsOf(
  reader: StoreReader,
  { model }: ForecastsAsk,
): Promise<ForecastsView> {
  const entries: ForecastEntry[] = [];
  for (const { id } of await reader.rollouts(model, ROLLOUTS_MAX)) {
    entries.push(...(await entriesOfRollout(reader, id)).toReversed());
    if (entries.length >= ENTRIES_MAX) break;
  }
  const shown = entries.slice(0, ENTRIES_MAX);
  const scores = shown.flatMap(({ score }) => score ?? []);
  const errors = scores.flatMap(errorsOf);
  const coverage = coverageOf(scores);
  return {
    model,
    entries: shown,
    calibration: {
      scores: errors.length,
      factor: factorOf(errors),
      told: coverage.of,
      covered: coverage.in,
    },
  };
}

async function entriesOfRollout(
  reader: StoreReader,
  rolloutId: string,
): Promise<readonly ForecastEntry[]> {
  const made: Written[] = [];
  const versions = { from: "", to: "" };
  for await (const { text } of entriesOf(reader, rolloutId)) {
    const event = JSON.parse(text) as RolloutEvent;
    if (event.type === "started") Object.assign(versions, pairOf(event));
    else take(made, event, { rolloutId, ...versions });
  }
  return made;
}

function pairOf({ rollout }: Extract<RolloutEvent, { type: "started" }>): {
  readonly from: string;
  readonly to: string;
} {
  return { from: rollout.from, to: rollout.to };
}

/** A later forecast of the same stage takes an earlier one's place, until the stage begins. */
function take(
  made: Written[],
  event: RolloutEvent,
  of: Pick<ForecastEntry, "rolloutId" | "from" | "to">,
): void {
  if (event.type === "forecasted") {
    const { atMs, forecast } = event;
    const last = made.at(-1);
    const isSame = last?.entered === null && last.forecast.stage === forecast.stage;
    if (isSame) made.pop();
    made.push({ ...of, atMs, forecast, entered: null, score: null });
  } else if (event.type === "moved" && event.move.kind === "advance") {
    const { stage } = event.move;
    const by = event.cause.kind === "operator" ? event.cause.by : null;
    const last = made.at(-1);
    if (last?.entered === null && last.forecast.stage === stage) {
      last.entered = { atMs: event.atMs, by };
    }
  } else if (event.type === "forecast-scored") {
    const { score } = event;
    const one = made.findLast(
      (entry) => entry.entered !== null && entry.forecast.stage === score.stage,
    );
    if (one !== undefined) one.score = score;
  }
}
