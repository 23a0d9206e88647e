// Whether code uses only what there is: names, members of known types, packages. A model that made one up writes code that
// parses, reads well and cannot run.

import type { RightAnswer } from "@slipway/core";
import { spliced } from "./code-block.ts";
import { isCutOff, type Score, type ScoredAnswer } from "./score.ts";
import { shown } from "./text.ts";

export type NameProblem = {
  readonly kind: "name" | "member" | "package";
  readonly name: string;
  /** What there is that is written nearly so; null for nothing. */
  readonly instead: string | null;
};

export type CheckedNames =
  | { readonly kind: "checked"; readonly problems: readonly NameProblem[] }
  /** Of code that does not parse, names cannot be told. */
  | { readonly kind: "no-program" };

/** `packages`: those that code may import; null where nobody says, and then none is called unknown. */
export type CheckNames = (code: string, packages: readonly string[] | null) => CheckedNames;

export type NamesExpectation = NonNullable<RightAnswer["names"]>;

export function scoreNames(
  answer: ScoredAnswer,
  expected: NamesExpectation,
  check: CheckNames,
): Score {
  const checked = check(spliced(answer.text, expected, null), expected.packages);
  if (checked.kind === "no-program") {
    return isCutOff(answer)
      ? { kind: "unscored", cause: "cut-off", because: "ended at its length limit" }
      : { kind: "scored", passed: false, because: "does not parse, so that its names say nothing" };
  }
  const [first] = checked.problems;
  return {
    kind: "scored",
    passed: first === undefined,
    because: first === undefined ? "uses only what there is" : problemText(first),
    measured: { unknownNames: checked.problems.length },
  };
}

function problemText({ kind, name, instead }: NameProblem): string {
  const what = { name: "there is no", member: "there is no member", package: "no package" }[kind];
  return `${what} ${shown(name)}${instead === null ? "" : `; there is ${shown(instead)}`}`;
}
