// Calls to upstreams over sockets and llhttp: kept connections by origin, one call at a time on each, no timeouts but
// for connecting. The gateway has admitted a request before it comes here, so nothing waits here for long.

import type { Call, UpstreamFailure, UpstreamRequest } from "../../../ports.ts";
import type { ClosableUpstream } from "../closable-upstream.ts";
import { verification } from "../tls-files.ts";
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
  const newBase = (request: UpstreamRequest): Base => {
    const { baseUrl } = request;
    const caFile = request.caFile ?? null;
    if (bases.size >= basesMax) forgetAll();
    const url = new URL(baseUrl);
    const name = `${url.origin}\n${caFile}`;
    const pool = pools.get(name) ?? new ConnectionPool(originOf(url, caFile), llhttp);
    pools.set(name, pool);
    const base = {
      pool,
      prefix: url.pathname === "/" ? "" : url.pathname,
      fixed: `host: ${url.host}\r\nconnection: keep-alive\r\n`,
    };
    bases.set(nameOf(baseUrl, caFile), base);
    return base;
  };
  return {
    send: (request, sink): Call => {
      const { baseUrl, body, caFile, headers, method, path } = request;
      let base = bases.get(nameOf(baseUrl, caFile ?? null));
      try {
        base ??= newBase(request);
      } catch (error) {
        const call = new UpstreamCall("", body, false, sink);
        call.fail({ kind: "connect", message: String(error), unsent: true });
        return call;
      }
      const { fixed, pool, prefix } = base;
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

function nameOf(baseUrl: string, caFile: string | null): string {
  return caFile === null ? baseUrl : `${baseUrl}\n${caFile}`;
}

function originOf(url: URL, caFile: string | null): Origin {
  const isSecure = url.protocol === "https:";
  const standardPort = isSecure ? 443 : 80;
  return {
    isSecure,
    verification: verification(caFile),
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? standardPort : Number(url.port),
  };
}
