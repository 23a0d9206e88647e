// Each trend that has been looked at, in one line. What nobody measured is not shown.

import type { TrendVerdict } from "@slipway/core";
import type { RolloutView } from "@slipway/wire";
import { ink, type Line, padded, type Style } from "./ink.ts";

const NAME_WIDTH_MAX = 20;

const MARKS: { readonly [status in TrendVerdict["status"]]: readonly [string, Style] } = {
  pass: ["✓", "green"],
  fail: ["✗", "red"],
  wait: ["…", "dim"],
};

export function trends(view: RolloutView): readonly Line[] {
  const looked = view.trends.filter(({ look }) => look !== null);
  const width = Math.min(NAME_WIDTH_MAX, Math.max(0, ...looked.map(({ trend }) => trend.length)));
  return looked.map(({ trend, status, text }) => {
    const [mark, style] = MARKS[status];
    return [
      ink("  "),
      ink(mark, style),
      ink(` ${padded(trend, width)}  `),
      ink(text, status === "fail" ? "red" : "plain"),
    ];
  });
}
