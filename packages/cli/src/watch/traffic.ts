// Both arms side by side: what they serve now, and what they have served since the rollout started.

import { durationText, percentText } from "@slipway/core";
import type { ArmView, RolloutView, TotalsView } from "@slipway/wire";
import { ink, type Line, padded } from "./ink.ts";

type Column = {
  readonly head: string;
  readonly width: number;
  readonly cell: (arm: ArmView, totals: TotalsView) => string;
};

const ARM_WIDTH = 10;
const VERSION_WIDTH_MIN = 8;
const VERSION_WIDTH_MAX = 24;
const NONE = "–";

const COLUMNS: readonly Column[] = [
  { head: "req/s", width: 7, cell: (arm) => rateText(arm.requestsPerSecond) },
  { head: "P50", width: 9, cell: (arm) => timeText(arm.p50Ms) },
  { head: "P99", width: 9, cell: (arm) => timeText(arm.p99Ms) },
  { head: "errors", width: 8, cell: (arm) => shareText(arm.bad, arm.counted) },
  { head: "requests", width: 11, cell: (_, totals) => countText(totals.arrivals) },
  { head: "users", width: 9, cell: (_, totals) => usersText(totals) },
  { head: "TTFT P99", width: 10, cell: (arm) => timeText(arm.ttftP99Ms) },
  { head: "spared", width: 8, cell: (_, totals) => countText(totals.spared) },
];

/** Only once anybody has said anything. */
const ACCEPTED: Column = {
  head: "accepted",
  width: 10,
  cell: (_, { feedback }) => {
    const { accepted = 0, rejected = 0 } = feedback ?? {};
    return shareText(accepted, accepted + rejected);
  },
};
const CRASHES: Column = {
  head: "crashes",
  width: 9,
  cell: (_, { feedback }) => countText(feedback?.health.crashes ?? 0),
};
/** After what tells whether the arm answers at all. */
const FEEDBACK_AT = 4;

function columnsOf({ totals }: RolloutView): readonly Column[] {
  const told = [totals.stable.feedback, totals.candidate.feedback].filter((f) => f !== null);
  const columns = [...COLUMNS];
  const health = told.some((f) => f.health.reports > 0) ? [CRASHES] : [];
  const verdicts = told.some((f) => f.accepted + f.rejected > 0) ? [ACCEPTED] : [];
  columns.splice(FEEDBACK_AT, 0, ...verdicts, ...health);
  return columns;
}

/** Columns that fit; the first matter most. */
export function traffic(view: RolloutView, width: number): readonly Line[] {
  const versions = [view.arms.stable, view.arms.candidate].map(
    ({ version }) => [...version].length,
  );
  const versionWidth = Math.min(VERSION_WIDTH_MAX, Math.max(VERSION_WIDTH_MIN, ...versions));
  const columns: Column[] = [];
  let room = width - 2 - ARM_WIDTH - versionWidth;
  for (const column of columnsOf(view)) {
    room -= column.width;
    if (room >= 0) columns.push(column);
  }
  const head = columns.map(({ head: name, width: w }) => padded(name, w, "right")).join("");
  const row = (arm: "stable" | "candidate"): Line => [
    ink(`  ${padded(arm, ARM_WIDTH)}`, arm === "candidate" ? "cyan" : "plain"),
    ink(padded(view.arms[arm].version, versionWidth), "dim"),
    ...columns.map(({ cell, width: w }) =>
      ink(padded(cell(view.arms[arm], view.totals[arm]), w, "right")),
    ),
  ];
  const margin = ink(" ".repeat(2 + ARM_WIDTH + versionWidth));
  return [[margin, ink(head, "dim")], row("stable"), row("candidate")];
}

function rateText(perSecond: number): string {
  return perSecond >= 100 ? countText(Math.round(perSecond)) : perSecond.toFixed(1);
}

function timeText(ms: number | null): string {
  return ms === null ? NONE : durationText(ms);
}

function shareText(part: number, whole: number): string {
  return whole === 0 ? NONE : percentText(part / whole);
}

function countText(n: number): string {
  return n.toLocaleString("en-US");
}

function usersText({ users, usersError }: TotalsView): string {
  const exact = users * usersError < 1;
  return `${exact ? "" : "~"}${countText(Math.round(users))}`;
}
