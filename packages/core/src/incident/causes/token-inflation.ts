// More tokens for the same: answers that are longer, or a tokenizer that makes more of the same text. Slow answers that
// stable's own rates at those lengths account for are length's; a guard of tokens or cost says it by itself.

import { type EvidenceRow, LENGTH_CLASSES, LENGTH_ENDS } from "../../evidence/row.ts";
import { binOf, countAbove, countOf } from "../../histogram.ts";
import { percentText, ratioText } from "../../quantity.ts";
import { rounded } from "./concentration.ts";
import type { CauseCounts, Sums } from "./counts.ts";
import { type CauseTest, OF_LABELS } from "./facts.ts";
import { clipped, sureness, tested, untested } from "./hypothesis.ts";

type Means = {
  readonly n: number;
  readonly input: number;
  readonly output: number;
  readonly spread: number;
};

export const tokenInflation: CauseTest = ({ counts, harm }) => {
  if (harm.family === "labels") return untested("token-inflation", OF_LABELS);
  const [own, usual] = [meansOf(counts.during.candidate), meansOf(counts.during.stable)];
  if (own.n < 50 || usual.n < 50)
    return untested("token-inflation", "too few answers say how many tokens they have");
  const z = (own.output - usual.output) / Math.sqrt(own.spread / own.n + usual.spread / usual.n);
  const longer = own.output / usual.output;
  const more = own.input / usual.input;
  const { metric } = counts.ask;
  const isOfTokens = metric !== null && metric !== "client-memory" && metric.kind === "mean";
  const byLength = slowByLength(counts);
  const text = `answers have ${ratioText(longer)} stable's tokens, inputs ${ratioText(more)}`;
  const accounted = `; stable's own rates at those lengths account for ${percentText(clipped(byLength / Math.max(harm.total, 1)))} of the harm`;
  return tested("token-inflation", {
    share: isOfTokens ? 1 : byLength / Math.max(harm.total, 1),
    fit: isOfTokens ? 1 : sureness(z) * clipped((longer - 1) * 4),
    text: isOfTokens ? text : `${text}${accounted}`,
    data: {
      head: [
        "answers of up to, tokens",
        "candidate's",
        "stable's",
        "slow, candidate",
        "slow, stable",
      ],
      rows: lengthRows(counts),
    },
  });
};

function meansOf(sums: Sums): Means {
  const all = [...sums.values()];
  const n = sum(all, ({ usage }) => usage.n);
  const output = sum(all, ({ tokens }) => tokens.output) / Math.max(1, n);
  const input = sum(all, ({ tokens }) => tokens.input) / Math.max(1, n);
  const squares = sum(all, ({ usage }) => usage.oo) / Math.max(1, n);
  return { n, input, output, spread: Math.max(1, squares - output ** 2) };
}

function sum(rows: readonly EvidenceRow[], of: (row: EvidenceRow) => number): number {
  return rows.reduce((all, row) => all + of(row), 0);
}

type Timed = { readonly n: number; readonly slow: number };

function classesOf(sums: Sums, { ask }: CauseCounts): readonly Timed[] {
  const bin = ask.slowerThanMs === null ? null : binOf(ask.slowerThanMs);
  return Array.from({ length: LENGTH_CLASSES }, (_, place) => {
    let [n, slow] = [0, 0];
    for (const { lengths } of sums.values()) {
      const times = ask.time === "ttft" ? undefined : lengths[ask.time][place];
      if (times === undefined) continue;
      n += countOf(times);
      if (bin !== null) slow += countAbove(times, bin);
    }
    return { n, slow };
  });
}

/** Slow answers of the candidate were each as slow as stable's of its length, beyond what stable has on the whole. */
function slowByLength(counts: CauseCounts): number {
  const own = classesOf(counts.during.candidate, counts);
  const usual = classesOf(counts.during.stable, counts);
  const [n, usualN, usualSlow] = [total(own, "n"), total(usual, "n"), total(usual, "slow")];
  if (n === 0 || usualN === 0) return 0;
  const byClass = own.reduce((all, one, place) => {
    const same = usual[place];
    return all + (same === undefined || same.n === 0 ? 0 : (one.n * same.slow) / same.n);
  }, 0);
  return Math.max(0, byClass - (n * usualSlow) / usualN);
}

function total(classes: readonly Timed[], of: keyof Timed): number {
  return classes.reduce((all, one) => all + one[of], 0);
}

function lengthRows(counts: CauseCounts): readonly (string | number | null)[][] {
  const own = classesOf(counts.during.candidate, counts);
  const usual = classesOf(counts.during.stable, counts);
  const slow = (one: Timed | undefined): number | null =>
    one === undefined || one.n === 0 ? null : rounded(one.slow / one.n);
  return own.map((one, place) => [
    LENGTH_ENDS[place] ?? "more",
    one.n,
    usual[place]?.n ?? 0,
    slow(one),
    slow(usual[place]),
  ]);
}
