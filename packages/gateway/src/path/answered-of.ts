// Whose answer a request got, as feedback and scores about it need it; and how they are counted.

import type { Answered } from "../feedback/answer-id.ts";
import type { Passage } from "./passage.ts";

export function answeredOf(passage: Passage): Answered {
  const { destination, id, observed, segment } = passage;
  return {
    id,
    model: destination.route.model,
    version: passage.answeringBalancer.version.id,
    arm: passage.answeringArm,
    segment: observed?.key.segment ?? segment,
    cohort: observed === null ? null : { ...observed.key, bucket: observed.bucket },
  };
}
