// How models are watched for drift, as `apply` tells the controller: with the probes themselves, since a controller reads none
// of the team's files.

import { dirname, resolve } from "node:path";
import { driftFiles, probesFrom } from "@slipway/preflight";
import type { ModelDocument } from "@slipway/wire";
import type { GateSettings } from "@slipway/wire/config";
import { readText } from "../edge/config-file.ts";

const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Throws where probes cannot be read: a watch without them would be none. */
export function withWatches(
  models: readonly ModelDocument[],
  gates: { readonly [model: string]: GateSettings },
  file: string,
): readonly ModelDocument[] {
  return models.map((model) => {
    const { drift, prompts } = gates[model.name] ?? {};
    if (drift === undefined) return model;
    const { probes: own, ...rest } = drift;
    const texts = driftFiles(drift, prompts).map((path) => ({
      file: path,
      text: readText(
        resolve(dirname(file), path),
        `a file of probes of ${model.name}`,
        "name it under drift: probes:, relative to the folder of slipway.yaml",
        FILE_BYTES_MAX,
      ),
    }));
    return { ...model, drift: { ...rest, probes: probesFrom(texts, own.length > 0) } };
  });
}
