// The baselines of a model: what a person has accepted of what its last rollout measured, or has edited since. The last one
// is in force, and its limits are among the guards that the next rollout starts with.

import {
  type Baseline,
  editedLimits,
  type LimitEdits,
  type ProposedRow,
  rowsInForce,
  type SideBySide,
  withLimitsKept,
} from "@slipway/core";
import { BASELINES_MAX } from "@slipway/wire";
import { unknownModel } from "../refusal.ts";
import { type Draft, putModel } from "../world/draft.ts";
import type { KnownModel, World } from "../world/world.ts";
import { nothingToEdit, senselessLimit, unknownLimit } from "./refusal.ts";

export type SettingBaseline = {
  readonly model: string;
  /** What was measured; null to edit what is in force. */
  readonly measured: SideBySide | null;
  readonly limits: LimitEdits;
  readonly by: string;
  readonly reason: string;
  readonly nowMs: number;
};

/** The oldest first: the last one is in force. */
export function baselinesOf({ models }: Pick<World, "models">, model: string): readonly Baseline[] {
  return knownModel({ models }, model).baselines ?? [];
}

export function setBaseline(draft: Draft, setting: SettingBaseline): Baseline {
  const { model, measured, limits: edits, by, reason, nowMs } = setting;
  const known = knownModel(draft, model);
  const baselines = known.baselines ?? [];
  const current = baselines.at(-1) ?? null;
  const rows = rowsFor(model, measured, current);
  const limits = editedLimits(rows, edits);
  if ("unknown" in limits) {
    throw unknownLimit(
      limits.unknown,
      rows.map(({ name }) => name),
    );
  }
  if ("senseless" in limits) throw senselessLimit(limits.senseless);
  const baseline: Baseline = {
    rolloutId: measured?.rolloutId ?? current?.rolloutId ?? "",
    version: measured?.to ?? current?.version ?? "",
    atMs: nowMs,
    by,
    reason,
    measured: rows.map(({ limit: _limit, ...row }) => row),
    limits,
  };
  putModel(draft, { ...known, baselines: [...baselines, baseline].slice(-BASELINES_MAX) });
  return baseline;
}

/** What is edited: what was measured now, with the limits that a person set before, or what is in force. */
function rowsFor(
  model: string,
  measured: SideBySide | null,
  current: Baseline | null,
): readonly ProposedRow[] {
  if (measured !== null) return withLimitsKept(measured.rows, current);
  if (current === null) throw nothingToEdit(model);
  return rowsInForce(current);
}

function knownModel({ models }: Pick<World, "models">, name: string): KnownModel {
  const known = models.get(name);
  if (known === undefined) throw unknownModel(name);
  return known;
}
