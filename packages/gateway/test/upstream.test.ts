// Calls to upstreams on real sockets: what is kept between them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import {
  type AddressInfo,
  createServer as createRawServer,
  type Server as RawServer,
  type Socket,
} from "node:net";
import { type TestContext, test } from "node:test";
import { llhttpUpstream } from "../src/edge/transport/llhttp/llhttp-upstream.ts";
import { undiciUpstream } from "../src/edge/transport/undici-upstream.ts";
import type { Upstream } from "../src/ports.ts";

async function serverFor(t: TestContext): Promise<Server> {
  const server = createServer((_, response) => response.end("{}"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return server;
}

function answered(upstream: Upstream, server: RawServer): Promise<void> {
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return new Promise((resolve, reject) => {
    upstream.send(
      { method: "GET", baseUrl, path: "/x", headers: [], body: new Uint8Array(0) },
      { onHead: () => {}, onData: () => true, onEnd: resolve, onError: reject },
    );
  });
}

for (const upstreamOf of [undiciUpstream, llhttpUpstream]) {
  test(`connections to more upstreams than ${upstreamOf.name} remembers are closed, not collected`, {
    timeout: 3_000,
  }, async (t) => {
    const upstream = upstreamOf(1);
    t.after(upstream.close);
    const [first, second] = [await serverFor(t), await serverFor(t)];
    const connected = once(first, "connection") as Promise<[Socket]>;
    await answered(upstream, first);
    const [kept] = await connected;
    const gone = once(kept, "close");
    await answered(upstream, second);
    await gone;
    await answered(upstream, first);
  });

  test(`${upstreamOf.name}: bytes that are no HTTP are the upstream's fault, not its connection's`, async (t) => {
    for (const said of [
      "hello\r\n\r\n",
      "HTTP/1&1 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA b\r\n\r\n",
      `HTTP/1.1 200 OK\r\nA: ${"b".repeat(20_000)}\r\n\r\n`,
    ]) {
      const server = createRawServer((socket) => {
        socket.on("error", () => socket.destroy());
        socket.once("data", () => socket.end(said));
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      t.after(() => server.close());
      const upstream = upstreamOf();
      t.after(upstream.close);
      await assert.rejects(answered(upstream, server), { kind: "protocol" }, said);
    }
  });
}
