// What the controller keeps for the public: how the status page is set up, and which maintenance was announced.

import {
  canonicalJson,
  componentsOf,
  type Maintenance,
  maintenanceStatus,
  type StatusSettings,
} from "@slipway/core";
import type { MaintenanceEnd, MaintenanceRequest } from "@slipway/wire";
import {
  maintenanceIsOver,
  tooMuchMaintenance,
  unknownComponents,
  unknownMaintenance,
} from "../refusal.ts";
import type { Draft } from "../world/draft.ts";
import { PARTS } from "./communications-book.ts";

/** Maintenance that is over is remembered, the latest so many. */
const OVER_MAX = 100;
const AHEAD_MAX = 50;

export function putStatusSettings(draft: Draft, status: StatusSettings, nowMs: number): void {
  if (draft.communications.sinceMs === 0) {
    draft.communications = { ...draft.communications, sinceMs: nowMs };
    draft.changes.push({ kind: "put-setting", name: PARTS.since, text: String(nowMs) });
  }
  if (canonicalJson(status) === canonicalJson(draft.communications.status)) return;
  draft.communications = { ...draft.communications, status };
  draft.changes.push({ kind: "put-setting", name: PARTS.status, text: canonicalJson(status) });
}

/** What is said of a component that there is not would be seen nowhere. */
export function assertComponents(
  ids: readonly string[],
  settings: StatusSettings,
  models: readonly string[],
): void {
  const known = componentsOf(settings, models).map(({ id }) => id);
  const strange = ids.filter((id) => !known.includes(id));
  if (strange.length > 0) throw unknownComponents(strange, known);
}

export type Announcing = MaintenanceRequest & { readonly id: string; readonly nowMs: number };

export function announceMaintenance(draft: Draft, announcing: Announcing): void {
  const { nowMs, ...maintenance } = announcing;
  const { maintenances, status } = draft.communications;
  assertComponents(maintenance.components, status, [...draft.models.keys()]);
  if (maintenance.untilMs <= nowMs) throw maintenanceIsOver(null);
  const ahead = maintenances.filter((one) => !isOver(one, nowMs));
  if (ahead.length >= AHEAD_MAX) throw tooMuchMaintenance(AHEAD_MAX);
  const over = maintenances.filter((one) => isOver(one, nowMs)).slice(-OVER_MAX);
  const added: Maintenance = { ...maintenance, announcedAtMs: nowMs, ended: null };
  putMaintenances(draft, [...over, ...ahead, added]);
}

export function endMaintenance(
  draft: Draft,
  id: string,
  { by, reason }: MaintenanceEnd,
  nowMs: number,
): void {
  const { maintenances } = draft.communications;
  const found = maintenances.find((one) => one.id === id);
  if (found === undefined) throw unknownMaintenance(id);
  if (isOver(found, nowMs)) throw maintenanceIsOver(id);
  const ended = { ...found, ended: { atMs: nowMs, by, reason } };
  putMaintenances(
    draft,
    maintenances.map((one) => (one === found ? ended : one)),
  );
}

function isOver(maintenance: Maintenance, nowMs: number): boolean {
  const status = maintenanceStatus(maintenance, nowMs);
  return status === "completed" || status === "cancelled";
}

function putMaintenances(draft: Draft, maintenances: readonly Maintenance[]): void {
  draft.communications = { ...draft.communications, maintenances };
  const text = canonicalJson(maintenances);
  draft.changes.push({ kind: "put-setting", name: PARTS.maintenances, text });
}
