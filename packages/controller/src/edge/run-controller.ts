// A whole controller: its store on disk, its loop, its API on a socket.

import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { SlipwayError } from "@slipway/wire";
import { createController, TICK_EVERY_MS } from "../controller.ts";
import type { ControllerPorts, Log } from "../ports.ts";
import type { Store } from "../store/store.ts";
import { assertListenable } from "./http/access.ts";
import { createApi } from "./http/api.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import {
  createLog,
  type LogLevel,
  nodeClock,
  randomIds,
  sha256,
  socketsRead,
} from "./node-ports.ts";
import { createReadings } from "./readings-aside.ts";
import { openSqliteStore } from "./sqlite/sqlite-store.ts";

export const CONTROLLER_PORT = 4701;

export type ControllerOptions = {
  /** Port 0 takes any that is free. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  /** Needed to listen on anything but this machine's own address. */
  readonly token?: string | undefined;
  readonly logLevel: LogLevel;
  readonly tickEveryMs?: number;
  /** Of this installation, for the metrics. */
  readonly version?: string;
  /** Where the status page goes; nowhere where absent. */
  readonly publish?: ControllerPorts["publish"];
  /** How notifications leave; none do where absent. */
  readonly deliver?: ControllerPorts["deliver"];
};

export type RunningController = {
  readonly port: number;
  /** Ends streams and the loop, and releases the data directory. */
  readonly close: () => Promise<void>;
};

/** Throws SlipwayError when it cannot listen, or cannot have the data directory. */
export async function runController(options: ControllerOptions): Promise<RunningController> {
  const { listen, dataDir, token, logLevel, tickEveryMs = TICK_EVERY_MS } = options;
  const metrics = createMetrics(options.version ?? "unknown");
  assertListenable(listen.host, token);
  const log = createLog(logLevel);
  const store = openSqliteStore({ dataDir, newStoreId: randomIds.next() });
  try {
    return await serve(store, {
      ...{ listen, dataDir, token, log, tickEveryMs, metrics },
      publish: options.publish,
      deliver: options.deliver,
    });
  } catch (error) {
    await store.close();
    throw error;
  }
}

type Serving = Pick<ControllerOptions, "listen" | "dataDir"> & {
  readonly token: string | undefined;
  readonly log: Log;
  readonly tickEveryMs: number;
  readonly metrics: Metrics;
  readonly publish: ControllerPorts["publish"];
  readonly deliver: ControllerPorts["deliver"];
};

async function serve(store: Store, serving: Serving): Promise<RunningController> {
  const { log, metrics, token } = serving;
  const readings = createReadings(serving.dataDir);
  const controller = createController({
    clock: nodeClock,
    ids: randomIds,
    digest: sha256,
    log,
    store,
    observe: metrics.observe,
    foresee: readings.foresee,
    recentIncidents: readings.recentIncidents,
    ...(serving.publish === undefined ? {} : { publish: serving.publish }),
    ...(serving.deliver === undefined ? {} : { deliver: serving.deliver }),
    gathered: socketsRead,
  });
  metrics.read(controller.state);
  await controller.open();
  const closing = new AbortController();
  const api = createApi(
    { controller, log, readings, metrics: metrics.text, closing: closing.signal },
    token,
  );
  const server = createAdaptorServer({ fetch: api.fetch }) as Server;
  const port = await listening(server, serving.listen);
  const stop = controller.run(serving.tickEveryMs);
  log.info({ host: serving.listen.host, port, table: controller.table().number }, "listening");
  return {
    port,
    close: async () => {
      stop();
      closing.abort();
      await closed(server);
      // The last turn has ended when an empty one has had its place.
      await controller.settled();
      await store.close();
    },
  };
}

async function listening(
  server: Server,
  { host, port }: ControllerOptions["listen"],
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(host, port, error)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): SlipwayError {
  const taken = error.code === "EADDRINUSE";
  return new SlipwayError({
    status: 500,
    code: taken ? "port_taken" : "cannot_listen",
    message: `cannot listen on ${host}:${port}: ${taken ? "the port is taken" : error.message}`,
    fix: taken ? "stop what listens there, or name another port" : "name another address",
  });
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await ended;
}
