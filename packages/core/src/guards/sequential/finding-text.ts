// A sequential guard's finding in one line for people.

import { KEY_BUCKETS } from "../../evidence/row.ts";
import { durationText, evidenceText, percentText, ratioText } from "../../quantity.ts";
import type { SequentialGuard } from "../guard.ts";
import { metricName, type Unit, valueText } from "../metric-text.ts";
import type { ArmMeasure, Verdict } from "../verdict.ts";
import { CHOSEN_FROM, choosesTest } from "./count-test.ts";
import type { Finding } from "./finding-outcome.ts";
import type { GuardEvidence } from "./guard-evidence.ts";

type Found = Pick<
  Verdict,
  "status" | "candidate" | "stable" | "baseline" | "unit" | "comparison" | "limit"
> & { readonly finding: Finding };

/** What a verdict's `measured`, `limit` and `interval` are written as. */
export type Scale = Pick<Verdict, "unit" | "comparison">;

export function findingText(
  guard: SequentialGuard,
  found: Found,
  evidence: Pick<GuardEvidence, "ticks" | "common" | "seen" | "setApart">,
): string {
  const { status, finding } = found;
  const { going, logE, logNeeded, low, high } = finding;
  const name = nameOf(guard, finding);
  const arms = armsText(found);
  const limit = limitText(guard, found);
  if (status === "fail") return alarmText(guard, found);
  if (evidence.ticks === 0) return nothingText(guard, evidence);
  const known = low !== null || high !== null;
  const interval = `${name} ${intervalText(found, low, high)}${known ? " (99%)" : ""}`;
  if (logE >= logNeeded)
    return `${interval}; surely over the ${limit}, but by less than matters (${arms})`;
  if (finding.late?.open === true) {
    const recorded = recordText(found);
    const those = recorded === null ? "" : ` of ${recorded}`;
    return `worse than stable's record${those}: the version, or the hour? Against those held back ${evidenceText(finding.late.logE)} of ${evidenceText(logNeeded)} (${arms})`;
  }
  const apart = setApartText(evidence);
  if (status === "pass") return `${interval} (${arms})${apart}`;
  return `${interval}; evidence ${evidenceText(going.logE)} of ${evidenceText(going.logNeeded)} to pass at a margin of ${marginText(found, going)} (${arms})${apart}`;
}

function setApartText({ setApart }: Pick<GuardEvidence, "setApart">): string {
  if (setApart === null) return "";
  return `; without one of ${KEY_BUCKETS} groups of users, set apart for a heavy user: ${percentText(setApart.share)} of requests`;
}

function alarmText(guard: SequentialGuard, found: Found): string {
  const { finding } = found;
  const { logE, logNeeded, low } = finding;
  // The alarm itself excludes the limit, also when the regression is younger than the rollout.
  const least = scaleText(found, Math.max(low ?? 0, found.limit));
  const place = finding.segment ?? guard.segment;
  const where = place === null ? "" : ` in ${place}`;
  const evidence = `${evidenceText(logE)} of ${evidenceText(logNeeded)}`;
  const recorded = recordText(found);
  const before = recorded === null ? "" : `; before 100% ${recorded}`;
  return `${nameOf(guard, finding)}${where} at least ${least} (99%), ${limitText(guard, found)}; evidence ${evidence} (${armsText(found)}${before})${carriedText(finding)}`;
}

/** Who alone carries it, where anybody does, and what to do about it. */
function carriedText({ replica, byHeavyUser, byFewUsers }: Finding): string {
  if (replica !== null) return `; replica ${replica} alone is to blame: take it out, or mend it`;
  if (byHeavyUser) {
    return "; one heavy user alone has it: see whether the version is to blame for that one, and roll it back or promote it";
  }
  return byFewUsers
    ? "; so few users may fare worse for who they are: see whether these did before, and roll it back or promote it"
    : "";
}

function limitText({ declared }: SequentialGuard, found: Found): string {
  return `${declared === true ? "declared limit" : "limit"} ${scaleText(found, found.limit)}`;
}

/** What stable did before 100%, where that tells what began since; null where it does not. */
function recordText({ finding, unit }: Found): string | null {
  const record = finding.late?.record ?? null;
  return record === null ? null : valueText(unit, record);
}

function nameOf({ metric, comparison }: SequentialGuard, { odds }: Finding): string {
  const name = metricName(metric);
  if (comparison.kind === "ratio") return odds ? `${name} odds ratio` : `${name} ratio`;
  if (metric.kind === "latency") return name;
  return metric.kind === "mean" ? `mean of ${name}` : `${name} rate`;
}

/** Why a guard without evidence has none. */
function nothingText(
  guard: SequentialGuard,
  { common, seen }: Pick<GuardEvidence, "common" | "seen">,
): string {
  const { metric, comparison } = guard;
  if (metric.kind === "mean" && metric.of === "cost" && metric.prices === null) {
    return "not both versions declare their prices";
  }
  if (choosesTest(guard) && common === null && seen.n > 0) {
    return `${seen.n} of ${CHOSEN_FROM} on stable, by which its test is chosen`;
  }
  if (metric.kind === "events" && comparison.kind === "ratio" && !choosesTest(guard)) {
    return "no requests of both arms to compare yet";
  }
  return metric.kind === "latency" && comparison.kind === "ratio"
    ? "no requests of both arms to compare yet"
    : "nothing to count yet";
}

/** "0.7x to 1.4x", the interval at 99%. */
export function intervalText(scale: Scale, low: number | null, high: number | null): string {
  if (low !== null && high !== null) return `${scaleText(scale, low)} to ${scaleText(scale, high)}`;
  if (low !== null) return `at least ${scaleText(scale, low)}`;
  return high === null ? "not known yet" : `at most ${scaleText(scale, high)}`;
}

/** A number on the scale of a guard's limit. */
export function scaleText({ comparison, unit }: Scale, value: number): string {
  if (comparison === "ratio") return ratioText(value);
  const text = valueText(unit, Math.abs(value));
  if (comparison === "limit") return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** "1.5x or +0.5%": as much harm must be excluded, by either. */
export function marginText(
  scale: Scale,
  { margin, difference }: Pick<Finding["going"], "margin" | "difference">,
): string {
  const ratio = scaleText(scale, margin);
  if (difference === null) return ratio;
  return `${ratio} or ${scaleText({ ...scale, comparison: "difference" }, difference)}`;
}

/** The smallest harm that may be there all the same. */
export function notExcludedText({ finding, ...scale }: Scale & { finding: Finding }): string {
  const { going } = finding;
  const { excluded } = going;
  const what = scale.comparison === "ratio" ? "ratio" : "value";
  const harm =
    excluded === null
      ? `no ${what} is excluded yet`
      : `up to ${scaleText(scale, excluded)} is not excluded`;
  return `${harm} (95%), below ${marginText(scale, going)} is needed`;
}

/** One arm's value. */
export function measureText(unit: Unit, arm: ArmMeasure): string {
  if (arm.over) return durationText(Number.POSITIVE_INFINITY);
  return arm.value === null ? "–" : valueText(unit, arm.value);
}

function armsText({ unit, candidate, stable, baseline }: Found): string {
  const kept = baseline === "kept" ? " before 100%" : "";
  return `${measureText(unit, candidate)} against ${measureText(unit, stable)}${kept}`;
}
