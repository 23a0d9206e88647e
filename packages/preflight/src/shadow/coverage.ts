// For how much of the traffic the compared pairs speak, and which copies never came back: a candidate must not look fast
// or whole because its worst answers are still open.

import { type Figure, wilson } from "@slipway/core";
import type { MirrorView } from "@slipway/wire";
import { plain } from "../plain-figure.ts";

export const UNANSWERED = "copies without an answer";
/** Two-sided 95%. */
const Z = 1.959_964;

/** The shares that remain at each step from a request to a compared pair, multiplied. */
export function coverageOf({ coverage, shadow }: MirrorView, keptShare: number): number {
  const { requests, eligible, sent, dropped } = coverage;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const steps = [
    shareOf(eligible, requests),
    shareOf(sent, sent + lost),
    shareOf(shadow.judged, sent),
    keptShare,
  ];
  return steps.reduce((product, step) => product * step, 1);
}

/**
 * Copies that were under way when the mirror was stopped, less those that would be if none took longer than
 * `patienceMs`: the rest had waited for longer than that.
 */
export function unansweredOf(
  { coverage, shadow }: MirrorView,
  elapsedMs: number,
  patienceMs: number,
): number {
  const open = coverage.sent - shadow.judged;
  const inTime = (coverage.sent * Math.min(patienceMs, elapsedMs)) / Math.max(1, elapsedMs);
  return Math.max(0, Math.floor(open - inTime));
}

export function unansweredFigure(unanswered: number, sent: number, limit: number): Figure {
  const { low, high } = wilson(sent, unanswered, Z);
  return {
    ...plain(UNANSWERED, sent === 0 ? 0 : unanswered / sent, "share"),
    interval: [low, high],
    limit,
    holds: low > limit ? false : unanswered === 0 || high <= limit ? true : null,
  };
}

/** How often a request of the model was not copied, and why, as a sentence goes on. */
export function notCopiedText({ coverage: { requests, ineligible, dropped } }: MirrorView): string {
  const reasons = Object.entries({ ...ineligible, ...dropped });
  const told = reasons.map(([why, count]) => `${why} ${count}`).join(", ");
  const came = requests === 0 ? "no request of the model came" : `of ${requests} requests none was`;
  return told === "" ? came : `${came} (${told})`;
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
