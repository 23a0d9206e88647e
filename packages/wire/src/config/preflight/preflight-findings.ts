// What is well-formed and still wrong in a section `preflight`: a gate that is required and not set up could never pass.

import { type Located, nodeAt } from "../located.ts";
import { error, type Finding } from "../problem.ts";

export function preflightFindings(model: Located): readonly Finding[] {
  const section = nodeAt(model, ["preflight"]);
  if (section === null) return [];
  return (nodeAt(section, ["required"])?.items ?? []).flatMap((item) => {
    const gate = item.value;
    if (typeof gate !== "string" || nodeAt(section, [gate]) !== null) return [];
    return [
      error(
        item.span,
        `the gate ${gate} is required, and not set up: it could never pass`,
        `write ${gate}: under preflight, with its settings below it, or take it off the list`,
      ),
    ];
  });
}
