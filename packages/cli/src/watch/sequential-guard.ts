// A sequential guard in one line: its evidence of harm on a logarithmic bar that is full at the alarm, the interval
// of the ratio, and how far the evidence has come that lets the stage pass.

import {
  durationText,
  evidenceText,
  type Finding,
  intervalText,
  percentText,
  ratioText,
  type Verdict,
} from "@slipway/core";
import { bar, ink, type Segment, type Style } from "./ink.ts";

/** What stands after the guard's name. */
export function sequentialGuard(
  verdict: Verdict,
  finding: Finding,
  barWidth: number,
  wide: boolean,
): readonly Segment[] {
  const { logE, logNeeded, low, high } = finding;
  const { filled, empty } = bar(logE / logNeeded, barWidth);
  const style = styleOf(verdict, finding);
  const evidence = `${evidenceText(logE)} of ${evidenceText(logNeeded)}`;
  return [
    ink(filled, style),
    ink(empty, "dim"),
    ink(`  ${wide ? "evidence " : ""}${evidence}`, style === "green" ? "plain" : style),
    ink(`  ${intervalText(low, high)}`, verdict.status === "fail" ? "red" : "bold"),
    ink(`, limit ${ratioText(verdict.limit)}`),
    ...goingText(verdict, finding),
    ...(wide ? [ink(`  ${armsText(verdict)}`, "dim")] : []),
  ];
}

function styleOf({ status }: Verdict, { logE, logNeeded }: Finding): Style {
  if (status === "fail") return "red";
  return logE >= 0.8 * logNeeded ? "yellow" : "green";
}

function goingText({ status }: Verdict, { going }: Finding): readonly Segment[] {
  if (status === "fail") return [];
  const margin = `  margin ${ratioText(going.margin)}`;
  if (going.logE >= going.logNeeded) return [ink(`${margin} ✓`, "green")];
  const so = `${evidenceText(going.logE)} of ${evidenceText(going.logNeeded)}`;
  return [ink(`${margin}: ${so}`, status === "wait" ? "yellow" : "dim")];
}

function armsText({ kind, candidate, stable, baseline }: Verdict): string {
  const one = (arm: Verdict["stable"]): string => {
    if (arm.over) return "beyond horizon";
    if (arm.value === null) return "–";
    return kind === "error-ratio" ? percentText(arm.value) : durationText(arm.value);
  };
  return `${one(candidate)} against ${one(stable)}${baseline === "kept" ? ", kept" : ""}`;
}
