// What was behind an incident: its ticks are read once more, now that it is known when it began and what slow is.

import { type Analysis, addTick, analysisOf, causeAskOf, startCounts } from "@slipway/core";
import type { StoreReader } from "../store/store.ts";
import { type FoundIncident, foundIncident, type IncidentAsk, ticksAround } from "./incidents.ts";
import { takeTicks } from "./ticks-between.ts";

export async function analyse(reader: StoreReader, ask: IncidentAsk): Promise<Analysis> {
  return await analysed(reader, await foundIncident(reader, ask));
}

export async function analysed(reader: StoreReader, found: FoundIncident): Promise<Analysis> {
  const counts = startCounts(causeAskOf(found));
  await takeTicks(reader, ticksAround(found.rollout, found.episode), (tick) =>
    addTick(counts, tick),
  );
  return analysisOf(found.incident.id, counts);
}
