// Why a baseline or the cases of a lesson are not taken, each with the way out.

import {
  type BaselineLimit,
  CASES_LENGTH_MAX,
  CASES_MAX,
  type CasesProblem,
  valueText,
} from "@slipway/core";
import { SlipwayError } from "@slipway/wire";

export function noBaselineOf(rolloutId: string): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "gives_no_baseline",
    message: `${rolloutId} gives no baseline: it is not the newest rollout of its model that completed on evidence`,
    fix: "slipway baseline show MODEL names the one that can be accepted",
  });
}

export function nothingToEdit(model: string): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "no_baseline_in_force",
    message: `${model} has no baseline that could be edited`,
    fix: "accept one first: slipway baseline accept MODEL",
  });
}

export function unknownLimit(name: string, known: readonly string[]): SlipwayError {
  return new SlipwayError({
    status: 400,
    code: "unknown_limit",
    message: `${name} is none of the figures of this baseline`,
    fix: `they are ${known.join(", ")}`,
  });
}

export function senselessLimit({ name, unit, max }: BaselineLimit): SlipwayError {
  const example = unit === "share" ? "a share below 100%, such as 1%" : "a duration, such as 800ms";
  return new SlipwayError({
    status: 400,
    code: "senseless_limit",
    message: `${name} cannot be limited to ${valueText(unit, max)}`,
    fix: `its limit is ${example}`,
  });
}

const CASES_PROBLEMS: { readonly [problem in CasesProblem]: readonly [string, string] } = {
  "none-wanted": ["takes no cases", "accept it without --case"],
  "none-given": [
    "takes cases that you write, and none was given",
    "write one JSON object a line, as docs/preflight.md has them, and give the file as --case FILE",
  ],
  "too-many": [`takes at most ${CASES_MAX} cases`, "choose those that tell most"],
  "too-long": [
    `takes cases of at most ${CASES_LENGTH_MAX.toLocaleString("en-US")} characters together`,
    "shorten them, or put them into a file of the gate's own",
  ],
};

export function wrongCases(id: string, problem: CasesProblem): SlipwayError {
  const [what, fix] = CASES_PROBLEMS[problem];
  return new SlipwayError({ status: 400, code: "wrong_cases", message: `${id} ${what}`, fix });
}
