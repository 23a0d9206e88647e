// What a preflight is of: a model of slipway.yaml, two of its versions, and the gates that are set up for it, or that earlier
// incidents ask for.

import { gateOfChange, type Lesson, type Policy, type Pool, type Version } from "@slipway/core";
import type { ModelDocument } from "@slipway/wire";
import {
  CONFIGURED_GATES,
  type ConfiguredGate,
  DRILL_OF_LESSONS,
  type GateSettings,
  ITEMS_OF_LESSONS,
  isConfigured,
  PROMPTS_OF_LESSONS,
} from "@slipway/wire/config";
import { usageError } from "../output.ts";

export type PreflightPlan = {
  readonly model: string;
  readonly stable: Version;
  readonly candidate: Version;
  readonly policy: Policy;
  readonly pools: readonly Pool[];
  /** In the order in which they run. */
  readonly gates: readonly ConfiguredGate[];
  readonly settings: GateSettings;
  /** What earlier incidents taught, and is in force. */
  readonly learnt: readonly Lesson[];
  /** Lessons whose gate nobody has set up. */
  readonly unasked: readonly Lesson[];
};

export type Asked = {
  readonly model: string;
  readonly to: string;
  /** Null for what the file calls stable. */
  readonly from: string | null;
  /** None for all that are set up. */
  readonly gates: readonly ConfiguredGate[];
  readonly learnt: readonly Lesson[];
};

/** What of a slipway.yaml a preflight is made from. */
type GatesFile = {
  readonly models: readonly ModelDocument[];
  readonly gates: { readonly [model: string]: GateSettings };
  readonly pools: readonly Pool[];
};

export function gatesToRun(
  { models, gates, pools }: GatesFile,
  asked: Asked,
  file: string,
): PreflightPlan {
  const model = models.find(({ name }) => name === asked.model);
  if (model === undefined) {
    const names = models.map(({ name }) => name).join(", ");
    throw usageError(`${file} has no model ${asked.model}`, `it has: ${names}`);
  }
  const stable = versionOf(model, asked.from ?? model.stable, file);
  const candidate = versionOf(model, asked.to, file);
  if (stable.id === candidate.id) {
    throw usageError(
      `${candidate.id} cannot be compared with itself`,
      "name another version with --to or --from",
    );
  }
  const settings = withLearnt(gates[model.name] ?? {}, asked.learnt);
  const isSetUp = (gate: ConfiguredGate): boolean => settings[gate] !== undefined;
  const missing = asked.gates.find((gate) => !isSetUp(gate));
  if (missing !== undefined || !CONFIGURED_GATES.some(isSetUp)) {
    const what = missing === undefined ? "no gate" : `the gate ${missing}`;
    const verb = missing === undefined ? "is set up" : "is not set up";
    throw usageError(
      `${what} ${verb} for ${model.name} in ${file}`,
      `write it below models: ${model.name}: preflight:, see docs/preflight.md`,
    );
  }
  const wanted = asked.gates.length === 0 ? CONFIGURED_GATES.filter(isSetUp) : asked.gates;
  return {
    model: model.name,
    stable,
    candidate,
    policy: model.policy,
    pools,
    gates: CONFIGURED_GATES.filter((gate) => wanted.includes(gate)),
    settings,
    learnt: asked.learnt,
    unasked: asked.learnt.filter(({ change }) => {
      const gate = gateOfChange(change);
      return gate !== null && isConfigured(gate) && !isSetUp(gate);
    }),
  };
}

/** Cases and drills of lessons need nothing of slipway.yaml; load, and what a team has of its own, nobody can guess. */
function withLearnt(settings: GateSettings, learnt: readonly Lesson[]): GateSettings {
  const has = (kind: Lesson["change"]["kind"]): boolean =>
    learnt.some(({ change }) => change.kind === kind);
  return {
    ...(has("prompt-case") ? { prompts: PROMPTS_OF_LESSONS } : {}),
    ...(has("benchmark-item") ? { benchmark: ITEMS_OF_LESSONS } : {}),
    ...(has("drill") ? { drill: DRILL_OF_LESSONS } : {}),
    ...settings,
  };
}

function versionOf(model: ModelDocument, id: string, file: string): Version {
  const version = model.versions.find((one) => one.id === id);
  if (version !== undefined) return version;
  const ids = model.versions.map((one) => one.id).join(", ");
  throw usageError(`${model.name} has no version ${id} in ${file}`, `it has: ${ids}`);
}
