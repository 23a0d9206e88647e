// Real requests copied so often that the candidate's pool gets all that it is to take, while users stay on stable: the load
// that a stage of 5% never shows, with the prompts that people really send.

import { type Figure, percentText, wilson } from "@slipway/core";
import type { MirrorView } from "@slipway/wire";
import type { Amplified, ShadowGate } from "@slipway/wire/config";
import type { GateContext, GateFinding } from "../gate.ts";
import { tokensOverBudget } from "../load/budget.ts";
import { enginesOf } from "../load/engines.ts";
import { plain } from "../plain-figure.ts";
import type { Mirrored } from "./mirrored.ts";
import { underMirror } from "./mirrored.ts";

/** As the control API takes it. */
const COPIES_MAX = 100;
const IN_FLIGHT_MAX = 10_000;
/** Of the load that was asked for, what must have been sent for it to count. */
const REACHED_MIN = 0.9;
/** For the first copy to be sent. */
const BEGIN_MS_MAX = 30_000;
/** Two-sided 95%. */
const Z = 1.959_964;

/** How many copies had been reported as sent, and when. */
type Sent = { readonly atMs: number; readonly copies: number };

type Finding = Pick<GateFinding, "outcome" | "because" | "figures">;

/** `pairs`: what was mirrored before tells how much traffic there is, and how long its answers are. */
export async function amplified(
  context: GateContext<ShadowGate>,
  settings: Amplified,
  pairs: Mirrored,
): Promise<Finding> {
  const { candidate, clock, progress } = context;
  const { perSecond, lengthMs } = settings;
  const rate = (1_000 * pairs.view.coverage.eligible) / Math.max(1, pairs.elapsedMs);
  const times = perSecond / rate;
  if (times > COPIES_MAX) {
    return cannot(
      `${perSecond} requests a second are ${Math.round(times)} copies of each of the ${rate.toFixed(2)} that come, and at most ${COPIES_MAX} are made`,
    );
  }
  const refusal = budgetText(context, settings, pairs.view);
  if (refusal !== null) return cannot(refusal);
  const { inFlightMax } = enginesOf(candidate);
  const asked = {
    to: candidate.version.id,
    share: Math.min(1, times),
    copies: Math.max(1, times),
    inFlightMax: Math.min(IN_FLIGHT_MAX, inFlightMax * candidate.endpoints.length),
    reason: "the gate shadow, at full load",
  };
  const due = Math.round((perSecond * lengthMs) / 1_000);
  const seen: Sent[] = [];
  const { view } = await underMirror(context, asked, lengthMs + BEGIN_MS_MAX, (now) => {
    seen.push({ atMs: clock.mono(), copies: now.coverage.sent });
    progress(Math.min(now.coverage.sent, due), due, "copies at full load");
    const isOver = clock.mono() - (firstOf(seen)?.atMs ?? clock.mono()) >= lengthMs;
    return Promise.resolve(isOver || isSpent(context, settings, now));
  });
  return findingOf(settings, view, rateOf(seen), candidate.version.id);
}

/** Gateways take a moment to begin, and report a moment late. */
function firstOf(seen: readonly Sent[]): Sent | undefined {
  return seen.find(({ copies }) => copies > 0);
}

/** Copies a second, from the first report of any. */
function rateOf(seen: readonly Sent[]): number {
  const first = firstOf(seen);
  const last = seen.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
  return (1_000 * (last.copies - first.copies)) / (last.atMs - first.atMs);
}

/** What the load is about to use, by the tokens of the answers that were mirrored; null where it may be sent. */
function budgetText(
  { candidate }: GateContext<ShadowGate>,
  { budget, perSecond, lengthMs }: Amplified,
  { shadow }: MirrorView,
): string | null {
  const { isHosted } = enginesOf(candidate);
  const answers = Math.max(1, shadow.judged);
  const copies = (perSecond * lengthMs) / 1_000;
  const input = (shadow.inputTokens / answers) * copies;
  const output = (shadow.outputTokens / answers) * copies;
  if (budget !== null && input + output === 0) {
    return `${candidate.version.id} does not say how many tokens it uses, so that no budget can be kept`;
  }
  return tokensOverBudget({ input, output }, budget, candidate.version.prices, isHosted);
}

/** Answers may turn out longer than those before: the load ends where the budget does. */
function isSpent(
  { candidate }: GateContext<ShadowGate>,
  { budget }: Amplified,
  { shadow }: MirrorView,
): boolean {
  const used = { input: shadow.inputTokens, output: shadow.outputTokens };
  return budget !== null && tokensOverBudget(used, budget, candidate.version.prices, true) !== null;
}

function findingOf(
  { perSecond, errorsMax, totalMsMax }: Amplified,
  view: MirrorView,
  reached: number,
  candidate: string,
): Finding {
  const { coverage, shadow } = view;
  const open = coverage.sent - shadow.judged;
  const errors = errorsFigure(shadow, open, errorsMax);
  const latency = latencyFigure(shadow, totalMsMax);
  const sent: Figure = {
    ...plain("copies a second at full load", reached, ""),
    limit: REACHED_MIN * perSecond,
    holds: reached >= REACHED_MIN * perSecond,
  };
  const figures = [sent, errors, ...(latency === null ? [] : [latency])];
  const at = `at ${reached.toFixed(1)} copies a second`;
  const failed = `${percentText(errors.value)} of ${shadow.judged} answers failed ${at} (limit ${percentText(errorsMax)})`;
  const slow =
    latency === null
      ? ""
      : `P99 ${Math.round(latency.value)} ms ${at} (limit ${latency.limit ?? 0} ms)`;
  if (errors.holds === false)
    return { outcome: "fail", because: `${candidate}: ${failed}`, figures };
  if (latency?.holds === false)
    return { outcome: "fail", because: `${candidate}: ${slow}`, figures };
  if (sent.holds !== true) {
    const drops = Object.entries(coverage.dropped).map(([why, count]) => `${why} ${count}`);
    const because = `${reached.toFixed(1)} copies a second reached ${candidate} of the ${perSecond} that were asked for${drops.length === 0 ? "" : ` (dropped: ${drops.join(", ")})`}`;
    return { outcome: "inconclusive", because, figures };
  }
  if (errors.holds === null) return unsure(failed, figures);
  if (latency?.holds === null) return unsure(slow, figures);
  return { outcome: "pass", because: latency === null ? failed : `${failed}, ${slow}`, figures };
}

/** At its worst, all that was still open would have failed. */
function errorsFigure(
  { bad, judged }: MirrorView["shadow"],
  open: number,
  errorsMax: number,
): Figure {
  const { low } = wilson(judged, bad, Z);
  const { high } = wilson(judged + open, bad + open, Z);
  return {
    ...plain("failed at full load", judged === 0 ? 0 : bad / judged, "share"),
    interval: [low, high],
    limit: errorsMax,
    holds: low > errorsMax ? false : high <= errorsMax ? true : null,
  };
}

function latencyFigure(
  { p99Ms, p99Bounds }: MirrorView["shadow"],
  limit: number | null,
): Figure | null {
  if (limit === null || p99Ms === null || p99Bounds === null) return null;
  const { lowMs, highMs } = p99Bounds;
  return {
    ...plain("whole answer P99 at full load", p99Ms, "ms"),
    interval: highMs === null ? null : [lowMs, highMs],
    limit,
    holds: lowMs > limit ? false : highMs !== null && highMs <= limit ? true : null,
  };
}

function unsure(what: string, figures: readonly Figure[]): Finding {
  const because = `too few copies were sent to be sure: ${what}; make amplify longer`;
  return { outcome: "inconclusive", because, figures };
}

function cannot(because: string): Finding {
  return { outcome: "inconclusive", because, figures: [] };
}
