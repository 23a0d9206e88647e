// Clients' connections over sockets and llhttp.

import { createServer } from "node:net";
import type { Exchange } from "../../ports.ts";
import type { Listener } from "../transport.ts";
import { Beat } from "./beat.ts";
import { ClientConnection } from "./client-connection.ts";
import { Llhttp } from "./llhttp.ts";

export function llhttpListener(handle: (exchange: Exchange) => void): Listener {
  const llhttp = new Llhttp();
  const connections = new Set<ClientConnection>();
  let isClosing = false;
  const checkAll = (): void => {
    for (const connection of connections) connection.check();
  };
  const beat = new Beat(checkAll);
  const events = {
    handle,
    isClosing: () => isClosing,
    closed: (connection: ClientConnection) => connections.delete(connection),
  };
  const server = createServer({ noDelay: true }, (socket) => {
    connections.add(new ClientConnection(socket, llhttp, beat, events));
  });
  server.on("close", () => beat.stop());
  return {
    server,
    beginClosing: () => {
      isClosing = true;
      checkAll();
    },
    closeIdle: checkAll,
    closeAll: () => {
      for (const connection of connections) connection.destroy();
    },
  };
}
