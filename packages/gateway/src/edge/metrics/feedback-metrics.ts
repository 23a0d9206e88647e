// Feedback and clients' health for Prometheus. Models and versions come from signed ids, and so from tables alone.

import type { Heard } from "@slipway/core";
import { Counter, Histogram, type Registry } from "prom-client";
import type { Answered } from "../../feedback/answer-id.ts";

const LABELS = ["model", "arm", "version"];
const MEMORY_BUCKETS = [64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192].map((mib) => mib * 2 ** 20);
const UI_BUCKETS = [0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096];

export function feedbackMetrics(registry: Registry): (answered: Answered, heard: Heard) => void {
  const registers = [registry];
  const verdicts = new Counter({
    name: "slipway_feedback_total",
    help: "Feedback about answers: accepted, rejected, and ratings (up, neutral, down).",
    labelNames: [...LABELS, "verdict"],
    registers,
  });
  const reports = new Counter({
    name: "slipway_client_reports_total",
    help: "Reports of clients about their own health.",
    labelNames: LABELS,
    registers,
  });
  const crashes = new Counter({
    name: "slipway_client_crashes_total",
    help: "Crashes that clients reported.",
    labelNames: LABELS,
    registers,
  });
  const memory = new Histogram({
    name: "slipway_client_memory_bytes",
    help: "Memory that clients reported to use.",
    labelNames: LABELS,
    buckets: MEMORY_BUCKETS,
    registers,
  });
  const ui = new Histogram({
    name: "slipway_client_ui_p95_seconds",
    help: "P95 of the clients' reactions to their users, as each reported it.",
    labelNames: LABELS,
    buckets: UI_BUCKETS,
    registers,
  });
  return ({ model, arm, version }, { accepted, rating, health }) => {
    const labels = { model, arm, version };
    if (accepted !== null) verdicts.inc({ ...labels, verdict: accepted ? "accepted" : "rejected" });
    if (rating !== null) verdicts.inc({ ...labels, verdict: rating });
    if (health === null) return;
    reports.inc(labels);
    crashes.inc(labels, health.crashes ?? 0);
    if (health.memoryBytes !== null) memory.observe(labels, health.memoryBytes);
    if (health.uiP95Ms !== null) ui.observe(labels, health.uiP95Ms / 1_000);
  };
}
