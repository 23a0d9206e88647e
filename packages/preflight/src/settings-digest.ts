// What a gate's evidence was taken with, as one hash: its settings, and what is in the files that they name. Another data set
// under the same name, or another margin, is another question, and its answer does not answer this one.

import { canonicalJson, type Json } from "@slipway/core";
import type { ConfiguredGate, GateSettings } from "@slipway/wire/config";

export type DigestPorts = {
  /** Null where there is no such file, or it cannot be read. Paths are as settings have them. */
  readonly read: (path: string) => string | null;
  /** SHA-256 of a text, in hex. */
  readonly sha256: (text: string) => string;
};

export type SettingsDigest =
  | { readonly kind: "known"; readonly digest: string }
  | { readonly kind: "unreadable"; readonly file: string };

/** Null for a gate that is not set up. */
export function settingsDigest(
  gate: ConfiguredGate,
  settings: GateSettings,
  { read, sha256 }: DigestPorts,
): SettingsDigest | null {
  if (settings[gate] === undefined) return null;
  const files: { [path: string]: string } = {};
  for (const path of filesOf(gate, settings)) {
    const text = read(path);
    if (text === null) return { kind: "unreadable", file: path };
    files[path] = sha256(text);
  }
  const own: Json = JSON.parse(JSON.stringify(settings[gate]));
  return { kind: "known", digest: sha256(canonicalJson({ settings: own, files })) };
}

/** Where no probes are named, the gate prompts' are taken. */
export function driftFiles(
  drift: GateSettings["drift"],
  prompts: GateSettings["prompts"],
): readonly string[] {
  const own = drift?.probes ?? [];
  return own.length > 0 ? own : (prompts?.files ?? []);
}

/** The files that a gate reads. The team's own commands read what they like: nobody knows what. */
function filesOf(gate: ConfiguredGate, settings: GateSettings): readonly string[] {
  const { benchmark, capacity, drift, load, prompts, shadow, soak } = settings;
  const traceOf = (of: { readonly traffic: { readonly trace: string | null } } | undefined) =>
    of === undefined || of.traffic.trace === null ? [] : [of.traffic.trace];
  switch (gate) {
    case "benchmark":
      return [
        ...(benchmark?.data ?? []),
        ...(benchmark?.results ?? []).flatMap(({ stable, candidate }) => [stable, candidate]),
      ];
    case "prompts":
      return prompts?.files ?? [];
    case "drift":
      return driftFiles(drift, prompts);
    case "load":
      return [...(load?.results ?? []), ...traceOf(load)];
    case "shadow":
      return shadow?.recorded ?? [];
    case "soak":
      return traceOf(soak);
    case "capacity":
      return traceOf(capacity);
    default:
      return [];
  }
}
