// How components of a status page are: what an incident's severity makes of them, and what all of them say of the whole.
// The words are those of Statuspage, which clients of status pages know.

import type { Severity } from "../incident/severity.ts";

/** The worst last. */
export const COMPONENT_STATUSES = [
  "operational",
  "under_maintenance",
  "degraded_performance",
  "partial_outage",
  "major_outage",
] as const;
export type ComponentStatus = (typeof COMPONENT_STATUSES)[number];

export type ComponentImpact = { readonly id: string; readonly status: ComponentStatus };

export type Indicator = "none" | "maintenance" | "minor" | "major" | "critical";

const OF_SEVERITY: Readonly<Record<Severity, ComponentStatus>> = {
  none: "operational",
  minor: "degraded_performance",
  major: "partial_outage",
  critical: "major_outage",
};

const OF_STATUS: Readonly<Record<ComponentStatus, Indicator>> = {
  operational: "none",
  under_maintenance: "maintenance",
  degraded_performance: "minor",
  partial_outage: "major",
  major_outage: "critical",
};

export function statusUnder(severity: Severity): ComponentStatus {
  return OF_SEVERITY[severity];
}

export function isWorse(a: ComponentStatus, b: ComponentStatus): boolean {
  return COMPONENT_STATUSES.indexOf(a) > COMPONENT_STATUSES.indexOf(b);
}

/** Operational where there are none. */
export function worstOf(statuses: readonly ComponentStatus[]): ComponentStatus {
  return statuses.reduce<ComponentStatus>((a, b) => (isWorse(b, a) ? b : a), "operational");
}

export function indicatorOf(statuses: readonly ComponentStatus[]): Indicator {
  return OF_STATUS[worstOf(statuses)];
}
