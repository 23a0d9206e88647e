// The controller's own metrics for Prometheus. Labels come from the configuration and from fixed sets of codes, so that
// their number is bounded; gauges are read off the committed world when they are asked for.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ControllerState } from "../controller-state.ts";
import type { Observe } from "../observe.ts";
import { pageIn } from "../page.ts";

const SECONDS = [0.000_25, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export type Metrics = {
  readonly observe: Observe;
  readonly text: () => Promise<string>;
  /** Once there is a controller to ask. */
  readonly read: (state: () => ControllerState) => void;
};

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const { observe, frames } = counters(registry);
  // Present from the start, so that their growth can be told.
  frames.inc({ outcome: "accepted" }, 0);
  info(registry, version);
  processor(registry);
  return {
    observe,
    text: () => registry.metrics(),
    read: (state) => gauges(registry, state),
  };
}

function info(registry: Registry, version: string): void {
  const gauge = new Gauge({
    name: "slipway_controller_info",
    help: "Always 1; the labels say what runs.",
    labelNames: ["version", "node"],
    registers: [registry],
  });
  gauge.set({ version, node: process.version }, 1);
}

/** Its growth a second is the share of a core. */
function processor(registry: Registry): void {
  const spent = new Counter({
    name: "slipway_controller_cpu_seconds_total",
    help: "Processor time of this process.",
    registers: [registry],
    collect: () => {
      const { user, system } = process.cpuUsage();
      spent.reset();
      spent.inc((user + system) / 1e6);
    },
  });
}

function counters(registry: Registry): { readonly observe: Observe; readonly frames: Counter } {
  const registers = [registry];
  const decisions = new Counter({
    name: "slipway_decisions_total",
    help: "Journal entries of decisions, by where they took the rollout (hold: nowhere) and the code of the reason.",
    labelNames: ["decision", "code"],
    registers,
  });
  const pages = new Counter({
    name: "slipway_pages_total",
    help: "Decisions that a person must look at, each time that one was journaled.",
    labelNames: ["code"],
    registers,
  });
  const ticks = new Counter({
    name: "slipway_ticks_matured_total",
    help: "Ticks of evidence that were consumed, by whether a member's evidence was missing in them.",
    labelNames: ["evidence"],
    registers,
  });
  const frames = new Counter({
    name: "slipway_frames_total",
    help: "Frames of evidence that gateways sent: accepted, or the code of the refusal.",
    labelNames: ["outcome"],
    registers,
  });
  const looks = new Histogram({
    name: "slipway_look_seconds",
    help: "A rollout's turn: absorbing its mature ticks and deciding what to do next.",
    buckets: SECONDS,
    registers,
  });
  const turns = new Histogram({
    name: "slipway_turn_seconds",
    help: "A turn of all rollouts, with their commits.",
    buckets: SECONDS,
    registers,
  });
  const commits = new Histogram({
    name: "slipway_commit_seconds",
    help: "Commits of the store.",
    buckets: SECONDS,
    registers,
  });
  const failed = new Counter({
    name: "slipway_commits_failed_total",
    help: "Commits of the store that failed.",
    registers,
  });
  const notified = new Counter({
    name: "slipway_notification_attempts_total",
    help: "Attempts to deliver a notification, by what came of them.",
    labelNames: ["target", "outcome"],
    registers,
  });
  const observe: Observe = {
    notified: (target, outcome) => notified.inc({ target, outcome }),
    frame: (outcome) => frames.inc({ outcome }),
    turned: (tookMs) => turns.observe(tookMs / 1_000),
    looked: (tookMs) => looks.observe(tookMs / 1_000),
    matured: (all, partial) => {
      ticks.inc({ evidence: "complete" }, all - partial);
      ticks.inc({ evidence: "partial" }, partial);
    },
    committed: (tookMs) => commits.observe(tookMs / 1_000),
    commitFailed: () => failed.inc(),
    entry: (entry) => {
      const { event } = entry;
      if (event.type === "looked") decisions.inc({ decision: "hold", code: event.because.code });
      if (event.type === "moved") {
        decisions.inc({ decision: event.move.kind, code: event.cause.because.code });
      }
      const page = pageIn(entry);
      if (page !== null) pages.inc({ code: page.code });
    },
  };
  return { observe, frames };
}

type Add = (
  name: string,
  help: string,
  labelNames: string[],
  collect: (gauge: Gauge, now: ControllerState) => void,
) => void;

function gauges(registry: Registry, state: () => ControllerState): void {
  const add: Add = (name, help, labelNames, collect) => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect: () => {
        gauge.reset();
        collect(gauge, state());
      },
    });
  };
  add(
    "slipway_rollouts",
    "Rollouts that still move or still absorb evidence, by phase.",
    ["phase"],
    (gauge, { rollouts }) => {
      for (const { phase } of rollouts) gauge.inc({ phase });
    },
  );
  add(
    "slipway_pages_open",
    "Rollouts that a person must look at now, by the reason, and whether somebody does.",
    ["model", "code", "acknowledged"],
    (gauge, { rollouts }) => {
      for (const { model, pages: open } of rollouts) {
        for (const { code, acknowledged } of open) {
          gauge.set({ model, code, acknowledged: acknowledged === null ? "no" : "yes" }, 1);
        }
      }
    },
  );
  add(
    "slipway_late_requests",
    "Requests of a rollout whose evidence came after its tick was judged, or was beyond a limit.",
    ["model"],
    (gauge, { rollouts }) => {
      for (const { model, lateRequests } of rollouts) gauge.inc({ model }, lateRequests);
    },
  );
  add("slipway_members", "Gateway workers that are known, by state.", ["state"], (gauge, now) => {
    for (const memberState of now.members) gauge.inc({ state: memberState });
  });
  add("slipway_table_number", "Number of the newest routing table.", [], (gauge, { table }) => {
    gauge.set(table);
  });
  add(
    "slipway_notifications_pending",
    "Notifications that have yet to be delivered.",
    ["target"],
    (gauge, { notifications }) => {
      for (const { target, pending } of notifications) gauge.set({ target }, pending);
    },
  );
  add(
    "slipway_notification_wait_seconds",
    "How long the oldest of them has waited; 0 for none.",
    ["target"],
    (gauge, { notifications }) => {
      for (const { target, waitedMs } of notifications) gauge.set({ target }, waitedMs / 1_000);
    },
  );
  lapseGauges(add);
}

/** A model's versions add up: their names come and go with every rollout. */
function lapseGauges(add: Add): void {
  add(
    "slipway_check_lapses",
    "Looks for drift (by version) and drills that a schedule asks for and that came to nothing the last time, by whether people were told.",
    ["model", "check", "told"],
    (gauge, { lapses }) => {
      for (const { model, check, isTold } of lapses) {
        gauge.inc({ model, check, told: isTold ? "yes" : "no" });
      }
    },
  );
  add(
    "slipway_check_lapse_seconds",
    "How long ago the first attempt of the oldest of them came to nothing.",
    ["model", "check"],
    (gauge, { lapses }) => {
      for (const { model, check, forMs } of lapses.toSorted((a, b) => a.forMs - b.forMs)) {
        gauge.set({ model, check }, forMs / 1_000);
      }
    },
  );
}
