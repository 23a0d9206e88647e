// Many backtests together: how often the tried policy would have rolled back what completed, and how much sooner or
// later it would have found what was rolled back.

import type { BacktestReport } from "./backtest-report.ts";

export type Spread = {
  readonly n: number;
  /** Milliseconds after the recorded moment; negative for before it. */
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
};

export type BacktestSummary = {
  readonly rollouts: number;
  /** Whose courses never parted. */
  readonly alike: number;
  readonly completed: {
    readonly n: number;
    /** Would have been rolled back: false alarms, unless the recorded policy missed something. */
    readonly rolledBack: number;
    /** Would not have been done by the end of their record. */
    readonly notDone: number;
    /** How much later the others would have been done; null for none. */
    readonly delay: Spread | null;
  };
  /** By their policy, not by an operator. */
  readonly rolledBack: {
    readonly n: number;
    /** Would not have been by the end of their record. */
    readonly missed: number;
    /** How much later the others would have been; null for none. */
    readonly delay: Spread | null;
  };
  readonly requests: { readonly real: number; readonly tried: number };
  readonly bad: { readonly real: number; readonly tried: number };
};

export function backtestSummary(reports: readonly BacktestReport[]): BacktestSummary {
  const completed = reports.filter(({ real }) => real.outcome === "completed");
  const rolledBack = reports.filter(isRolledBackByPolicy);
  const ending = (outcome: string, of: readonly BacktestReport[]): readonly BacktestReport[] =>
    of.filter(({ tried }) => tried.outcome === outcome);
  const sum = (of: (report: BacktestReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    rollouts: reports.length,
    alike: reports.filter(({ fork }) => fork === null).length,
    completed: {
      n: completed.length,
      rolledBack: ending("rolled-back", completed).length,
      notDone: ending("under-way", completed).length,
      delay: delayOf(ending("completed", completed)),
    },
    rolledBack: {
      n: rolledBack.length,
      missed: rolledBack.length - ending("rolled-back", rolledBack).length,
      delay: delayOf(ending("rolled-back", rolledBack)),
    },
    requests: {
      real: sum(({ harm }) => harm.real.requests),
      tried: sum(({ harm }) => harm.tried.requests),
    },
    bad: { real: sum(({ harm }) => harm.real.bad), tried: sum(({ harm }) => harm.tried.bad) },
  };
}

function isRolledBackByPolicy({ real }: BacktestReport): boolean {
  return real.outcome === "rolled-back" && real.steps.at(-1)?.by === null;
}

function delayOf(reports: readonly BacktestReport[]): Spread | null {
  const sorted = reports.map(({ real, tried }) => tried.atMs - real.atMs).sort((a, b) => a - b);
  const [minMs] = sorted;
  const maxMs = sorted.at(-1);
  const medianMs = sorted[Math.floor((sorted.length - 1) / 2)];
  if (minMs === undefined || maxMs === undefined || medianMs === undefined) return null;
  return { n: sorted.length, minMs, medianMs, maxMs };
}
