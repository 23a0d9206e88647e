// The page itself: the whole in one line, what is going on, the components, maintenance, and what was lately.

import type { Indicator, PageComponent, PageIncident } from "@slipway/core";
import { incidentTitle } from "../incident-text.ts";
import { incidentCard, maintenanceCard, type Place } from "./incident-parts.ts";
import { element, type Markup, together } from "./markup.ts";
import { moment } from "./moment.ts";

/** Of what is over the page shows the newest; the rest is in the history. */
const PAST_MAX = 10;

/** Shapes, since not everybody sees the colours: a tick, a bar, a corner, a cross. */
const SHAPES: Readonly<Record<Indicator, string>> = {
  none: "M5 12.5l4.5 4.5L19 7.5",
  maintenance: "M5 12h14",
  minor: "M12 6v8M12 18v.5",
  major: "M12 6v8M12 18v.5",
  critical: "M6 6l12 12M18 6L6 18",
};

const TONES: Readonly<Record<PageComponent["status"], Indicator>> = {
  operational: "none",
  under_maintenance: "maintenance",
  degraded_performance: "minor",
  partial_outage: "major",
  major_outage: "critical",
};

export function statusHtml(place: Place): Markup {
  const { page, strings, base } = place;
  const current = page.incidents.filter(({ status }) => status !== "resolved");
  const past = page.incidents.filter(({ status }) => status === "resolved");
  const planned = page.maintenances
    .filter(({ status }) => status === "scheduled" || status === "in_progress")
    .toReversed();
  return together(
    overall(place),
    ...section(strings.currentIncidents, current, (one) => incidentCard(one, place)),
    element("h2", {}, strings.components),
    element("ul", { class: "components" }, ...page.components.map((one) => component(one, place))),
    ...section(strings.plannedMaintenance, planned, (one) => maintenanceCard(one, place)),
    element("h2", {}, strings.pastIncidents),
    pastList(past.slice(0, PAST_MAX), place),
    element("p", {}, element("a", { href: `${base}${strings.tag}/history/` }, strings.history)),
  );
}

export function historyHtml(place: Place): Markup {
  const { page, strings, base } = place;
  const over = page.maintenances.filter(({ status }) => status !== "scheduled");
  return together(
    element("h2", {}, strings.history),
    pastList(page.incidents, place),
    ...section(strings.plannedMaintenance, over, (one) => maintenanceCard(one, place)),
    element("p", {}, element("a", { href: `${base}${strings.tag}/` }, strings.backToStatus)),
  );
}

function section<T>(
  title: string,
  items: readonly T[],
  card: (item: T) => Markup,
): readonly Markup[] {
  return items.length === 0 ? [] : [element("h2", {}, title), ...items.map(card)];
}

function overall({ page, strings }: Place): Markup {
  const { indicator } = page;
  const icon = element(
    "svg",
    { width: 24, height: 24, viewBox: "0 0 24 24", fill: "none", "aria-hidden": "true" },
    element("path", {
      d: SHAPES[indicator],
      stroke: "currentColor",
      "stroke-width": 3,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
  return element(
    "div",
    { class: `overall ${indicator}` },
    icon,
    element("h2", {}, strings.overall[indicator]),
  );
}

function component({ name, description, status }: PageComponent, { strings }: Place): Markup {
  return element(
    "li",
    { class: TONES[status] },
    element("span", {}, name),
    element("span", { class: "state" }, strings.component[status]),
    ...(description === "" ? [] : [element("p", { class: "quiet" }, description)]),
  );
}

function pastList(incidents: readonly PageIncident[], place: Place): Markup {
  const { page, strings, base } = place;
  if (incidents.length === 0) return element("p", { class: "quiet" }, strings.noIncidents);
  return element(
    "ul",
    { class: "past" },
    ...incidents.map((incident) =>
      element(
        "li",
        {},
        element(
          "a",
          { href: `${base}${strings.tag}/incidents/${incident.id}/` },
          incidentTitle(incident, page, strings),
        ),
        element(
          "p",
          { class: "quiet" },
          `${strings.impact[incident.impact]} · ${strings.status[incident.status]} · `,
          moment(incident.startedAtMs),
          ...(incident.resolvedAtMs === null ? [] : [" – ", moment(incident.resolvedAtMs)]),
        ),
      ),
    ),
  );
}
