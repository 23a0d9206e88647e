// What each worker's process holds, as metrics: of a process that grows, which part of it does.

import type { Registry } from "prom-client";
import type { GatewaySnapshot } from "../../snapshot.ts";
import { gaugesOf } from "./gauges.ts";

/** While a worker is replaced there are two with its number; the larger one counts. */
export function addMemoryMetrics(registry: Registry, snapshot: () => GatewaySnapshot): void {
  const gauge = gaugesOf(registry, snapshot);
  gauge(
    "slipway_worker_memory_bytes",
    "Memory of a worker's process: resident; what the heap has (heap_total) and its objects take (heap_used); what they hold outside of it (external; array_buffers is a part of that).",
    "max",
    ["worker", "kind"],
    (g, { member: { worker } }) => {
      const { arrayBuffers, external, heapTotal, heapUsed, rss } = process.memoryUsage();
      const set = (kind: string, bytes: number): void => g.set({ worker, kind }, bytes);
      set("resident", rss);
      set("heap_total", heapTotal);
      set("heap_used", heapUsed);
      set("external", external);
      set("array_buffers", arrayBuffers);
    },
  );
}
