// Gauges that are read off the gateway's snapshot when they are asked for, so that a request pays nothing for them.

import { Gauge, type Registry } from "prom-client";
import type { GatewaySnapshot } from "../../snapshot.ts";

/** `aggregator` says what the workers' values become in the gateway's own `/metrics`. */
export type AddGauge = (
  name: string,
  help: string,
  aggregator: "max" | "min" | "sum",
  labelNames: string[],
  collect: (gauge: Gauge, now: GatewaySnapshot) => void,
) => void;

export function gaugesOf(registry: Registry, snapshot: () => GatewaySnapshot): AddGauge {
  return (name, help, aggregator, labelNames, collect) => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      aggregator,
      labelNames,
      registers: [registry],
      collect: () => {
        gauge.reset();
        collect(gauge, snapshot());
      },
    });
  };
}
