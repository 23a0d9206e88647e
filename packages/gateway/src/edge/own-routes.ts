// What the data port answers itself, beside the gateway's path: `/healthz` and `/metrics`. They tell of all models and all
// clients, so where clients are declared they tell strangers no more than whether the gateway is well.

import { hash, timingSafeEqual } from "node:crypto";
import type { Gateway } from "../gateway.ts";
import { headerOf } from "../headers.ts";
import type { Exchange } from "../ports.ts";

export const METRICS_TOKEN_ENV = "SLIPWAY_METRICS_TOKEN";

export type OwnRoutes = {
  /** Prometheus text over all workers of the gateway. */
  readonly metricsText: () => Promise<string>;
  /** Who has it may read metrics; where it is null anybody may, unless clients are declared. */
  readonly metricsToken: string | null;
};

/** The handler of a data port. */
export function withOwnRoutes(gateway: Gateway, routes: OwnRoutes): (exchange: Exchange) => void {
  const { metricsText, metricsToken } = routes;
  const expected = metricsToken === null ? null : digestOf(`Bearer ${metricsToken}`);
  const isTrusted = ({ headers }: Exchange): boolean => {
    if (expected === null) return !gateway.snapshot().hasClients;
    return timingSafeEqual(digestOf(headerOf(headers, "authorization") ?? ""), expected);
  };
  return (exchange) => {
    if (exchange.path === "/healthz") answerHealth(gateway, exchange, isTrusted(exchange));
    else if (exchange.path !== "/metrics") gateway.handle(exchange);
    else if (isTrusted(exchange)) answerMetrics(metricsText, exchange);
    else refuseMetrics(exchange, expected !== null);
  };
}

/** Digests have one length, so that comparing them tells nothing of the token's. */
function digestOf(text: string): Uint8Array {
  return hash("sha256", text, "buffer");
}

function refuseMetrics(exchange: Exchange, hasToken: boolean): void {
  const text = hasToken
    ? `metrics are for whoever sends the value of ${METRICS_TOKEN_ENV} as bearer token\n`
    : `clients are declared, so metrics are not for everybody: set ${METRICS_TOKEN_ENV} on the gateway, and send it as bearer token\n`;
  answer(exchange, hasToken ? 401 : 403, "text/plain; charset=utf-8", text);
}

function answerHealth(gateway: Gateway, exchange: Exchange, isTrusted: boolean): void {
  const { diverted, isClosed, leaseMs, table } = gateway.snapshot();
  const isReady = table !== null && !isClosed;
  const status = table === null ? "no table yet" : isClosed ? "closing" : "ok";
  const more = { table, leaseMs: Math.round(leaseMs), diverted };
  const body = isTrusted ? { status, ...more } : { status };
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
