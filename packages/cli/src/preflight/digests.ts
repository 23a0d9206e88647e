// Hashes of how gates are set up: those that `apply` tells the controller of the gates that a rollout needs, and those that a
// preflight leaves with what it found.

import { settingsDigest } from "@slipway/preflight";
import type { ModelDocument } from "@slipway/wire";
import { type ConfiguredGate, type GateSettings, isConfigured } from "@slipway/wire/config";
import { sha256, textBeside } from "../edge/config-file.ts";

/** As the gates themselves read them, at most. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** Null where a file that the gate reads is not here: `unreadable` hears which. `file`: the slipway.yaml. */
export function digestOf(
  gate: ConfiguredGate,
  settings: GateSettings,
  file: string,
  unreadable: (path: string) => void,
): string | null {
  const read = (path: string): string | null => textBeside(file, path, FILE_BYTES_MAX);
  const digest = settingsDigest(gate, settings, { read, sha256 });
  if (digest?.kind === "unreadable") unreadable(digest.file);
  return digest?.kind === "known" ? digest.digest : null;
}

/** The models with the settings of the gates that they need. */
export function withDigests(
  models: readonly ModelDocument[],
  gates: { readonly [model: string]: GateSettings },
  file: string,
  warn: (text: string) => void,
): readonly ModelDocument[] {
  return models.map((model) => {
    const { preflight } = model;
    if (preflight === undefined || preflight.required.length === 0) return model;
    const digests = preflight.required.filter(isConfigured).flatMap((gate) => {
      const unreadable = (path: string): void =>
        warn(
          `warning: ${path}, which the gate ${gate} of ${model.name} reads, is not here: its evidence will not be held against what is in it\n`,
        );
      const digest = digestOf(gate, gates[model.name] ?? {}, file, unreadable);
      return digest === null ? [] : [[gate, digest] as const];
    });
    return { ...model, preflight: { ...preflight, settings: Object.fromEntries(digests) } };
  });
}
