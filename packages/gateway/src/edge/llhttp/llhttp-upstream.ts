// Calls to upstreams over sockets and llhttp: kept connections by origin, one call at a time on each, no timeouts but
// for connecting. The gateway has admitted a request before it comes here, so nothing waits here for long.

import type { Call, UpstreamFailure } from "../../ports.ts";
import type { ClosableUpstream } from "../transport.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { requestHead } from "./head-text.ts";
import { Llhttp } from "./llhttp.ts";
import { UpstreamCall } from "./upstream-call.ts";
import type { Origin } from "./upstream-connection.ts";

const CLOSE_IDLE_EVERY_MS = 500;
const BASES_MAX = 1_024;

const UNSENDABLE: UpstreamFailure = {
  kind: "connect",
  message: "a header of the request has a letter that no header may have",
  unsent: true,
};

/** An upstream's base URL, taken apart. */
type Base = { readonly pool: ConnectionPool; readonly prefix: string; readonly fixed: string };

/** `basesMax` base URLs are remembered; then all are forgotten, and their connections end with their calls. */
export function llhttpUpstream(basesMax: number = BASES_MAX): ClosableUpstream {
  const llhttp = new Llhttp();
  const bases = new Map<string, Base>();
  const pools = new Map<string, ConnectionPool>();
  const retired = new Set<ConnectionPool>();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (const pool of pools.values()) pool.closeIdle(nowMs);
    for (const pool of retired) if (pool.isEmpty) retired.delete(pool);
  }, CLOSE_IDLE_EVERY_MS).unref();
  const forgetAll = (): void => {
    for (const pool of pools.values()) {
      retired.add(pool);
      pool.retire();
    }
    bases.clear();
    pools.clear();
  };
  const newBase = (baseUrl: string): Base => {
    if (bases.size >= basesMax) forgetAll();
    const url = new URL(baseUrl);
    const pool = pools.get(url.origin) ?? new ConnectionPool(originOf(url), llhttp);
    pools.set(url.origin, pool);
    const base = {
      pool,
      prefix: url.pathname === "/" ? "" : url.pathname,
      fixed: `host: ${url.host}\r\nconnection: keep-alive\r\n`,
    };
    bases.set(baseUrl, base);
    return base;
  };
  return {
    send: (request, sink): Call => {
      const { fixed, pool, prefix } = bases.get(request.baseUrl) ?? newBase(request.baseUrl);
      const { body, headers, method, path } = request;
      const head = requestHead(method, prefix + path, fixed, headers, body.length);
      const call = new UpstreamCall(head ?? "", body, method === "HEAD", sink);
      if (head === null) call.fail(UNSENDABLE);
      else pool.place(call, request.fresh === true);
      return call;
    },
    close: () => {
      clearInterval(timer);
      for (const pool of [...pools.values(), ...retired]) pool.destroy();
      return Promise.resolve();
    },
  };
}

function originOf(url: URL): Origin {
  const isSecure = url.protocol === "https:";
  const standardPort = isSecure ? 443 : 80;
  return {
    isSecure,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? standardPort : Number(url.port),
  };
}
