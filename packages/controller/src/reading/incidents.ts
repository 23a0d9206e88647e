// Incidents, derived from journals and the ticks around them whenever somebody asks.

import {
  type Episode,
  episodesOf,
  harmedIn,
  type Incident,
  incidentKey,
  incidentOf,
  latencyGuardOf,
  type RecordedEvent,
  type Rollout,
  type RolloutEvent,
  requestsIn,
  type TickTally,
  tallyOf,
} from "@slipway/core";
import type { IncidentSummary } from "@slipway/wire";
import { entriesOf } from "../journal/replay.ts";
import { unknownIncident, unknownRollout } from "../refusal.ts";
import type { StoredRollout, StoreReader } from "../store/store.ts";
import { takeTicks } from "./ticks-between.ts";

export type IncidentsAsk = {
  /** Of this model alone; null for all. */
  readonly model: string | null;
  /** Of this rollout alone; null for all. */
  readonly rolloutId: string | null;
};
export type IncidentAsk = { readonly id: string };

/** The newest incidents of the newest rollouts are listed. */
const ROLLOUTS_MAX = 200;
const INCIDENTS_MAX = 50;
/** Evidence is read from so long before it opened, and of one that stays open for so long after. */
const BEFORE_MAX_MS = 6 * 3_600_000;
const AFTER_MAX_MS = 6 * 3_600_000;

type Recorded = {
  readonly rollout: Pick<Rollout, "id" | "model" | "from" | "to" | "policy">;
  readonly entries: readonly RecordedEvent[];
};

/** The newest first. */
export async function incidentsOf(
  reader: StoreReader,
  ask: IncidentsAsk,
): Promise<readonly IncidentSummary[]> {
  const found: IncidentSummary[] = [];
  for (const { id } of await chosen(reader, ask)) {
    const recorded = await recordedOf(reader, id);
    const episodes = recorded === null ? [] : episodesOf(recorded.entries).toReversed();
    for (const episode of episodes) {
      if (recorded === null || found.length >= INCIDENTS_MAX) break;
      found.push(summaryOf(await derivedIncident(reader, recorded, episode)));
    }
  }
  return found.sort((a, b) => b.openedAtMs - a.openedAtMs);
}

async function chosen(
  reader: StoreReader,
  { model, rolloutId }: IncidentsAsk,
): Promise<readonly StoredRollout[]> {
  if (rolloutId === null) return await reader.rollouts(model, ROLLOUTS_MAX);
  const one = await reader.rollout(rolloutId);
  if (one === null) throw unknownRollout(rolloutId);
  return [one];
}

export async function oneIncident(reader: StoreReader, ask: IncidentAsk): Promise<Incident> {
  return (await foundIncident(reader, ask)).incident;
}

/** Of one rollout, whose journal was read already. */
export async function incidentsWithin(
  reader: StoreReader,
  recorded: Recorded,
): Promise<readonly Incident[]> {
  const incidents: Incident[] = [];
  for (const episode of episodesOf(recorded.entries)) {
    incidents.push(await derivedIncident(reader, recorded, episode));
  }
  return incidents;
}

export type FoundIncident = Recorded & { readonly episode: Episode; readonly incident: Incident };

/** With the journal that it is derived from. */
export async function foundIncident(
  reader: StoreReader,
  { id }: IncidentAsk,
): Promise<FoundIncident> {
  const key = incidentKey(id);
  if (key === null) throw unknownIncident(id);
  const recorded = await recordedOf(reader, key.rolloutId);
  const episode = episodesOf(recorded?.entries ?? []).find(
    ({ opening }) => opening.sequence === key.sequence,
  );
  if (recorded === null || episode === undefined) throw unknownIncident(id);
  return { ...recorded, episode, incident: await derivedIncident(reader, recorded, episode) };
}

export async function recordedOf(reader: StoreReader, rolloutId: string): Promise<Recorded | null> {
  const entries: RecordedEvent[] = [];
  for await (const { sequence, text } of entriesOf(reader, rolloutId)) {
    entries.push({ sequence, event: JSON.parse(text) as RolloutEvent });
  }
  const first = entries[0]?.event;
  return first?.type === "started" ? { rollout: first.rollout, entries } : null;
}

export async function derivedIncident(
  reader: StoreReader,
  { rollout, entries }: Recorded,
  episode: Episode,
): Promise<Incident> {
  const { tickMs } = rollout.policy.evidence;
  const time = latencyGuardOf(rollout.policy, episode)?.metric.time ?? "total";
  const ticks: TickTally[] = [];
  await takeTicks(reader, ticksAround(rollout, episode), (tick) =>
    ticks.push(tallyOf(tick, tickMs, time)),
  );
  return incidentOf({ rollout, entries, episode, ticks });
}

/** Those that say something about it. */
export function ticksAround(
  { id, policy }: Recorded["rollout"],
  { opening, sinceMs, mitigated }: Episode,
): Parameters<typeof takeTicks>[1] {
  const { tickMs } = policy.evidence;
  const fromMs = Math.max(sinceMs, opening.atMs - BEFORE_MAX_MS);
  const toMs = mitigated?.atMs ?? opening.atMs + AFTER_MAX_MS;
  return {
    rolloutId: id,
    above: Math.floor(fromMs / tickMs) - 1,
    upTo: Math.floor(toMs / tickMs),
  };
}

function summaryOf(incident: Incident): IncidentSummary {
  const { id, rolloutId, model, from, to, status, severity, openedAtMs, opening } = incident;
  return {
    id,
    rolloutId,
    model,
    from,
    to,
    status,
    severity,
    kind: opening.kind,
    because: opening.because,
    openedAtMs,
    mitigatedAtMs: incident.mitigated?.atMs ?? null,
    harmed: harmedIn(incident.impact),
    requests: requestsIn(incident.impact),
  };
}
