// Mirrors: started and stopped by operators, and counted from frames. A model has one at a time; the last one that was
// stopped is remembered with what was seen of it.

import { emptyMirrorRow, type MirrorRow, mergeMirrorRowInto } from "@slipway/core";
import type { MirrorRequest, MirrorStop } from "@slipway/wire";
import { mirrorUnderWay, noMirror, poolInUse, unknownModel, unknownVersion } from "../refusal.ts";
import { type Draft, mint, putModel } from "../world/draft.ts";
import type { KnownModel, MirrorRecord } from "../world/world.ts";
import { besideMirror } from "./pool-users.ts";

const IN_FLIGHT_DEFAULT = 16;

export type Mirroring = MirrorRequest & {
  readonly model: string;
  readonly id: string;
  readonly nowMs: number;
};

/** The gateways begin with the table that is minted in the same draft. */
export function startMirror(draft: Draft, mirroring: Mirroring): KnownModel {
  const { model: name, to, nowMs } = mirroring;
  const known = knownModel(draft, name);
  const versions = known.model.versions.map(({ id }) => id);
  if (!versions.includes(to)) throw unknownVersion(name, to, versions);
  const { mirror } = known;
  if (mirror !== null && mirror.stopped === null) throw mirrorUnderWay(name, mirror.order.to);
  const beside = besideMirror(draft, known.model, to);
  if (beside.length > 0 && mirroring.sharePools !== true) throw poolInUse(name, beside);
  return put(draft, known, orderedBy(mirroring), nowMs);
}

function orderedBy({ id, to, share, nowMs, by, reason, ...limits }: Mirroring): MirrorRecord {
  return {
    order: {
      id,
      to,
      share,
      copies: limits.copies ?? 1,
      again: limits.again ?? 0,
      inFlightMax: limits.inFlightMax ?? IN_FLIGHT_DEFAULT,
      perMinuteMax: limits.perMinuteMax ?? null,
      keep: limits.keep ?? false,
    },
    startedAtMs: nowMs,
    ...(limits.forMs === undefined ? {} : { endsAtMs: nowMs + limits.forMs }),
    startedBy: by,
    reason,
    stopped: null,
    seen: emptyMirrorRow(id),
  };
}

export function stopMirror(
  draft: Draft,
  name: string,
  { by, reason }: MirrorStop,
  nowMs: number,
): KnownModel {
  const known = knownModel(draft, name);
  const { mirror } = known;
  if (mirror === null || mirror.stopped !== null) throw noMirror(name);
  return put(draft, known, { ...mirror, stopped: { atMs: nowMs, by, reason } }, nowMs);
}

/** Ends those that have had their time: whoever was to stop them is not there any more. */
export function endMirrors(draft: Draft, nowMs: number): void {
  for (const known of [...draft.models.values()]) {
    const { mirror } = known;
    if (mirror === null || mirror.stopped !== null || nowMs < (mirror.endsAtMs ?? Infinity))
      continue;
    const stopped = { atMs: nowMs, by: mirror.startedBy, reason: "its time was over" };
    put(draft, known, { ...mirror, stopped }, nowMs);
  }
}

/** Rows of a mirror that another has replaced are of no use to anybody. */
export function recordMirrored(draft: Draft, rows: readonly MirrorRow[]): void {
  for (const row of rows) {
    for (const known of draft.models.values()) {
      const { mirror } = known;
      if (mirror === null || mirror.order.id !== row.mirrorId) continue;
      // A draft may be thrown away, so what was seen before stays as it is.
      const seen = structuredClone(mirror.seen);
      mergeMirrorRowInto(seen, row);
      putModel(draft, { ...known, mirror: { ...mirror, seen } });
    }
  }
}

function put(draft: Draft, known: KnownModel, mirror: MirrorRecord, nowMs: number): KnownModel {
  const next = { ...known, mirror };
  putModel(draft, next);
  mint(draft, nowMs);
  return next;
}

function knownModel(draft: Draft, name: string): KnownModel {
  const known = draft.models.get(name);
  if (known === undefined) throw unknownModel(name);
  return known;
}
