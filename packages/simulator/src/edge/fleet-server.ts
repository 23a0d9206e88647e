// A fleet of simulated model servers on real sockets, in one process: each version on a port of its own, or
// all on one port under /VERSION/v1.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, createRandom } from "@slipway/core";
import { ModelServer } from "../server/model-server.ts";
import { Quota, type QuotaOptions } from "../server/quota.ts";
import type { SimulatedVersion } from "../version.ts";
import { realClock } from "./clock.ts";
import { serve } from "./http-reply.ts";

export type FleetOptions = {
  /** By the name that appears in URLs; several may answer to the same model id. */
  readonly versions: { readonly [name: string]: SimulatedVersion };
  /** Seeds what faults and refusals draw. */
  readonly seed: number;
  readonly host?: string;
  /** Puts every version on this port (0: any free one), under /NAME/v1. Without it each has a port. */
  readonly port?: number;
  readonly clock?: Clock;
  /** What all versions together may use, as those of one account do; no limit where absent. */
  readonly quota?: QuotaOptions;
};

export type Fleet = {
  /** Base URLs up to and with /v1, by version name. */
  readonly urls: { readonly [name: string]: string };
  /** For planting faults while it runs, and for looking inside. */
  readonly servers: { readonly [name: string]: ModelServer };
  /** Stops at once; connections are cut. */
  readonly close: () => Promise<void>;
};

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const host = options.host ?? "127.0.0.1";
  const clock = options.clock ?? realClock;
  const quota = options.quota === undefined ? {} : { quota: new Quota(clock, options.quota) };
  const servers: { [name: string]: ModelServer } = {};
  for (const [index, [name, version]] of Object.entries(options.versions).entries()) {
    servers[name] = new ModelServer({
      version,
      clock,
      random: createRandom(options.seed + index),
      ...quota,
    });
  }
  const urls: { [name: string]: string } = {};
  const listening: Server[] = [];
  if (options.port !== undefined) {
    const server = await listen(byPrefix(servers), host, options.port);
    listening.push(server);
    for (const name of Object.keys(servers)) urls[name] = `${baseOf(server, host)}/${name}/v1`;
  } else {
    for (const [name, model] of Object.entries(servers)) {
      const server = await listen((i, o) => serve(model, i.url ?? "/", i, o), host, 0);
      listening.push(server);
      urls[name] = `${baseOf(server, host)}/v1`;
    }
  }
  const close = async (): Promise<void> => {
    await Promise.all(listening.map(closeServer));
  };
  return { urls, servers, close };
}

function byPrefix(servers: { readonly [name: string]: ModelServer }): Handler {
  return (incoming, outgoing) => {
    const url = incoming.url ?? "/";
    const slash = url.indexOf("/", 1);
    const name = slash < 0 ? url.slice(1) : url.slice(1, slash);
    const server = Object.hasOwn(servers, name) ? servers[name] : undefined;
    if (server === undefined || slash < 0) {
      const known = Object.keys(servers).map((version) => `/${version}/v1`);
      outgoing.writeHead(404, { "content-type": "text/plain" });
      outgoing.end(`no such version; there are ${known.join(", ")}\n`);
      return;
    }
    serve(server, url.slice(slash), incoming, outgoing);
  };
}

function listen(handler: Handler, host: string, port: number): Promise<Server> {
  const server = createServer(handler);
  // Gateways keep connections for reuse; a server that closes an idle one first loses the next request.
  server.keepAliveTimeout = 120_000;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

function baseOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
