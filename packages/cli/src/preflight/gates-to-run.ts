// What a preflight is of: a model of slipway.yaml, two of its versions, and the gates that are set up for it.

import type { Policy, Pool, Version } from "@slipway/core";
import type { ModelDocument } from "@slipway/wire";
import { CONFIGURED_GATES, type ConfiguredGate, type GateSettings } from "@slipway/wire/config";
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
};

export type Asked = {
  readonly model: string;
  readonly to: string;
  /** Null for what the file calls stable. */
  readonly from: string | null;
  /** None for all that are set up. */
  readonly gates: readonly ConfiguredGate[];
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
  const settings = gates[model.name] ?? {};
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
  };
}

function versionOf(model: ModelDocument, id: string, file: string): Version {
  const version = model.versions.find((one) => one.id === id);
  if (version !== undefined) return version;
  const ids = model.versions.map((one) => one.id).join(", ");
  throw usageError(`${model.name} has no version ${id} in ${file}`, `it has: ${ids}`);
}
