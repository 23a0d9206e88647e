// What limits requests on their way to upstreams, and what waits or was refused for it, as metrics. Read when they are
// asked for, so that a request pays nothing for them.

import { Counter, type Registry } from "prom-client";
import type { GatewaySnapshot } from "../../snapshot.ts";
import { type AddGauge, gaugesOf } from "./gauges.ts";

export function addLoadMetrics(registry: Registry, snapshot: () => GatewaySnapshot): void {
  const gauge = gaugesOf(registry, snapshot);
  addUpstreamGauges(gauge);
  addPoolGauges(gauge);
  const refused: Counter = new Counter({
    name: "slipway_upstream_refused_total",
    help: "Requests refused with 429 because no upstream could take them in time, by why: queue-full, wait or quota.",
    labelNames: ["model", "version", "reason"],
    registers: [registry],
    collect: () => {
      refused.reset();
      for (const { model, version, refused: reasons } of snapshot().versions) {
        for (const [reason, count] of Object.entries(reasons)) {
          refused.inc({ model, version, reason }, count);
        }
      }
    },
  });
}

function addUpstreamGauges(gauge: AddGauge): void {
  const labels = ["model", "version", "upstream"];
  gauge(
    "slipway_upstream_limit",
    "Requests that may be in flight at an upstream now.",
    "sum",
    labels,
    (g, now) => {
      for (const { model, version, upstreams } of now.versions) {
        for (const { upstream, limit } of upstreams) g.set({ model, version, upstream }, limit);
      }
    },
  );
  gauge(
    "slipway_upstream_in_flight",
    "Requests at an upstream.",
    "sum",
    labels,
    (g, { versions }) => {
      for (const { model, version, upstreams } of versions) {
        for (const { upstream, inFlight } of upstreams) {
          g.set({ model, version, upstream }, inFlight);
        }
      }
    },
  );
  gauge(
    "slipway_requests_queued",
    "Requests waiting for an upstream.",
    "sum",
    ["model", "version", "priority"],
    (g, now) => {
      for (const { model, version, queued, queuedBackground } of now.versions) {
        g.set({ model, version, priority: "interactive" }, queued - queuedBackground);
        g.set({ model, version, priority: "background" }, queuedBackground);
      }
    },
  );
}

function addPoolGauges(gauge: AddGauge): void {
  gauge(
    "slipway_pool_blocked_seconds",
    "Time until the provider takes requests of a pool again, as it said; 0 when it does.",
    "max",
    ["pool"],
    (g, now) => {
      for (const { pool, blockedMs } of now.pools) g.set({ pool }, blockedMs / 1_000);
    },
  );
  gauge(
    "slipway_pool_requests_left",
    "Requests left in a pool by the worker that has the least: as the provider said or, without that, of its share of the declared quota.",
    "min",
    ["pool"],
    (g, now) => {
      for (const { pool, requestsLeft } of now.pools) {
        if (requestsLeft !== null) g.set({ pool }, requestsLeft);
      }
    },
  );
  gauge(
    "slipway_pool_tokens_left",
    "Tokens left in a pool by the worker that has the least, likewise.",
    "min",
    ["pool"],
    (g, now) => {
      for (const { pool, tokensLeft } of now.pools) {
        if (tokensLeft !== null) g.set({ pool }, tokensLeft);
      }
    },
  );
}
