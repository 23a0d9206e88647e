// What a stage asks of its own sample before it may be left forwards: that nobody is missing from it.

import type { Evidence } from "../evidence/evidence.ts";
import type { Policy } from "../policy.ts";
import type { Requirement } from "../rollout/requirement.ts";
import type { Rollout } from "../rollout/rollout.ts";
import type { LotEvidence } from "./lot-evidence.ts";
import { representationOf } from "./representation.ts";
import { splitOf } from "./split.ts";

type Known = {
  readonly lot: LotEvidence;
  readonly rollout: Rollout;
  readonly requirements: readonly Requirement[];
};

/** Of each policy the last: they change with a tick alone, and are asked for several times between two. */
const KNOWN = new WeakMap<Policy, Known>();

/** None where nothing is split, or told apart. Under `warn` they are met whatever they say. */
export function lotRequirements(rollout: Rollout, evidence: Evidence): readonly Requirement[] {
  const known = KNOWN.get(rollout.policy);
  if (known?.lot === evidence.lot && known.rollout === rollout) return known.requirements;
  const requirements = requirementsFor(rollout, evidence);
  KNOWN.set(rollout.policy, { lot: evidence.lot, rollout, requirements });
  return requirements;
}

function requirementsFor(rollout: Rollout, evidence: Evidence): readonly Requirement[] {
  const split = splitOf(rollout, evidence);
  if (split === null) return [];
  const mix = representationOf(rollout, evidence);
  const onlyWarns = rollout.policy.representative === "warn";
  const requirement = (
    code: Requirement["code"],
    { isOff, text }: { readonly isOff: boolean; readonly text: string },
  ): Requirement => {
    const met = !isOff || onlyWarns;
    const warned = isOff && onlyWarns ? `only warned of: ${text}` : text;
    return { code, met, progress: met ? 1 : 0, text: warned };
  };
  return [
    requirement("split", split),
    ...(mix === null ? [] : [requirement("representative", mix)]),
  ];
}
