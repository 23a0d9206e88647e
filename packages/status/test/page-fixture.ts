// A status page with something of everything: an incident that goes on, one that is over, maintenance, and texts that try
// to be more than text.

import type { PageIncident, StatusPage } from "@slipway/core";

export const AT_MS: number = Date.UTC(2026, 0, 15, 9);
const MINUTE_MS = 60_000;

export const OPEN: PageIncident = {
  id: "r1-7",
  title: null,
  impact: "major",
  status: "identified",
  components: ["completions"],
  startedAtMs: AT_MS,
  detectedAtMs: AT_MS + MINUTE_MS,
  publishDeadlineAtMs: AT_MS + 16 * MINUTE_MS,
  firstPublishedAtMs: AT_MS + 5 * MINUTE_MS,
  updatedAtMs: AT_MS + 9 * MINUTE_MS,
  monitoringAtMs: null,
  resolvedAtMs: null,
  estimate: {
    lowMs: AT_MS + 10 * MINUTE_MS,
    highMs: AT_MS + 20 * MINUTE_MS,
    basis: "rollback-history",
    samples: 3,
    isEarly: true,
    isExceeded: false,
  },
  nextUpdate: { byMs: AT_MS + 39 * MINUTE_MS, isOverdue: false },
  cause: null,
  updates: [
    {
      id: "r1-7-4",
      atMs: AT_MS + 9 * MINUTE_MS,
      status: "identified",
      text: "It is <b>the new model</b> & we take it back.",
      components: [{ id: "completions", status: "partial_outage", before: "degraded_performance" }],
    },
    {
      id: "r1-7-3",
      atMs: AT_MS + 5 * MINUTE_MS,
      status: "investigating",
      text: null,
      components: [{ id: "completions", status: "degraded_performance", before: "operational" }],
    },
  ],
};

export const OVER: PageIncident = {
  ...OPEN,
  id: "r0-3",
  title: 'Slow answers in "chat"',
  impact: "minor",
  status: "resolved",
  components: ["chat"],
  startedAtMs: AT_MS - 1_440 * MINUTE_MS,
  detectedAtMs: AT_MS - 1_439 * MINUTE_MS,
  firstPublishedAtMs: AT_MS - 1_430 * MINUTE_MS,
  updatedAtMs: AT_MS - 1_380 * MINUTE_MS,
  resolvedAtMs: AT_MS - 1_380 * MINUTE_MS,
  monitoringAtMs: AT_MS - 1_430 * MINUTE_MS,
  estimate: null,
  nextUpdate: null,
  cause: {
    change: { model: "chat", from: "a", to: "b" },
    measure: "roll-back",
    finding: "P99 latency 1 s is 2x stable's",
    notes: [{ atMs: AT_MS - 1_400 * MINUTE_MS, text: "the cache was cold" }],
  },
  updates: [
    {
      id: "r0-3-5",
      atMs: AT_MS - 1_380 * MINUTE_MS,
      status: "resolved",
      text: null,
      components: [{ id: "chat", status: "operational", before: "operational" }],
    },
  ],
};

export const PAGE: StatusPage = {
  title: "Example status",
  url: "https://status.example.com",
  contact: "help@example.com",
  indicator: "major",
  sinceMs: AT_MS - 40 * 1_440 * MINUTE_MS,
  updatedAtMs: OPEN.updatedAtMs,
  components: [
    {
      id: "completions",
      name: "Code completion",
      description: "Suggestions while you type.",
      status: "partial_outage",
    },
    { id: "chat", name: "Chat", description: "", status: "operational" },
  ],
  incidents: [OPEN, OVER],
  maintenances: [
    {
      id: "maintenance-1",
      title: "New disks",
      text: "Completions may pause for a minute.",
      components: ["completions"],
      fromMs: AT_MS + 600 * MINUTE_MS,
      untilMs: AT_MS + 660 * MINUTE_MS,
      announcedAtMs: AT_MS - 60 * MINUTE_MS,
      status: "scheduled",
      updatedAtMs: AT_MS - 60 * MINUTE_MS,
    },
  ],
};
