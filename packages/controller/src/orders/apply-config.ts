// Applying a configuration: which models and versions there are, and their policies. All of it or nothing: a
// refusal throws before anything of the draft is committed.

import {
  canonicalJson,
  DEFAULT_STATUS,
  fingerprintText,
  type Model,
  NO_NOTIFICATIONS,
} from "@slipway/core";
import type { ApplyRequest, ApplyResult, ModelDocument } from "@slipway/wire";
import { endDriftCalls, withoutGoneWatches } from "../drift/drift.ts";
import { withoutGoneLapses } from "../lapse/lapse.ts";
import { putNotificationSettings } from "../notify/outbox.ts";
import type { ControllerPorts, Digest } from "../ports.ts";
import {
  modelInUse,
  secretInUrl,
  versionChanged,
  versionInUse,
  wrongFingerprint,
} from "../refusal.ts";
import type { Communicating } from "../status/communicating.ts";
import { putStatusSettings } from "../status/communications.ts";
import { type Draft, deleteModel, mint, putModel, underWay } from "../world/draft.ts";
import type { Keeper } from "../world/keeper.ts";
import type { KnownModel } from "../world/world.ts";
import { putWindows } from "./freeze.ts";

const URL_WITH_USER = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i;

type Names = { [K in "created" | "changed" | "unchanged" | "removed" | "warnings"]: string[] };

/** In a turn of its own; what readers of the status page see of it is there at once. */
export async function applied(
  keeper: Keeper,
  { digest }: Pick<ControllerPorts, "digest">,
  { republish }: Pick<Communicating, "republish">,
  request: ApplyRequest,
): Promise<ApplyResult> {
  const result = await keeper.change((draft) =>
    applyConfig(draft, request, keeper.nowMs(), digest),
  );
  republish();
  return result;
}

function applyConfig(
  draft: Draft,
  request: ApplyRequest,
  nowMs: number,
  digest: Digest,
): ApplyResult {
  const names: Names = { created: [], changed: [], unchanged: [], removed: [], warnings: [] };
  for (const document of request.models) {
    assertNoSecrets(document);
    assertFingerprints(document, digest);
    applyModel(draft, document, nowMs, names);
  }
  removeOthers(draft, request, nowMs, names);
  putWindows(draft, request.freeze ?? []);
  putStatusSettings(draft, request.status ?? DEFAULT_STATUS, nowMs);
  putNotificationSettings(draft, request.notifications ?? NO_NOTIFICATIONS);
  names.warnings.push(...clientWarnings(draft, request));
  mint(draft, nowMs, { clients: request.clients, pools: request.pools });
  return { table: draft.table.number, ...names };
}

/** Tables travel to every gateway and rest on their disks. */
function assertNoSecrets(document: ModelDocument): void {
  for (const { id, upstreams } of document.versions) {
    if (upstreams.some(({ url }) => URL_WITH_USER.test(url))) throw secretInUrl(document.name, id);
  }
}

function assertFingerprints(document: ModelDocument, digest: Digest): void {
  for (const version of document.versions) {
    if (digest(fingerprintText(version)) === version.fingerprint) continue;
    throw wrongFingerprint(document.name, version.id);
  }
}

function applyModel(draft: Draft, document: ModelDocument, nowMs: number, names: Names): void {
  const { name } = document;
  const known = draft.models.get(name);
  if (known === undefined) {
    putModel(draft, { model: document, warm: null, mirror: null });
    names.created.push(name);
    return;
  }
  assertVersionsKept(draft, known, document, nowMs);
  const next: Model = { ...document, stable: known.model.stable };
  names.warnings.push(...warningsOf(draft, known.model, document));
  if (canonicalJson(next) === canonicalJson(known.model)) {
    names.unchanged.push(name);
    return;
  }
  const kept = withoutGoneWatches(draft, { ...known, model: next }, nowMs);
  putModel(draft, withoutGoneLapses(kept));
  names.changed.push(name);
}

function assertVersionsKept(
  draft: Draft,
  known: KnownModel,
  document: ModelDocument,
  nowMs: number,
): void {
  for (const { id, fingerprint } of known.model.versions) {
    const next = document.versions.find((version) => version.id === id);
    if (next !== undefined && next.fingerprint !== fingerprint) {
      throw versionChanged(document.name, id);
    }
    const use = next === undefined ? useOf(draft, known, id, nowMs) : null;
    if (use !== null) throw versionInUse(document.name, id, use);
  }
}

/** What a version is needed for; null for nothing. */
function useOf(
  draft: Draft,
  { model, warm, mirror }: KnownModel,
  id: string,
  nowMs: number,
): string | null {
  const rollout = underWay(draft.running, model.name)?.rollout;
  if (rollout?.to === id) return `the candidate of rollout ${rollout.id}`;
  if (model.stable === id) return "the stable version";
  if (mirror !== null && mirror.stopped === null && mirror.order.to === id) {
    return `the version that ${mirror.order.id} sends copies to`;
  }
  return warm?.version === id && warm.untilMs > nowMs
    ? `kept warm, so that rollout ${warm.rollout} can be reverted`
    : null;
}

function warningsOf(draft: Draft, model: Model, document: ModelDocument): readonly string[] {
  const { name, stable } = model;
  const warnings: string[] = [];
  if (document.stable !== stable) {
    warnings.push(
      `${name}: stable stays ${stable}, though the file says ${document.stable}; only a rollout moves it: ` +
        `slipway rollout start ${name} --to ${document.stable}`,
    );
  }
  const rollout = underWay(draft.running, name)?.rollout;
  const changed = canonicalJson(document.policy) !== canonicalJson(model.policy);
  if (changed && rollout !== undefined) {
    warnings.push(
      `${name}: the new policy counts from the next rollout on; ${rollout.id} keeps the one it started with`,
    );
  }
  return warnings;
}

function clientWarnings(draft: Draft, { clients }: ApplyRequest): readonly string[] {
  if (draft.table.clients === null || clients !== null) return [];
  return ["no clients are declared any more: gateways let everyone in"];
}

function removeOthers(draft: Draft, request: ApplyRequest, nowMs: number, names: Names): void {
  const kept = new Set(request.models.map(({ name }) => name));
  for (const name of [...draft.models.keys()].sort()) {
    if (kept.has(name)) continue;
    const standsFor = draft.models.get(name)?.model.drillOf;
    if (standsFor !== undefined && kept.has(standsFor)) continue;
    const rollout = underWay(draft.running, name)?.rollout;
    if (rollout !== undefined) throw modelInUse(name, rollout.id);
    const lessons = (draft.models.get(name)?.lessons ?? []).filter(
      ({ dropped }) => dropped === null,
    );
    if (lessons.length > 0) {
      names.warnings.push(
        `${name}: with the model went its lessons, which do not come back: ${lessons.map(({ id }) => id).join(", ")}`,
      );
    }
    endDriftCalls(draft, name, draft.models.get(name)?.drift?.watches ?? [], nowMs);
    deleteModel(draft, name);
    names.removed.push(name);
  }
}
