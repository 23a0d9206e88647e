// What a lesson would have done: with the incident that it is learnt from, and with the model's last rollouts. From
// backtests of what was recorded, so that it promises no more than they can tell.

import type { BacktestReport } from "../../backtest/backtest-report.ts";
import { type BacktestSummary, backtestSummary } from "../../backtest/backtest-summary.ts";
import { counted, durationText } from "../../quantity.ts";
import type { Sooner } from "./lesson.ts";

export type LessonBacktest = {
  /** Null where the lesson would not have stopped it by the end of its record. */
  readonly sooner: Sooner | null;
  /** Requests of users on the candidate until it was stopped. */
  readonly requests: { readonly real: number; readonly tried: number };
  /** The model's last rollouts, but for the incident's own. */
  readonly others: Pick<BacktestSummary, "rollouts" | "completed">;
  readonly text: string;
  /** What cannot be known, in sentences. */
  readonly unknown: readonly string[];
};

/**
 * `draws`: backtests of the incident's rollout, each with evidence thinned by chance of its own where the lesson changes a
 * share. `tickMs`: evidence comes in steps of it, and a decision falls on one or on the next.
 */
export function lessonBacktest(
  draws: readonly BacktestReport[],
  others: readonly BacktestReport[],
  tickMs: number,
): LessonBacktest | null {
  const [first] = draws;
  if (first === undefined) return null;
  const sooner = soonerOf(draws, tickMs);
  const requests = {
    real: first.harm.real.requests,
    tried: Math.round(mean(draws.map(({ harm }) => harm.tried.requests))),
  };
  const { rollouts, completed } = backtestSummary(others);
  const summary = { rollouts, completed };
  return {
    sooner,
    requests,
    others: summary,
    text: `${stopText(sooner)}, with ${counted(requests.tried, "request")} on the candidate instead of ${requests.real.toLocaleString("en-US")}; ${costText(summary)}`,
    unknown: first.unknown,
  };
}

function soonerOf(draws: readonly BacktestReport[], tickMs: number): Sooner | null {
  const stopped = draws.filter(({ tried }) => tried.outcome === "rolled-back");
  if (stopped.length < draws.length) return null;
  const by = stopped.map(({ real, tried }) => real.atMs - tried.atMs).sort((a, b) => a - b);
  const least = by[0] ?? 0;
  const most = by.at(-1) ?? 0;
  const ms = by[Math.floor(by.length / 2)] ?? 0;
  return { ms, leastMs: least - tickMs, mostMs: most + tickMs };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function stopText(sooner: Sooner | null): string {
  if (sooner === null) return "would not have stopped it by the end of what was recorded";
  return `would have stopped it ${soonerText(sooner)}`;
}

/** "2.5 min sooner (2.33 min sooner to 2.67 min sooner)". */
export function soonerText({ ms, leastMs, mostMs }: Sooner): string {
  return `${offsetText(ms)} (${offsetText(leastMs)} to ${offsetText(mostMs)})`;
}

function offsetText(ms: number): string {
  if (ms === 0) return "at the same time";
  return ms > 0 ? `${durationText(ms)} sooner` : `${durationText(-ms)} later`;
}

function costText({ rollouts, completed }: LessonBacktest["others"]): string {
  if (rollouts === 0) return "there are no other rollouts to say what it would have cost";
  const { n, rolledBack, notDone } = completed;
  if (n === 0)
    return `none of the last ${rollouts} other rollouts completed, so that no false alarm could show`;
  const slower = notDone === 0 ? "" : `, and not let ${notDone} be done in their time`;
  return `of the last ${counted(n, "rollout")} that completed it would have rolled back ${rolledBack}${slower}`;
}
