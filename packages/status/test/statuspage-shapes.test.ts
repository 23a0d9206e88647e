// The JSON files are what Statuspage's public API (version 2) answers, field by field: nothing is missing, nothing of a name or
// a kind that clients do not know, but for what is under `slipway`.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusPage } from "@slipway/core";
import { statusFiles } from "@slipway/status";
import { AT_MS, OPEN, PAGE } from "./page-fixture.ts";

/** What a value has to be. */
type Shape = (value: unknown, at: string) => readonly string[];

const is =
  (what: string, holds: (value: unknown) => boolean): Shape =>
  (value, at) =>
    holds(value) ? [] : [`${at} is no ${what}: ${JSON.stringify(value)}`];

const text = is("text", (value) => typeof value === "string" && value !== "");
const words = is("text, though it may be empty", (value) => typeof value === "string");
const flag = is("boolean", (value) => typeof value === "boolean");
const count = is("count", (value) => Number.isInteger(value));
const time = is(
  "time",
  (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
);
const url = is("URL", (value) => typeof value === "string" && URL.canParse(value));
const nothing = is("null", (value) => value === null);
const anything: Shape = () => [];
const one = (...values: readonly string[]): Shape =>
  is(values.join(" or "), (value) => values.some((known) => known === value));
const maybe =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null ? [] : shape(value, at);
const each =
  (shape: Shape): Shape =>
  (value, at) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => shape(item, `${at}[${index}]`))
      : [`${at} is no list`];

/** These fields and no others; `slipway` is ours. */
const fields =
  (shapes: { readonly [field: string]: Shape }): Shape =>
  (value, at) => {
    if (typeof value !== "object" || value === null) return [`${at} is no object`];
    const own: { readonly [field: string]: unknown } = { ...value };
    const others = Object.keys(own).filter((name) => name !== "slipway" && !(name in shapes));
    return [
      ...others.map((name) => `${at}.${name} is no field of it`),
      ...Object.entries(shapes).flatMap(([name, shape]) =>
        name in own ? shape(own[name], `${at}.${name}`) : [`${at}.${name} is missing`],
      ),
    ];
  };

const COMPONENT = [
  "operational",
  "degraded_performance",
  "partial_outage",
  "major_outage",
  "under_maintenance",
];
const page = fields({ id: text, name: text, url, time_zone: text, updated_at: time });
const status = fields({ indicator: one("none", "minor", "major", "critical"), description: text });
const component = fields({
  id: text,
  name: text,
  status: one(...COMPONENT),
  created_at: time,
  updated_at: time,
  position: count,
  description: maybe(text),
  showcase: flag,
  start_date: maybe(text),
  group_id: maybe(text),
  page_id: text,
  group: flag,
  only_show_if_degraded: flag,
});
const affected = fields({
  code: text,
  name: text,
  old_status: one(...COMPONENT),
  new_status: one(...COMPONENT),
});

function told(statuses: readonly string[], body: Shape): { readonly [field: string]: Shape } {
  return {
    id: text,
    name: text,
    status: one(...statuses),
    created_at: time,
    updated_at: time,
    monitoring_at: maybe(time),
    resolved_at: maybe(time),
    shortlink: url,
    started_at: time,
    page_id: text,
    incident_updates: each(
      fields({
        id: text,
        status: one(...statuses),
        body,
        incident_id: text,
        created_at: time,
        updated_at: time,
        display_at: time,
        affected_components: maybe(each(affected)),
        deliver_notifications: flag,
        custom_tweet: nothing,
        tweet_id: nothing,
      }),
    ),
    components: each(component),
    reminder_intervals: maybe(anything),
  };
}

const incident = fields({
  ...told(["investigating", "identified", "monitoring", "resolved", "postmortem"], text),
  impact: one("none", "minor", "major", "critical"),
});
const maintenance = fields({
  ...told(["scheduled", "in_progress", "verifying", "completed"], words),
  impact: one("maintenance"),
  scheduled_for: time,
  scheduled_until: time,
});

const ENDPOINTS: { readonly [path: string]: Shape } = {
  status: fields({ page, status }),
  components: fields({ page, components: each(component) }),
  incidents: fields({ page, incidents: each(incident) }),
  "incidents/unresolved": fields({ page, incidents: each(incident) }),
  "scheduled-maintenances": fields({ page, scheduled_maintenances: each(maintenance) }),
  "scheduled-maintenances/upcoming": fields({ page, scheduled_maintenances: each(maintenance) }),
  "scheduled-maintenances/active": fields({ page, scheduled_maintenances: each(maintenance) }),
  summary: fields({
    page,
    status,
    components: each(component),
    incidents: each(incident),
    scheduled_maintenances: each(maintenance),
  }),
};

function answerOf(shown: StatusPage, path: string): unknown {
  const found = statusFiles(shown).get(`api/v2/${path}.json`);
  assert.ok(found !== undefined, `no ${path}`);
  return JSON.parse(found);
}

const [ahead] = PAGE.maintenances;
assert.ok(ahead !== undefined);
const EVERYTHING: StatusPage = {
  ...PAGE,
  incidents: [
    ...PAGE.incidents,
    ...(["monitoring", "resolved"] as const).map((now) => ({
      ...OPEN,
      id: `r-${now}`,
      status: now,
      monitoringAtMs: AT_MS,
      resolvedAtMs: now === "resolved" ? AT_MS : null,
    })),
  ],
  maintenances: [
    ahead,
    { ...ahead, id: "maintenance-2", status: "in_progress", text: "" },
    { ...ahead, id: "maintenance-3", status: "completed" },
    { ...ahead, id: "maintenance-4", status: "cancelled" },
  ],
};

test("every endpoint has the fields that Statuspage's have, of their kinds", () => {
  for (const [path, shape] of Object.entries(ENDPOINTS)) {
    assert.deepEqual(shape(answerOf(EVERYTHING, path), path), [], path);
    const empty = { ...PAGE, incidents: [], maintenances: [], components: [] };
    assert.deepEqual(shape(answerOf(empty, path), path), [], path);
  }
});

test("an endpoint lists what is of its kind and no more", () => {
  const listed = (path: string, list: string): readonly unknown[] => {
    const answer: { readonly [list: string]: readonly { readonly status: unknown }[] } = JSON.parse(
      JSON.stringify(answerOf(EVERYTHING, path)),
    );
    return (answer[list] ?? []).map((item) => item.status);
  };
  assert.deepEqual(listed("incidents/unresolved", "incidents"), ["identified", "monitoring"]);
  assert.equal(listed("incidents", "incidents").length, 4);
  const all = "scheduled_maintenances";
  assert.deepEqual(listed("scheduled-maintenances/upcoming", all), ["scheduled"]);
  assert.deepEqual(listed("scheduled-maintenances/active", all), ["in_progress"]);
  assert.equal(listed("scheduled-maintenances", all).length, 3);
  assert.deepEqual(listed("summary", all), ["scheduled", "in_progress"]);
});

test("a field that is missing, of another kind or unknown is found", () => {
  const shape = ENDPOINTS["status"] ?? assert.fail("no status");
  const answer = { page: {}, status: { indicator: "operational", description: "", extra: 1 } };
  const found = shape(answer, "status");
  assert.ok(found.includes("status.page.updated_at is missing"));
  assert.ok(found.includes("status.status.extra is no field of it"));
  assert.ok(found.some((line) => line.startsWith("status.status.indicator is no none or minor")));
});
