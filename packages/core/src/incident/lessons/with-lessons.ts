// Lessons in the model that the next rollout finds: its policy, and the gates that it needs.

import type { Model } from "../../model.ts";
import type { Policy } from "../../policy.ts";
import { GATES, type GateName } from "../../preflight/gate.ts";
import { gateOfChange, type Lesson, type LessonChange, lessonsInForce } from "./lesson.ts";

/** The policy with one change; unchanged where it is in it already. */
export function changedPolicy(policy: Policy, change: LessonChange): Policy {
  switch (change.kind) {
    case "guard": {
      const { guard } = change;
      const isThere = policy.guards.some(({ id }) => id === guard.id);
      return isThere ? policy : { ...policy, guards: [...policy.guards, guard] };
    }
    case "stage": {
      const { stage } = change;
      const isThere = policy.stages.some(({ percent }) => percent === stage.percent);
      if (isThere) return policy;
      const stages = [...policy.stages, stage].sort((a, b) => a.percent - b.percent);
      return { ...policy, stages };
    }
    default:
      return policy;
  }
}

/** The model as its next rollout finds it: its policy, and the gates that it needs. */
export function withLessons(model: Model, lessons: readonly Lesson[]): Model {
  const own = lessonsInForce(lessons);
  if (own.length === 0) return model;
  const policy = own.reduce((sum, { change }) => changedPolicy(sum, change), model.policy);
  const inForce = own.map(({ id, what, owner, reason }) => ({ id, what, owner, reason }));
  return { ...model, policy: { ...policy, lessons: inForce }, ...preflightOf(model, own) };
}

/** Where the configuration says nothing of how old evidence may be. */
const GATE_AGE_MS = 7 * 86_400_000;

function preflightOf({ preflight }: Model, lessons: readonly Lesson[]): Pick<Model, "preflight"> {
  const learnt: { [gate in GateName]?: readonly string[] } = {};
  for (const { id, change } of lessons) {
    const gate = gateOfChange(change);
    if (gate !== null) learnt[gate] = [...(learnt[gate] ?? []), id];
  }
  const gates = GATES.filter((gate) => learnt[gate] !== undefined);
  if (gates.length === 0) return preflight === undefined ? {} : { preflight };
  const { required = [], ...rest } = preflight ?? { evidenceAgeMsMax: GATE_AGE_MS };
  return {
    preflight: { ...rest, required: [...new Set([...required, ...gates])], lessons: learnt },
  };
}
