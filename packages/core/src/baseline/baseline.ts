// A baseline: what a version that has come to stay was like, and the limits that follow. They are proposed from the bake,
// accepted or edited by a person, and the model's next rollouts are judged by them, beside what compares the two versions:
// a little worse each time is never much worse than the one before.

import type { Unit } from "../guards/metric-text.ts";
import { type BaselineFigure, type BaselineRow, NOTHING_MEASURED } from "./figures.ts";

/** Both versions of a rollout that completed, side by side. Milliseconds since the epoch. */
export type SideBySide = {
  readonly rolloutId: string;
  readonly from: string;
  readonly to: string;
  /** While the candidate had all the users that it was to have before it completed. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether the old version was measured at the same time; else in the stages before. */
  readonly isConcurrent: boolean;
  readonly rows: readonly ProposedRow[];
};

/** With the limit that is proposed; null for none. */
export type ProposedRow = BaselineRow & { readonly limit: number | null };

/** A limit that holds for what a version is by itself, whatever the other one does. */
export type BaselineLimit = Pick<BaselineRow, "name" | "metric" | "unit"> & {
  readonly max: number;
};

/** As a person has accepted or edited it. */
export type Baseline = {
  readonly rolloutId: string;
  /** The version that was measured. */
  readonly version: string;
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
  readonly measured: readonly BaselineRow[];
  readonly limits: readonly BaselineLimit[];
};

/** What a policy keeps of the baseline that it was made with. */
export type BaselineInForce = Pick<Baseline, "rolloutId" | "version" | "atMs" | "by" | "reason">;

/** Beyond the upper end of what was measured, by unit: days differ, and so do users. */
const ROOM: { readonly [unit in Unit]: number } = {
  ms: 1.5,
  share: 2,
  tokens: 1.25,
  dollars: 1.25,
};

/** What is shown, and said by something else: a guard more takes its part of the chance of a false alarm. */
const SHOWN_ONLY: readonly string[] = ["p50-latency", "p95-latency", "output-tokens"];

/** Of requests, or reports: fewer are no baseline. */
const MEASURED_MIN = 200;

export function proposedRows(rows: readonly BaselineRow[]): readonly ProposedRow[] {
  return rows.map((row) => ({ ...row, limit: limitOf(row) }));
}

function limitOf({ name, unit, new: figure }: BaselineRow): number | null {
  if (SHOWN_ONLY.includes(name) || figure.n < MEASURED_MIN || figure.high === null) return null;
  const max = figure.high === 0 ? null : roundedUp(figure.high * ROOM[unit]);
  return max === null || !isLimit(unit, max) ? null : max;
}

/** A share of all limits nothing, and no answer takes less than a millisecond: it is a value in another unit. */
function isLimit(unit: Unit, max: number): boolean {
  return unit === "share" ? max < 1 : unit !== "ms" || max >= 1;
}

/** To two digits. */
function roundedUp(value: number): number {
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / step - 1e-9) * step).toPrecision(2));
}

/** By name: another limit, or null for none. */
export type LimitEdits = { readonly [name: string]: number | null };

/** The limits of rows under edits; or an edit that is of none of them, or no limit of what it is of. */
export function editedLimits(
  rows: readonly (Pick<BaselineRow, "name" | "metric" | "unit"> & {
    readonly limit: number | null;
  })[],
  edits: LimitEdits,
): readonly BaselineLimit[] | { readonly unknown: string } | { readonly senseless: BaselineLimit } {
  const unknown = Object.keys(edits).find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined) return { unknown };
  const limits = rows.flatMap(({ name, metric, unit, limit }) => {
    const edit = edits[name];
    const max = edit === undefined ? limit : edit;
    return max === null ? [] : [{ name, metric, unit, max }];
  });
  const senseless = limits.find(({ name, unit, max }) => name in edits && !isLimit(unit, max));
  return senseless === undefined ? limits : { senseless };
}

/** What was measured, with the limits in force in place of what was proposed. */
export function rowsInForce({ measured, limits }: Baseline): readonly ProposedRow[] {
  return measured.map((row) => ({
    ...row,
    limit: limits.find(({ name }) => name === row.name)?.max ?? null,
  }));
}

/** A limit that a person has set otherwise than what was measured proposes; null for none. */
export type LimitByHand = Pick<BaselineRow, "name" | "unit"> & {
  readonly max: number | null;
  readonly proposed: number | null;
};

export function limitsByHand(baseline: Baseline): readonly LimitByHand[] {
  return rowsInForce(baseline).flatMap((row) => {
    const { name, unit, limit: max } = row;
    const proposed = limitOf(row);
    return max === proposed ? [] : [{ name, unit, max, proposed }];
  });
}

/** Proposed rows beside what is in force: what a person has set stays, also where nothing was measured, until one sets it anew. */
export function withLimitsKept(
  rows: readonly ProposedRow[],
  inForce: Baseline | null,
): readonly ProposedRow[] {
  if (inForce === null) return rows;
  const kept = new Map(limitsByHand(inForce).map(({ name, max }) => [name, max]));
  const measured = new Set(rows.map(({ name }) => name));
  const unmeasured = rowsInForce(inForce)
    .filter(({ name, limit }) => limit !== null && kept.has(name) && !measured.has(name))
    .map((row) => ({ ...row, old: NOTHING_MEASURED, new: NOTHING_MEASURED }));
  const own = rows.map((row) => {
    const max = kept.get(row.name);
    return max === undefined ? row : { ...row, limit: max };
  });
  return [...own, ...unmeasured];
}

/** By which factor the new version is of the old one; null where either is not known. */
export function changeOf({
  old,
  new: own,
}: {
  readonly old: BaselineFigure;
  readonly new: BaselineFigure;
}): number | null {
  if (old.value === null || own.value === null || old.value === 0) return null;
  return own.value / old.value;
}
