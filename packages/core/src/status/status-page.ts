// What the public sees: components, incidents with their posts, maintenance. Made of remarks alone; a draft, an
// internal note and a name of a person have no way into it.

import type { Severity } from "../incident/severity.ts";
import {
  type ComponentImpact,
  type ComponentStatus,
  type Indicator,
  indicatorOf,
  worstOf,
} from "./component-status.ts";
import { isEarly, isExceeded } from "./estimate.ts";
import { type Maintenance, type MaintenanceStatus, maintenanceStatus } from "./maintenance.ts";
import {
  type Estimate,
  lastAct,
  type OpenedFacts,
  type Post,
  type PublicStatus,
  postsIn,
  type Remark,
  shownSeverity,
} from "./remark.ts";
import { componentsOf, type StatusComponent, type StatusSettings } from "./settings.ts";

/** Times in milliseconds since the epoch. */
export type PageUpdate = {
  readonly id: string;
  readonly atMs: number;
  readonly status: PublicStatus;
  /** Null: Slipway's own sentence for it, in the reader's language. */
  readonly text: string | null;
  /** What the earlier post, or nothing, said of each. */
  readonly components: readonly (ComponentImpact & { readonly before: ComponentStatus })[];
};

export type PageEstimate = Estimate & { readonly isEarly: boolean; readonly isExceeded: boolean };

/** What readers are told of the cause. */
export type PageCause = {
  readonly change: { readonly model: string; readonly from: string; readonly to: string };
  readonly measure: OpenedFacts["kind"];
  /** What was measured; null where only measures are told. */
  readonly finding: string | null;
  /** Entries of the timeline that were made public. */
  readonly notes: readonly { readonly atMs: number; readonly text: string }[];
};

export type PageIncident = {
  readonly id: string;
  /** Null: named after its components. */
  readonly title: string | null;
  readonly impact: Severity;
  readonly status: PublicStatus;
  readonly components: readonly string[];
  readonly startedAtMs: number;
  readonly detectedAtMs: number;
  readonly publishDeadlineAtMs: number;
  readonly firstPublishedAtMs: number;
  readonly updatedAtMs: number;
  readonly monitoringAtMs: number | null;
  readonly resolvedAtMs: number | null;
  readonly estimate: PageEstimate | null;
  readonly nextUpdate: { readonly byMs: number; readonly isOverdue: boolean } | null;
  readonly cause: PageCause | null;
  /** The newest first. */
  readonly updates: readonly PageUpdate[];
};

export type PageMaintenance = Omit<Maintenance, "by" | "ended"> & {
  readonly status: MaintenanceStatus;
  readonly updatedAtMs: number;
};

export type PageComponent = Omit<StatusComponent, "models"> & { readonly status: ComponentStatus };

export type StatusPage = {
  readonly title: string;
  readonly url: string | null;
  readonly contact: string | null;
  readonly indicator: Indicator;
  /** When it was set up, with the first configuration; 0 before that. */
  readonly sinceMs: number;
  /** 0 where nothing was ever published. */
  readonly updatedAtMs: number;
  readonly components: readonly PageComponent[];
  /** The newest first, those that are over too. */
  readonly incidents: readonly PageIncident[];
  /** The latest first. */
  readonly maintenances: readonly PageMaintenance[];
};

export type PageFacts = {
  readonly settings: StatusSettings;
  readonly sinceMs: number;
  readonly models: readonly string[];
  /** Of every incident by itself, the oldest first. */
  readonly remarks: ReadonlyMap<string, readonly Remark[]>;
  readonly maintenances: readonly Maintenance[];
  readonly nowMs: number;
};

export const PAGE_INCIDENTS_MAX = 50;
export const PAGE_MAINTENANCES_MAX = 50;

export function statusPageOf(facts: PageFacts): StatusPage {
  const { settings, models, remarks, nowMs } = facts;
  const incidents = newestOf(
    [...remarks].flatMap(([id, own]) => pageIncident(id, own, settings, nowMs) ?? []),
  );
  const maintenances = facts.maintenances
    .map((one) => pageMaintenance(one, nowMs))
    .sort((a, b) => b.fromMs - a.fromMs)
    .slice(0, PAGE_MAINTENANCES_MAX);
  const components = componentsOf(settings, models).map(({ models: _, ...component }) => ({
    ...component,
    status: statusOfComponent(component.id, incidents, maintenances),
  }));
  const moments = [...incidents, ...maintenances].map(({ updatedAtMs }) => updatedAtMs);
  return {
    title: settings.title,
    url: settings.url,
    contact: settings.contact,
    indicator: indicatorOf(components.map(({ status }) => status)),
    sinceMs: facts.sinceMs,
    updatedAtMs: Math.max(0, ...moments),
    components,
    incidents,
    maintenances,
  };
}

/** When a page last said something: where nothing was ever published, when it was set up. */
export function lastSaidMs({ sinceMs, updatedAtMs }: StatusPage): number {
  return Math.max(sinceMs, updatedAtMs);
}

/** The newest, and before any that is over those that go on. */
function newestOf(incidents: readonly PageIncident[]): readonly PageIncident[] {
  const byStart = incidents.toSorted(
    (a, b) => b.startedAtMs - a.startedAtMs || (a.id < b.id ? 1 : -1),
  );
  const kept = new Set(
    byStart
      .toSorted((a, b) => Number(a.resolvedAtMs !== null) - Number(b.resolvedAtMs !== null))
      .slice(0, PAGE_INCIDENTS_MAX),
  );
  return byStart.filter((incident) => kept.has(incident));
}

function statusOfComponent(
  id: string,
  incidents: readonly PageIncident[],
  maintenances: readonly PageMaintenance[],
): ComponentStatus {
  const said = incidents
    .filter(({ status }) => status !== "resolved")
    .map(({ updates }) => lastSaid(updates, id));
  const isUnder = maintenances.some(
    ({ status, components }) => status === "in_progress" && components.includes(id),
  );
  return worstOf(isUnder ? [...said, "under_maintenance"] : said);
}

function lastSaid(updates: readonly PageUpdate[], id: string): ComponentStatus {
  for (const { components } of updates) {
    const found = components.find((component) => component.id === id);
    if (found !== undefined) return found.status;
  }
  return "operational";
}

/** Null where nothing of it was ever posted. */
function pageIncident(
  id: string,
  remarks: readonly Remark[],
  { publishWithinMs }: StatusSettings,
  nowMs: number,
): PageIncident | null {
  const posts = postsIn(remarks);
  const [first] = posts;
  const last = posts.at(-1);
  const opened = lastAct(remarks, "opened");
  if (first === undefined || last === undefined || opened === null) return null;
  const { facts } = opened;
  const isOver = last.status === "resolved";
  return {
    id,
    title: lastAct(remarks, "titled")?.title ?? null,
    impact: shownSeverity(remarks),
    status: last.status,
    components: [...new Set(posts.flatMap(({ components }) => components.map((one) => one.id)))],
    startedAtMs: facts.beganAtMs ?? facts.detectedAtMs,
    detectedAtMs: facts.detectedAtMs,
    publishDeadlineAtMs: facts.detectedAtMs + publishWithinMs,
    firstPublishedAtMs: first.atMs,
    updatedAtMs: last.atMs,
    monitoringAtMs: posts.find(({ status }) => status === "monitoring")?.atMs ?? null,
    resolvedAtMs: isOver ? last.atMs : null,
    estimate: isOver || last.status === "monitoring" ? null : pageEstimate(last, nowMs),
    nextUpdate: isOver ? null : nextUpdateOf(last, nowMs),
    cause: causeOf(remarks, facts),
    updates: updatesOf(id, posts).toReversed(),
  };
}

function pageEstimate({ estimate }: Post, nowMs: number): PageEstimate | null {
  return estimate === null
    ? null
    : { ...estimate, isEarly: isEarly(estimate), isExceeded: isExceeded(estimate, nowMs) };
}

function nextUpdateOf({ nextUpdateByMs }: Post, nowMs: number): PageIncident["nextUpdate"] {
  if (nextUpdateByMs === null) return null;
  return { byMs: nextUpdateByMs, isOverdue: nowMs > nextUpdateByMs };
}

function updatesOf(id: string, posts: readonly Post[]): readonly PageUpdate[] {
  const said = new Map<string, ComponentStatus>();
  return posts.map(({ sequence, atMs, status, text, components }) => {
    const changes = components.map((one) => ({
      ...one,
      before: said.get(one.id) ?? "operational",
    }));
    for (const one of components) said.set(one.id, one.status);
    return { id: `${id}-${sequence}`, atMs, status, text, components: changes };
  });
}

function causeOf(remarks: readonly Remark[], facts: OpenedFacts): PageCause | null {
  const disclosed = lastAct(remarks, "disclosed")?.cause ?? "summary";
  if (disclosed === "summary") return null;
  const { model, from, to, kind, because } = facts;
  const isFull = disclosed === "full";
  return {
    change: { model, from, to },
    measure: kind,
    finding: isFull ? because.text : null,
    notes: isFull ? publicNotes(remarks) : [],
  };
}

function publicNotes(remarks: readonly Remark[]): PageCause["notes"] {
  const hidden = hiddenEntries(remarks);
  return remarks.flatMap(({ sequence, atMs, act }) =>
    act.type === "noted" && act.visibility === "public" && !hidden.has(`r${sequence}`)
      ? [{ atMs, text: act.text }]
      : [],
  );
}

/** Entries whose last such mark hides them. */
export function hiddenEntries(remarks: readonly Remark[]): ReadonlySet<string> {
  const hidden = new Set<string>();
  for (const { act } of remarks) {
    if (act.type !== "marked") continue;
    if (act.mark === "hidden") hidden.add(act.entry);
    if (act.mark === "shown") hidden.delete(act.entry);
  }
  return hidden;
}

function pageMaintenance(maintenance: Maintenance, nowMs: number): PageMaintenance {
  const { by: _, ended, ...rest } = maintenance;
  const { announcedAtMs, fromMs, untilMs } = rest;
  const moments = [announcedAtMs, fromMs, untilMs, ended?.atMs ?? 0].filter((ms) => ms <= nowMs);
  return {
    ...rest,
    status: maintenanceStatus(maintenance, nowMs),
    updatedAtMs: Math.max(announcedAtMs, ...moments),
  };
}
