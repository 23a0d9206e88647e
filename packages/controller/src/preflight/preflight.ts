// Evidence of gates: kept for each model until it is replaced, and asked when a rollout starts.

import {
  canonicalJson,
  type GateAtStart,
  type GateEvidence,
  type Model,
  type SeenVersion,
  standingsOf,
} from "@slipway/core";
import type { EvidenceRequest, GateOverride } from "@slipway/wire";
import { driftEntries } from "../drift/drift.ts";
import { rememberStopped } from "../learning/lessons.ts";
import { gatesMissing, otherVersions, unknownModel, unknownOverride } from "../refusal.ts";
import type { Draft } from "../world/draft.ts";
import type { World } from "../world/world.ts";
import { assertNewest } from "./preflight-lease.ts";

/** Of one model; the oldest is forgotten first. */
const EVIDENCE_MAX = 40;

/** Keeps what gates found, in place of what the same gates found of the same versions before; never of what they found since. */
export function keepEvidence(
  draft: Draft,
  name: string,
  request: EvidenceRequest,
  nowMs: number,
): readonly GateEvidence[] {
  const model = draft.models.get(name)?.model;
  if (model === undefined) throw unknownModel(name);
  const { from, to, by, slipwayVersion, endedAtMs } = request;
  const atMs = Math.min(endedAtMs, nowMs);
  if (request.lease !== undefined) assertNewest(draft, name, request.lease, nowMs);
  assertKnown(model, from);
  assertKnown(model, to);
  const found = request.gates.map((gate): GateEvidence => {
    return { ...gate, from, to, atMs, by, slipwayVersion };
  });
  const isReplaced = (old: GateEvidence): boolean =>
    found.some(
      (one) =>
        one.result.gate === old.result.gate &&
        one.atMs >= old.atMs &&
        one.from.fingerprint === old.from.fingerprint &&
        one.to.fingerprint === old.to.fingerprint,
    );
  const kept = evidenceOf(draft, name).filter((old) => !isReplaced(old));
  putEvidence(draft, name, [...kept, ...found].slice(-EVIDENCE_MAX));
  const results = found.map(({ result }) => result);
  rememberStopped(draft, name, to, results, atMs);
  return found;
}

export function knownEvidence(world: World, name: string): readonly GateEvidence[] {
  if (!world.models.has(name)) throw unknownModel(name);
  return evidenceOf(world, name);
}

function evidenceOf(
  { preflights }: Pick<World, "preflights">,
  name: string,
): readonly GateEvidence[] {
  return preflights.get(name) ?? [];
}

function putEvidence(draft: Draft, name: string, evidence: readonly GateEvidence[]): void {
  draft.preflights.set(name, evidence);
  draft.changes.push({ kind: "put-preflights", model: name, text: canonicalJson(evidence) });
}

/** What was found of other weights, or by another slipway.yaml, says nothing of these. */
function assertKnown(model: Model, { version, fingerprint }: SeenVersion): void {
  const known = model.versions.find(({ id }) => id === version);
  if (known?.fingerprint !== fingerprint) throw otherVersions(model.name, version);
}

export type GatesAtStart = {
  readonly to: string;
  readonly by: string;
  readonly overrides: readonly GateOverride[];
  readonly nowMs: number;
};

/** What a rollout starts with, of each gate that it needs; throws where one lacks and nobody overrides it. */
export function gatesAtStart(
  draft: Draft,
  model: Model,
  { to, by, overrides, nowMs }: GatesAtStart,
): readonly GateAtStart[] {
  const required = model.preflight?.required ?? [];
  const needless = overrides.find(({ gate }) => !required.includes(gate));
  if (needless !== undefined) throw unknownOverride(model.name, needless.gate, required);
  if (model.preflight === undefined) return [];
  const drift = driftEntries(draft, model.name);
  const starting = { from: seen(model, model.stable), to: seen(model, to), atMs: nowMs, drift };
  const standings = standingsOf(model.preflight, evidenceOf(draft, model.name), starting);
  const reasonOf = new Map(overrides.map(({ gate, reason }) => [gate, reason]));
  const missing = standings.filter(({ gate, lacks }) => lacks !== null && !reasonOf.has(gate));
  if (missing.length > 0) throw gatesMissing(model.name, to, missing);
  return standings.map(({ lacks, ...standing }): GateAtStart => {
    const reason = lacks === null ? undefined : reasonOf.get(standing.gate);
    return reason === undefined
      ? standing
      : { ...standing, overridden: { atMs: nowMs, by, reason } };
  });
}

function seen({ versions }: Model, id: string): SeenVersion {
  return { version: id, fingerprint: versions.find((one) => one.id === id)?.fingerprint ?? "" };
}
