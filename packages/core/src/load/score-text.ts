// How a forecast turned out, as one sentence.

import { durationText, ratioText } from "../quantity.ts";
import type { LatencyScore, Score } from "./calibration.ts";

export function scoreText({ percent, latency }: Score): string {
  return `${percent}%: ${latency.map(oneText).join(", ")}`;
}

function oneText({
  metric,
  quantile,
  medianMs,
  actualMs,
  logError,
  covered,
}: LatencyScore): string {
  const name = `P${Math.round(quantile * 1e4) / 100} ${metric}`;
  const was = actualMs === null ? "beyond the horizon" : durationText(actualMs);
  if (medianMs === null) return `${name} was ${was}, and was not told`;
  const off = logError === null ? "" : `, ${ratioText(Math.exp(logError))} of it`;
  return `${name} was ${was}, told ${durationText(medianMs)}${off}${covered === false ? ", outside the interval" : ""}`;
}
