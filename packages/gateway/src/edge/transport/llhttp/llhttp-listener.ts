// Clients' connections over sockets and llhttp.

import { createServer, type Socket } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import type { Listener, ListenerOptions } from "../listener.ts";
import { readTls } from "../tls-files.ts";
import { Beat } from "./beat.ts";
import { ClientConnection } from "./client-connection.ts";
import { Llhttp } from "./llhttp.ts";
import { Outbox } from "./outbox.ts";

export function llhttpListener({ handle, limits, tls }: ListenerOptions): Listener {
  const llhttp = new Llhttp();
  const connections = new Set<ClientConnection>();
  let isClosing = false;
  let closesIdle = false;
  const checkAll = (): void => {
    for (const connection of connections) connection.check();
  };
  // A request that has come while the worker was busy is read before its connection can be taken for idle, or late.
  const beat = new Beat(() => setImmediate(checkAll));
  const events = {
    handle,
    limits,
    outbox: new Outbox(),
    isClosing: () => isClosing,
    closesIdle: () => closesIdle,
    closed: (connection: ClientConnection) => connections.delete(connection),
  };
  const accept = (socket: Socket): void => {
    connections.add(new ClientConnection(socket, llhttp, beat, events));
  };
  const secure =
    tls === null ? null : createSecureServer({ noDelay: true, ...readTls(tls) }, accept);
  const server = secure ?? createServer({ noDelay: true }, accept);
  server.maxConnections = limits.connectionsMax;
  server.on("close", () => beat.stop());
  return {
    server,
    beginClosing: () => {
      isClosing = true;
      server.close();
    },
    closeIdle: () => {
      closesIdle = true;
      checkAll();
    },
    closeAll: () => {
      for (const connection of connections) connection.destroy();
    },
    reload: () => {
      if (secure !== null && tls !== null) secure.setSecureContext(readTls(tls));
    },
  };
}
