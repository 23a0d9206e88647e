// What is wrong with components of a status page that can be read: a model that there is not, and one that two have.

import { entriesOf, type Located, nodeAt } from "../document/located.ts";
import { error, type Finding } from "../document/problem.ts";
import { quoted } from "../document/quantity.ts";
import { nearest } from "../document/spelling.ts";

export function statusFindings(root: Located): readonly Finding[] {
  const known = entriesOf(nodeAt(root, ["models"])).map(([name]) => name);
  if (known.length === 0) return [];
  const owner = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [id, component] of entriesOf(nodeAt(root, ["status", "components"]))) {
    for (const node of nodeAt(component, ["models"])?.items ?? []) {
      const { value } = node;
      if (typeof value !== "string") continue;
      const other = owner.get(value);
      owner.set(value, id);
      if (!known.includes(value)) findings.push(unknown(node, value, known));
      else if (other !== undefined) findings.push(twice(node, value, other));
    }
  }
  return findings;
}

function unknown({ span }: Located, model: string, known: readonly string[]): Finding {
  const near = nearest(model, known);
  const fix = near === null ? `write one of: ${known.join(", ")}` : `did you mean ${near}?`;
  return error(span, `${quoted(model)} is not among the models`, fix);
}

function twice({ span }: Located, model: string, other: string): Finding {
  return error(
    span,
    `${quoted(model)} is in component ${other} already`,
    "leave it in one of them",
  );
}
