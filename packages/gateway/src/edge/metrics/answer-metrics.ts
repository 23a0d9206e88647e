// What became of answers that are kept and scored, for Prometheus.

import { Counter, type Registry } from "prom-client";
import type { Observe } from "../../path/observe.ts";

type AnswerObserve = Pick<
  Observe,
  "answerKept" | "answerDropped" | "answerScored" | "scoreDropped"
>;

export function answerMetrics(registry: Registry): AnswerObserve {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const kept = counter("slipway_answers_kept_total", "Answers kept for scoring.", ["model"]);
  const dropped = counter(
    "slipway_answers_dropped_total",
    "Answers that should have been kept for scoring and were not, by why.",
    ["model", "why"],
  );
  const scored = counter(
    "slipway_answers_scored_total",
    "Kept answers whose scores were counted for their arm.",
    ["model"],
  );
  const unscored = counter(
    "slipway_scores_dropped_total",
    "Kept answers that should have been scored and were not, by why: busy, failed, too-large, late.",
    ["model", "why"],
  );
  return {
    answerKept: (model) => kept.inc({ model }),
    answerDropped: (model, why) => dropped.inc({ model, why }),
    answerScored: (model) => scored.inc({ model }),
    scoreDropped: (model, why) => unscored.inc({ model, why }),
  };
}
