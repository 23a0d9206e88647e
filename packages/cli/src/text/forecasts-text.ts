// A model's forecasts as people read them: one line a stage, what was said and how it was, and what they were worth.

import { durationText, percentText, ratioText } from "@slipway/core";
import type { ForecastEntry, ForecastsView } from "@slipway/wire";
import { momentText } from "./rollout-text.ts";
import { textColumns } from "./text-columns.ts";

export function forecastsText(view: ForecastsView): string {
  if (view.entries.length === 0) {
    return `no stage of ${view.model} was forecast in its last rollouts\n`;
  }
  const head = ["when", "rollout", "to", "stage", "verdict", "told", "was", "then"];
  return `${textColumns([head, ...view.entries.map(row)])}\n${calibrationText(view)}\n`;
}

function row({ rolloutId, to, atMs, forecast, entered, score }: ForecastEntry): readonly string[] {
  const [told] = forecast.latency;
  const [scored] = score?.latency ?? [];
  return [
    momentText(atMs),
    rolloutId,
    to,
    `${forecast.percent}%`,
    forecast.verdict,
    toldText(forecast, told),
    scored === undefined ? "–" : timeText(scored.actualMs),
    thenText(entered),
  ];
}

function toldText(
  { beyondKnee, basis }: ForecastEntry["forecast"],
  told: ForecastEntry["forecast"]["latency"][number] | undefined,
): string {
  if (beyondKnee) {
    const floorMs = told?.floorMs ?? null;
    return floorMs === null
      ? "beyond the knee"
      : `beyond the knee: at least ${durationText(floorMs)}`;
  }
  if (basis === "quota") return "the provider's limits";
  const { lowMs, medianMs, highMs } = told ?? {};
  if (typeof lowMs !== "number" || typeof medianMs !== "number" || typeof highMs !== "number") {
    return "no number";
  }
  return `${durationText(medianMs)} (${durationText(lowMs)} to ${durationText(highMs)})`;
}

function timeText(ms: number | null): string {
  return ms === null ? "beyond the horizon" : durationText(ms);
}

function thenText(entered: ForecastEntry["entered"]): string {
  if (entered === null) return "not entered";
  return entered.by === null ? "entered" : `entered by ${entered.by}`;
}

function calibrationText({ calibration }: ForecastsView): string {
  const { scores, factor, told, covered } = calibration;
  const next = `the next intervals are widened by ${ratioText(factor)}`;
  if (scores === 0) return `none is scored yet; ${next}`;
  const share = told === 0 ? "" : `, ${percentText(covered / told)} of them within their interval`;
  return `${scores} scored${share}; ${next}`;
}
