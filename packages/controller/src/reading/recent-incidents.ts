// What the status page must know of incidents that may still move, and how long earlier recoveries took. Read from the
// newest journals; ticks are read for those incidents alone that are asked for.

import {
  type Episode,
  episodesOf,
  type Incident,
  incidentKey,
  type KnownIncident,
  SAMPLES_MAX,
} from "@slipway/core";
import type { StoreReader } from "../store/store.ts";
import { derivedIncident, recordedOf } from "./incidents.ts";

export type RecentAsk = {
  /** Incidents that were opened, or ended, since then. */
  readonly sinceMs: number;
  /** And these, whenever it was, the first so many as there may be of the others. */
  readonly ids: readonly string[];
};

export type RecentIncidents = {
  readonly incidents: readonly KnownIncident[];
  /** From the decision to the last confirmation, the newest first. */
  readonly recoveriesMs: readonly number[];
  /** Rollouts that could not be read, and why: the others are told of all the same. */
  readonly unread: readonly { readonly rolloutId: string; readonly why: string }[];
};

const ROLLOUTS_MAX = 50;
const INCIDENTS_MAX = 50;

export async function recentIncidents(
  reader: StoreReader,
  { sinceMs, ids }: RecentAsk,
): Promise<RecentIncidents> {
  const found: Found = { incidents: [], recoveriesMs: [] };
  const unread: { rolloutId: string; why: string }[] = [];
  const asked = new Set(ids.slice(0, INCIDENTS_MAX));
  const newest = (await reader.rollouts(null, ROLLOUTS_MAX)).map(({ id }) => id);
  const theirs = [...asked].flatMap((id) => incidentKey(id)?.rolloutId ?? []);
  for (const id of new Set([...newest, ...theirs])) {
    try {
      await readRollout(reader, id, { sinceMs, asked }, found);
    } catch (error) {
      unread.push({ rolloutId: id, why: String(error) });
    }
  }
  return { ...found, unread };
}

type Found = { readonly incidents: KnownIncident[]; readonly recoveriesMs: number[] };
type Wanted = { readonly sinceMs: number; readonly asked: ReadonlySet<string> };

async function readRollout(
  reader: StoreReader,
  id: string,
  { sinceMs, asked }: Wanted,
  { incidents, recoveriesMs }: Found,
): Promise<void> {
  const recorded = await recordedOf(reader, id);
  if (recorded === null) return;
  for (const episode of episodesOf(recorded.entries).toReversed()) {
    const tookMs = recoveryMs(episode);
    if (tookMs !== null && recoveriesMs.length < SAMPLES_MAX) recoveriesMs.push(tookMs);
    const isRecent = movedLast(episode) >= sinceMs && incidents.length < INCIDENTS_MAX;
    if (!isRecent && !asked.has(`${id}-${episode.opening.sequence}`)) continue;
    incidents.push(knownOf(await derivedIncident(reader, recorded, episode)));
  }
}

function movedLast({ opening, mitigated }: Episode): number {
  return Math.max(opening.atMs, mitigated?.atMs ?? 0);
}

/** Null where nothing was moved back, or gateways have not all confirmed. */
function recoveryMs({ opening, mitigated }: Episode): number | null {
  if (mitigated === null || mitigated.confirmMs === null) return null;
  return opening.kind === "page" || opening.kind === "observed"
    ? null
    : mitigated.atMs - opening.atMs;
}

export function knownOf(incident: Incident): KnownIncident {
  const { id, model, from, to, opening, openedAtMs, detectedAtMs, began, severity } = incident;
  const { mitigated } = incident;
  return {
    id,
    model,
    from,
    to,
    kind: opening.kind,
    because: opening.because,
    openedAtMs,
    detectedAtMs,
    beganAtMs: began?.atMs ?? null,
    severity,
    mitigated: mitigated === null ? null : { atMs: mitigated.atMs, how: mitigated.how },
  };
}
