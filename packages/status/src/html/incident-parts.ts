// An incident in HTML: its card on the page, and its own page with its times, its cause as far as it is told, and every
// update under the address that feeds name.

import type { PageIncident, PageMaintenance, StatusPage } from "@slipway/core";
import { utcText } from "@slipway/core";
import { incidentTitle, namesOf, updateText } from "../incident-text.ts";
import type { Strings } from "../strings/strings.ts";
import { element, type Markup, together } from "./markup.ts";
import { moment } from "./moment.ts";

export type Place = {
  readonly page: StatusPage;
  readonly strings: Strings;
  readonly base: string;
};

export function incidentCard(incident: PageIncident, place: Place): Markup {
  const { strings, base } = place;
  const href = `${base}${strings.tag}/incidents/${incident.id}/`;
  return element(
    "article",
    { class: incident.impact },
    element("h3", {}, element("a", { href }, incidentTitle(incident, place.page, strings))),
    affected(incident, place),
    ...expectation(incident, strings),
    updatesList(incident, place),
  );
}

export function incidentPage(incident: PageIncident, place: Place): Markup {
  const { strings, base } = place;
  const back = element("a", { href: `${base}${strings.tag}/` }, strings.backToStatus);
  return together(wholeIncident(incident, place), element("p", {}, back));
}

function wholeIncident(incident: PageIncident, place: Place): Markup {
  const { strings, page } = place;
  return element(
    "article",
    { class: incident.impact },
    element("h2", {}, incidentTitle(incident, page, strings)),
    affected(incident, place),
    ...expectation(incident, strings),
    timesOf(incident, strings),
    ...causeOf(incident, strings),
    element("h3", {}, strings.updates),
    updatesList(incident, place),
  );
}

function affected(incident: PageIncident, { page, strings }: Place): Markup {
  const names = namesOf(incident.components, page).join(strings.listSeparator);
  const text = `${strings.impact[incident.impact]} · ${strings.affects}: ${names}`;
  return element("p", { class: "quiet" }, text);
}

/** When it will be over, and when there will be news; where a promise was not kept it says so. */
function expectation(incident: PageIncident, strings: Strings): readonly Markup[] {
  const { estimate, nextUpdate } = incident;
  const lines: string[] = [];
  if (estimate?.isExceeded === true) lines.push(strings.estimateExceeded(utcText(estimate.highMs)));
  if (estimate?.isExceeded === false) {
    lines.push(strings.estimate(utcText(estimate.lowMs), utcText(estimate.highMs)));
    lines.push(basisOf(estimate, strings));
  }
  if (nextUpdate !== null) {
    const by = utcText(nextUpdate.byMs);
    lines.push(nextUpdate.isOverdue ? strings.nextUpdateOverdue(by) : strings.nextUpdate(by));
  }
  if (lines.length === 0) return [];
  return [element("div", { class: "expected" }, ...lines.map((line) => element("p", {}, line)))];
}

function basisOf(
  { samples, isEarly }: NonNullable<PageIncident["estimate"]>,
  strings: Strings,
): string {
  if (samples === null) return strings.estimateManual;
  return isEarly ? strings.estimateEarly(samples) : strings.estimateBasis(samples);
}

function timesOf(incident: PageIncident, strings: Strings): Markup {
  const { startedAtMs, detectedAtMs, firstPublishedAtMs, resolvedAtMs } = incident;
  const rows = [
    [strings.began, moment(startedAtMs)],
    [strings.detected, moment(detectedAtMs)],
    [strings.firstPosted, moment(firstPublishedAtMs)],
    [strings.resolved, resolvedAtMs === null ? strings.ongoing : moment(resolvedAtMs)],
  ] as const;
  return element(
    "dl",
    {},
    ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
}

function causeOf({ cause }: PageIncident, strings: Strings): readonly Markup[] {
  if (cause === null) return [];
  const { change, measure, finding, notes } = cause;
  return [
    element("h3", {}, strings.cause),
    element("p", {}, strings.change(change.model, change.from, change.to)),
    element("p", {}, strings.measure[measure]),
    ...(finding === null ? [] : [element("p", { lang: "en" }, finding)]),
    ...notes.map(({ atMs, text }) => element("p", {}, moment(atMs), ` ${text}`)),
  ];
}

function updatesList({ updates }: PageIncident, { strings }: Place): Markup {
  return element(
    "ol",
    { class: "updates", reversed: "reversed" },
    ...updates.map((update) =>
      element(
        "li",
        { id: `update-${update.id}` },
        element("strong", {}, strings.status[update.status]),
        element("span", { class: "quiet" }, moment(update.atMs)),
        element("p", {}, updateText(update, strings)),
      ),
    ),
  );
}

export function maintenanceCard(maintenance: PageMaintenance, { page, strings }: Place): Markup {
  const { title, text, components, fromMs, untilMs, status } = maintenance;
  const names = namesOf(components, page).join(strings.listSeparator);
  return element(
    "article",
    { class: "maintenance", id: maintenance.id },
    element("h3", {}, title),
    element(
      "p",
      { class: "quiet" },
      `${strings.maintenance[status]} · `,
      moment(fromMs),
      " – ",
      moment(untilMs),
    ),
    ...(names === "" ? [] : [element("p", { class: "quiet" }, `${strings.affects}: ${names}`)]),
    ...(text === "" ? [] : [element("p", {}, text)]),
  );
}
