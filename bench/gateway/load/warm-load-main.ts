// Sends a number of requests from 64 connections, so that fast and slow peers have compiled alike when they are
// measured: warm-load-main.ts ORDER. wrk cannot be told a number, only a time.
import { Pool } from "undici";
import { bodyOf, type LoadOrder } from "./request.ts";

export type WarmOrder = LoadOrder & { readonly requests: number };

const CONNECTIONS = 64;
const MS_MAX = 60_000;

const order = JSON.parse(process.argv[2] ?? "{}") as WarmOrder;
const target = new URL(order.url);
const pool = new Pool(target.origin, { connections: CONNECTIONS });
const headers = { "content-type": "application/json", ...order.headers };
const untilMs = performance.now() + MS_MAX;
let next = 0;

function send(turn: number): Promise<void> {
  return new Promise((resolve) => {
    pool.dispatch(
      { path: target.pathname, method: "POST", headers, body: bodyOf(turn, false) },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: () => undefined,
        onResponseEnd: () => resolve(),
        onResponseError: () => resolve(),
      },
    );
  });
}

async function connection(): Promise<void> {
  while (next < order.requests && performance.now() < untilMs) {
    next += 1;
    await send(next);
  }
}

await Promise.all(Array.from({ length: CONNECTIONS }, connection));
await pool.destroy();
