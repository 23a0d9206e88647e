// What is well-formed and still wrong in a section `preflight`: a gate that is required and not set up could never pass, and
// a watch for drift needs something to ask, and versions that there are.

import { type Located, nodeAt } from "../document/located.ts";
import { error, type Finding } from "../document/problem.ts";

export function preflightFindings(model: Located): readonly Finding[] {
  const section = nodeAt(model, ["preflight"]);
  if (section === null) return [];
  return [...requiredFindings(section), ...driftFindings(model, section)];
}

function requiredFindings(section: Located): readonly Finding[] {
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

function driftFindings(model: Located, section: Located): readonly Finding[] {
  const drift = nodeAt(section, ["drift"]);
  if (drift === null) return [];
  const hasProbes = (nodeAt(drift, ["probes"])?.items ?? []).length > 0;
  const nothing =
    hasProbes || nodeAt(section, ["prompts"]) !== null
      ? []
      : [
          error(
            drift.span,
            "the gate drift has nothing to ask: there are no probes, and no gate prompts to take them from",
            "write probes: [probes.jsonl] under drift",
          ),
        ];
  const versions = nodeAt(model, ["versions"])?.entries;
  const strange = (nodeAt(drift, ["versions"])?.items ?? []).flatMap((item) => {
    if (typeof item.value !== "string" || versions?.has(item.value) !== false) return [];
    const known = [...versions.keys()].join(", ");
    return [error(item.span, `there is no version ${item.value} to watch`, `there are: ${known}`)];
  });
  return [...nothing, ...strange];
}
