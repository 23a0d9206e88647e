// Who is told that what a schedule asks for does not happen: once for each lapse, and once more when it happens again.

import { utcText } from "../freeze/civil-time.ts";
import type { Notice } from "../notification/notice.ts";
import type { Check, Lapse } from "./lapse.ts";

const MISSED: { readonly [check in Check]: string } = {
  drift: "nobody watches it for drift",
  drill: "its way back is rehearsed no more",
};
const RESUMED: { readonly [check in Check]: string } = {
  drift: "it is watched for drift again",
  drill: "its way back is rehearsed again",
};

/** What one more attempt that came to nothing tells people; mostly nothing. */
export function missedNotice(model: string, before: Lapse | null, after: Lapse): Notice | null {
  if (after.toldAtMs === null || before?.toldAtMs === after.toldAtMs) return null;
  const title = `${placeOf(model, after)}: ${MISSED[after.check]}`;
  const text = `${lapseText(after, utcText)}. Try it: ${commandOf(model, after)}.`;
  const atMs = after.toldAtMs;
  return { ...noticeOf(model, after, "check-missed"), atMs, urgency: "warning", title, text };
}

/** It worked. Null where nobody had been told that it did not. */
export function resumedNotice(model: string, lapse: Lapse, atMs: number): Notice | null {
  if (lapse.toldAtMs === null) return null;
  const title = `${placeOf(model, lapse)}: ${RESUMED[lapse.check]}`;
  const text = `${lapse.attempts} attempts came to nothing from ${utcText(lapse.sinceMs)} on.`;
  return { ...noticeOf(model, lapse, "check-resumed"), atMs, urgency: "info", title, text };
}

/** Since when it does not happen, and why, without a full stop. */
export function lapseText(
  { check, workedAtMs, sinceMs, lastAtMs, attempts, because }: Lapse,
  momentText: (ms: number) => string,
): string {
  const noun = check === "drift" ? "no look" : "no drill that saw its fault";
  const worked = workedAtMs === null ? `${noun} ever` : `${noun} since ${momentText(workedAtMs)}`;
  const last = momentText(lastAtMs);
  const missed =
    attempts === 1
      ? `one attempt came to nothing, ${last}`
      : `${attempts} attempts came to nothing from ${momentText(sinceMs)} on, the last ${last}`;
  return `${worked}: ${missed}: ${because}`;
}

/** What does it now. */
function commandOf(model: string, { check, version }: Lapse): string {
  if (check === "drill") return `slipway drill ${model}`;
  return `slipway drift look ${model}${version === null ? "" : ` --version ${version}`}`;
}

function placeOf(model: string, { version }: Lapse): string {
  return version === null ? model : `${model} ${version}`;
}

function noticeOf(
  model: string,
  { check, version, sinceMs }: Lapse,
  occasion: "check-missed" | "check-resumed",
): Pick<Notice, "id" | "occasion" | "thread" | "call" | "model" | "facts"> {
  const thread =
    version === null ? `${check}-missed-${model}` : `${check}-missed-${model}-${version}`;
  const id = `${thread}-${sinceMs}-${occasion}`;
  return { id, occasion, thread, call: null, model, facts: { model } };
}
