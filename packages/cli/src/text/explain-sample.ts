// The parts of an explanation that are about what grows, and about who is missing.

import {
  type DimensionMix,
  errorsText,
  evidenceText,
  percentText,
  type SplitFinding,
  type TrendVerdict,
  type ValueMix,
} from "@slipway/core";
import type { Explanation } from "@slipway/wire";

const MARKS: { readonly [status in TrendVerdict["status"]]: string } = {
  pass: "✓",
  fail: "✗",
  wait: "…",
};

export function trendText({ trend, action, status, text }: TrendVerdict): string {
  return `  ${MARKS[status]} ${trend} (${action}): ${text}\n`;
}

/** Nothing while nobody is split. */
export function whoText({
  split,
  representation,
}: Pick<Explanation, "split" | "representation">): readonly string[] {
  if (split === null) return [];
  return [
    "\nwho is judged\n",
    ...splitLines(split),
    ...(representation?.dimensions ?? []).map(mixLine),
  ];
}

function splitLines({ wanted, spread, tests }: SplitFinding): readonly string[] {
  const lines = tests.map(({ of, candidate, stable, share, logE, isOff }) => {
    const counts = `${candidate.toLocaleString("en-US")} and ${stable.toLocaleString("en-US")}`;
    return `  ${isOff ? "✗" : "✓"} ${of}: ${counts}, ${percentText(share)} where the stage says ${percentText(wanted)}; evidence against it ${evidenceText(logE)} of 1000\n`;
  });
  if (spread === 1) return lines;
  const divided = Math.round(spread * 10) / 10;
  return [...lines, `      users send unevenly: requests count as 1 in ${divided}\n`];
}

function mixLine(mix: DimensionMix): string {
  const { dimension, index, chance, isOff, missing, told, errors } = mix;
  const isOk = !isOff && missing.length === 0;
  const bound = Math.round(index * 1000) / 1000;
  const by = chance < 1e-4 ? "below 0.01%" : percentText(chance);
  const gone = missing.length === 0 ? "" : `; without ${missing.map(valueText).join(", ")}`;
  return `  ${isOk ? "✓" : "✗"} ${dimension}: stability index ${bound} (by chance ${by})${gone}; most different: ${told.map(valueText).join(", ")}${errorsText(errors)}\n`;
}

function valueText({ value, candidate, stable }: ValueMix): string {
  return `${value} ${percentText(candidate)} against ${percentText(stable)}`;
}
