// A sequential guard in one line: its evidence of harm on a logarithmic bar that is full at the alarm, the interval
// of the ratio, and how far the evidence has come that lets the stage pass.

import {
  evidenceText,
  type Finding,
  intervalText,
  marginText,
  measureText,
  scaleText,
  type Verdict,
} from "@slipway/core";
import { bar, ink, type Segment, type Style } from "./ink.ts";

/** `limit`: what the limit is called. */
type Shown = { readonly barWidth: number; readonly wide: boolean; readonly limit: string };

/** What stands after the guard's name. */
export function sequentialGuard(
  verdict: Verdict,
  finding: Finding,
  { barWidth, wide, limit }: Shown,
): readonly Segment[] {
  const { logE, logNeeded, low, high } = finding;
  const { filled, empty } = bar(logE / logNeeded, barWidth);
  const style = styleOf(verdict, finding);
  const evidence = `${evidenceText(logE)} of ${evidenceText(logNeeded)}`;
  return [
    ink(filled, style),
    ink(empty, "dim"),
    ink(`  ${wide ? "evidence " : ""}${evidence}`, style === "green" ? "plain" : style),
    ink(`  ${intervalText(verdict, low, high)}`, verdict.status === "fail" ? "red" : "bold"),
    ink(`, ${limit} ${scaleText(verdict, verdict.limit)}`),
    ...goingText(verdict, finding),
    ...(wide ? [ink(`  ${armsText(verdict)}`, "dim")] : []),
  ];
}

function styleOf({ status }: Verdict, { logE, logNeeded }: Finding): Style {
  if (status === "fail") return "red";
  return logE >= 0.8 * logNeeded ? "yellow" : "green";
}

/** Who need not pass has no margin to show. */
function goingText(verdict: Verdict, { going }: Finding): readonly Segment[] {
  const { status, holds } = verdict;
  if (status === "fail" || !holds) return [];
  const margin = `  margin ${marginText(verdict, going)}`;
  if (going.logE >= going.logNeeded) return [ink(`${margin} ✓`, "green")];
  const so = `${evidenceText(going.logE)} of ${evidenceText(going.logNeeded)}`;
  return [ink(`${margin}: ${so}`, status === "wait" ? "yellow" : "dim")];
}

function armsText({ unit, candidate, stable, baseline }: Verdict): string {
  const one = (arm: Verdict["stable"]): string =>
    arm.over ? "beyond horizon" : measureText(unit, arm);
  return `${one(candidate)} against ${one(stable)}${baseline === "kept" ? ", kept" : ""}`;
}
