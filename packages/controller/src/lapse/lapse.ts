// Lapses in the world: kept with their model, and told in the same draft. What no schedule asks for has none.

import {
  afterMiss,
  type Checked,
  isOf,
  type Lapse,
  type Miss,
  type Model,
  missedNotice,
  resumedNotice,
} from "@slipway/core";
import { tell } from "../notify/outbox.ts";
import type { Draft } from "../world/draft.ts";
import type { KnownModel } from "../world/world.ts";

/** Versions that are looked at by schedule. */
export function driftScheduled({ drift, stable }: Model): readonly string[] {
  if (drift === undefined || drift.schedule === null) return [];
  return drift.versions.length > 0 ? drift.versions : [stable];
}

export function isScheduled(model: Model, { check, version }: Checked): boolean {
  if (check === "drift") return version !== null && driftScheduled(model).includes(version);
  return model.drill !== undefined && model.drill.schedule !== null;
}

export function lapseOf({ model, lapses = [] }: KnownModel, checked: Checked): Lapse | null {
  if (!isScheduled(model, checked)) return null;
  return lapses.find((lapse) => isOf(lapse, checked)) ?? null;
}

/** An attempt came to nothing. */
export function withMiss(draft: Draft, known: KnownModel, miss: Miss, nowMs: number): KnownModel {
  const before = lapseOf(known, miss);
  const after = afterMiss(before, miss, nowMs);
  const notice = missedNotice(known.model.name, before, after);
  if (notice !== null) tell(draft, [notice]);
  const others = (known.lapses ?? []).filter((lapse) => !isOf(lapse, miss));
  return withLapses(known, [...others, after]);
}

/** It worked. */
export function withoutLapse(
  draft: Draft,
  known: KnownModel,
  checked: Checked,
  nowMs: number,
): KnownModel {
  const lapse = lapseOf(known, checked);
  const notice = lapse === null ? null : resumedNotice(known.model.name, lapse, nowMs);
  if (notice !== null) tell(draft, [notice]);
  return withLapses(
    known,
    (known.lapses ?? []).filter((one) => !isOf(one, checked)),
  );
}

/** What no schedule asks for any more has not lapsed: nobody is told of it, and it would be old when asked for again. */
export function withoutGoneLapses(known: KnownModel): KnownModel {
  return withLapses(known, known.lapses ?? []);
}

function withLapses({ lapses: _, ...known }: KnownModel, lapses: readonly Lapse[]): KnownModel {
  const kept = lapses.filter((lapse) => isScheduled(known.model, lapse));
  return kept.length === 0 ? known : { ...known, lapses: kept };
}
