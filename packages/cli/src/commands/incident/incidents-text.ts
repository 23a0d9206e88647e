// Incidents as a list: a line each.

import { counted, percentText } from "@slipway/core";
import type { IncidentSummary } from "@slipway/wire";
import { momentText } from "../../text/rollout-text.ts";
import { textColumns } from "../../text/text-columns.ts";

export function incidentsText(incidents: readonly IncidentSummary[]): string {
  if (incidents.length === 0) return "no rollout has had an incident\n";
  const head = ["incident", "opened", "severity", "status", "model", "to", "harmed", "why"];
  return textColumns([head, ...incidents.map(row)]);
}

function row(incident: IncidentSummary): readonly string[] {
  const { id, openedAtMs, severity, status, model, to, because } = incident;
  return [
    id,
    momentText(openedAtMs),
    severity,
    status,
    model,
    to,
    harmedText(incident),
    because.text,
  ];
}

/** "312 requests of 9,120 (3.42%)". */
export function harmedText({
  harmed,
  requests,
}: Pick<IncidentSummary, "harmed" | "requests">): string {
  const share = percentText(harmed / Math.max(1, requests));
  return `${counted(harmed, "request")} of ${requests.toLocaleString("en-US")} (${share})`;
}
