// Lessons as a Markdown table: what was promised, what was kept, and in how many worlds within what was promised.
import { durationText } from "@slipway/core";
import type { Proof } from "./proof.ts";

export function proofsText(proofs: readonly Proof[]): string {
  const groups = Map.groupBy(proofs, ({ scenario, lesson }) => `${scenario} | ${lesson}`);
  const rows = [...groups].map(([name, all]) => {
    const promised = all.flatMap(({ promised: one }) => (one === null ? [] : [one.ms]));
    const kept = all.flatMap(({ keptMs }) => (keptMs === null ? [] : [keptMs]));
    const within = all.filter(({ isWithin }) => isWithin).length;
    return `| ${name} | ${all.length} | ${middleText(promised)} | ${middleText(kept)} | ${within} |`;
  });
  return [
    "| scenario | lesson | worlds | sooner, promised | sooner, in fact | within what was promised |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** The median. */
function middleText(valuesMs: readonly number[]): string {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) return "–";
  return middle < 0 ? `-${durationText(-middle)}` : durationText(middle);
}
