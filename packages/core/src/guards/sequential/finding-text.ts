// A sequential guard's finding in one line for people.

import type { SequentialGuard } from "../../policy.ts";
import { durationText, evidenceText, percentText, ratioText } from "../../quantity.ts";
import { quantileName } from "../latency-ratio.ts";
import type { ArmMeasure, Verdict } from "../verdict.ts";
import type { Finding } from "./finding.ts";

type Found = Pick<Verdict, "status" | "candidate" | "stable" | "baseline"> & {
  readonly finding: Finding;
  readonly difference: number;
  readonly ticks: number;
};

export function findingText(guard: SequentialGuard, found: Found): string {
  const { status, finding, ticks } = found;
  const { going, logE, logNeeded, low, high } = finding;
  const name = guard.kind === "error-ratio" ? "error ratio" : `${quantileName(guard)} ratio`;
  const arms = armsText(guard, found);
  if (status === "fail") {
    // The alarm itself excludes the limit, also when the regression is younger than the rollout.
    const least = ratioText(Math.max(low ?? 0, guard.ratioMax));
    const where = finding.segment === null ? "" : ` in ${finding.segment}`;
    return `${name}${where} at least ${least} (99%), limit ${ratioText(guard.ratioMax)}; evidence ${evidenceText(logE)} of ${evidenceText(logNeeded)} (${arms})`;
  }
  if (ticks === 0) return "no requests of both arms to compare yet";
  const known = low !== null || high !== null;
  const interval = `${name} ${intervalText(low, high)}${known ? " (99%)" : ""}`;
  if (logE >= logNeeded) {
    return `${interval}; surely over the limit of ${ratioText(guard.ratioMax)}, but by less than matters (${arms})`;
  }
  if (status === "pass") return `${interval} (${arms})`;
  return `${interval}; evidence ${evidenceText(going.logE)} of ${evidenceText(going.logNeeded)} to pass at a margin of ${ratioText(going.margin)} (${arms})`;
}

/** "0.7x to 1.4x", the interval at 99%. */
export function intervalText(low: number | null, high: number | null): string {
  if (low !== null && high !== null) return `${ratioText(low)} to ${ratioText(high)}`;
  if (low !== null) return `at least ${ratioText(low)}`;
  return high === null ? "not known yet" : `at most ${ratioText(high)}`;
}

/** The smallest harm that may be there all the same. */
export function notExcludedText({ going: { excluded, margin } }: Finding): string {
  const harm =
    excluded === null ? "no ratio is excluded yet" : `up to ${ratioText(excluded)} is not excluded`;
  return `${harm} (95%), below ${ratioText(margin)} is needed`;
}

function armsText(guard: SequentialGuard, { candidate, stable, baseline }: Found): string {
  const one = (arm: ArmMeasure): string => {
    if (arm.over) return durationText(Number.POSITIVE_INFINITY);
    if (arm.value === null) return "–";
    return guard.kind === "error-ratio" ? percentText(arm.value) : durationText(arm.value);
  };
  const kept = baseline === "kept" ? " before 100%" : "";
  return `${one(candidate)} against ${one(stable)}${kept}`;
}
