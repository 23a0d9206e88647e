// Requests that the candidate does not take and stable does: a parameter, a format, a name. What the length of the input
// accounts for is that one's.

import type { CauseTest } from "./facts.ts";
import { KIND_HEAD, kindRows, shareOf } from "./harm.ts";
import { tested } from "./hypothesis.ts";
import { inputLength } from "./input-length.ts";
import { kindText } from "./kinds-of-harm.ts";

const KINDS = ["incompatible"];

export const incompatible: CauseTest = (facts) => {
  const { harm } = facts;
  const length = inputLength(facts);
  const lengths = length.kind === "tested" ? length.score : 0;
  const share = harm.family === "requests" ? shareOf(harm, KINDS) : 0;
  return tested("incompatible", {
    share: Math.max(0, share - lengths),
    fit: 1,
    text: `${kindText(harm, KINDS)} were answered with a 4xx where stable answers`,
    data: { head: KIND_HEAD, rows: kindRows(harm, KINDS) },
  });
};
