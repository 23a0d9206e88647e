// What the data port answers itself, beside the gateway's path: `/healthz` and `/metrics`.

import type { Gateway } from "../gateway.ts";
import type { Exchange } from "../ports.ts";

/** The handler of a data port. `metricsText` gives Prometheus text over all workers of the gateway. */
export function withOwnRoutes(
  gateway: Gateway,
  metricsText: () => Promise<string>,
): (exchange: Exchange) => void {
  return (exchange) => {
    if (exchange.path === "/healthz") answerHealth(gateway, exchange);
    else if (exchange.path === "/metrics") answerMetrics(metricsText, exchange);
    else gateway.handle(exchange);
  };
}

function answerHealth(gateway: Gateway, exchange: Exchange): void {
  const { diverted, isClosed, leaseMs, table } = gateway.snapshot();
  const isReady = table !== null && !isClosed;
  const status = table === null ? "no table yet" : isClosed ? "closing" : "ok";
  const body = { status, table, leaseMs: Math.round(leaseMs), diverted };
  answer(exchange, isReady ? 200 : 503, "application/json", `${JSON.stringify(body)}\n`);
}

function answerMetrics(metricsText: () => Promise<string>, exchange: Exchange): void {
  metricsText().then(
    (text) => answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text),
    (error: unknown) => {
      const text = `metrics could not be gathered: ${String(error)}\n`;
      answer(exchange, 500, "text/plain; charset=utf-8", text);
    },
  );
}

function answer(exchange: Exchange, status: number, type: string, text: string): void {
  const body = Buffer.from(text);
  exchange.respond(status, ["content-type", type, "content-length", String(body.length)]);
  if (exchange.method !== "HEAD") exchange.write(body);
  exchange.end();
}
