// The data port: it listens for clients, and stops without dropping any.

import type { AddressInfo, Server } from "node:net";
import { SlipwayError } from "@slipway/wire";
import type { Gateway } from "../../gateway.ts";
import { type OwnRoutes, withOwnRoutes } from "../own-routes.ts";
import { type DataLimits, DEFAULT_DATA_LIMITS } from "./data-limits.ts";
import type { TlsFiles } from "./tls-files.ts";
import { listenerOver, type Transport } from "./transport.ts";

const CLOSE_IDLE_EVERY_MS = 100;

export type DataServer = {
  readonly port: number;
  /**
   * Takes no new connections, and ends each one with its answer. Resolves when none is left, or those that are idle have
   * been so for long enough.
   */
  readonly stopAccepting: () => Promise<void>;
  /** Reads the certificate again, for connections to come. Throws SlipwayError `tls_files`, and keeps the old one. */
  readonly reload: () => void;
  /** Cuts what is left. */
  readonly close: () => Promise<void>;
};

export type DataServerOptions = OwnRoutes & {
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  readonly limits?: Partial<DataLimits> | undefined;
  /** Plain HTTP where absent. */
  readonly tls?: TlsFiles | undefined;
};

export async function serveData(gateway: Gateway, options: DataServerOptions): Promise<DataServer> {
  const handle = withOwnRoutes(gateway, options);
  const limits = { ...DEFAULT_DATA_LIMITS, ...options.limits };
  const listener = listenerOver(options.transport, {
    handle,
    limits,
    tls: options.tls ?? null,
  });
  const { server, beginClosing, closeIdle, closeAll, reload } = listener;
  await listen(server, options);
  let closingIdle: NodeJS.Timeout | null = null;
  return {
    port: (server.address() as AddressInfo).port,
    stopAccepting: async () => {
      beginClosing();
      await emptied(server, limits.idleGraceMs);
      await newsHeard();
      closeIdle();
      closingIdle ??= setInterval(() => setImmediate(closeIdle), CLOSE_IDLE_EVERY_MS);
    },
    reload,
    close: () => {
      if (closingIdle !== null) clearInterval(closingIdle);
      return new Promise((resolve) => {
        server.close(() => resolve());
        closeAll();
      });
    },
  };
}

/**
 * Resolves after the system has told all that it has to. Before that a request that has come would be taken for none, and its
 * connection be reset: a busy worker's timers are due before it reads.
 */
function newsHeard(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when there is no connection left, or the time is over. */
async function emptied(server: Server, graceMs: number): Promise<void> {
  const endMs = performance.now() + graceMs;
  while (performance.now() < endMs && (await connectionsOf(server)) > 0) {
    await new Promise((resolve) => setTimeout(resolve, CLOSE_IDLE_EVERY_MS / 2));
  }
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

function listen(server: Server, options: DataServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(options, error)));
    server.listen(options.port, options.host, resolve);
  });
}

function cannotListen(options: DataServerOptions, error: Error): SlipwayError {
  return new SlipwayError({
    code: "cannot_listen",
    status: 500,
    message: `the gateway cannot listen on ${options.host}:${options.port}: ${error.message}`,
    fix: "Choose another port, or stop what is listening there.",
  });
}
