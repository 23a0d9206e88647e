// Scores that would never come: of answers that nobody keeps, or by a name that nothing looks at.

import { LIVE_SCORES } from "@slipway/core";
import { entriesOf, keyAt, type Located, nodeAt } from "../document/located.ts";
import { read } from "../document/node-value.ts";
import { type Finding, warning } from "../document/problem.ts";
import { readShare } from "../document/quantity.ts";

export function answerFindings(model: Located): readonly Finding[] {
  const answers = nodeAt(model, ["policy", "answers"]);
  const place = answers === null ? null : keyAt(answers, ["score"]);
  if (place === null) return [];
  const sample = read(nodeAt(model, ["policy", "answers", "sample"]), readShare) ?? 0;
  const guards = nodeAt(model, ["policy", "guards"]);
  const looked = entriesOf(guards).map(([, guard]) => String(nodeAt(guard, ["score"])?.value));
  const names: readonly string[] = Object.values(LIVE_SCORES);
  const isUnseen = guards !== null && !looked.some((score) => names.includes(score));
  return [
    ...(sample > 0
      ? []
      : [
          warning(
            place,
            "no answers are kept, so that none is scored",
            "write a sample, such as 5%",
          ),
        ]),
    ...(isUnseen
      ? [
          warning(
            place,
            "answers are scored, and no guard looks at their scores",
            `add a guard with metric: score and score: ${LIVE_SCORES.parseFailures}`,
          ),
        ]
      : []),
  ];
}
