// Limits of clients' connections over real sockets: each is met, answered, and leaves the gateway serving others.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import type { DataLimits } from "../src/edge/transport/data-limits.ts";
import { routeOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, type LiveGateway, liveGateway } from "./live-gateway.ts";
import { raw } from "./raw-client.ts";
import { scriptedUpstream } from "./scripted-upstream.ts";

const HEAD = "GET /v1/models HTTP/1.1\r\nHost: x\r\n";

async function limited(dataLimits: Partial<DataLimits>): Promise<LiveGateway> {
  const live = await liveGateway(tableOf(1, routeOf()), 1, { dataLimits });
  await healthy(live.base);
  return live;
}

/** Everything that comes until the gateway ends the connection. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += String(chunk);
  });
  socket.on("error", () => {});
  await once(socket, "close");
  return text;
}

async function opened(port: number, bytes: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(bytes);
  return socket;
}

test("a head, a target, or a number of headers beyond its limit is refused, and one at its limit is not", async () => {
  const live = await limited({ headBytesMax: 2_000, headersMax: 10, targetLengthMax: 100 });
  const { port } = live.gateway;
  const answers = [
    await raw(port, `${HEAD}X-A: ${"a".repeat(2_500)}\r\n\r\n`),
    await raw(port, `${HEAD}${"A: b\r\n".repeat(10)}\r\n`),
    await raw(port, `${HEAD}${"A: b\r\n".repeat(9)}\r\n`),
    await raw(port, `GET /v1/models?${"a".repeat(100)} HTTP/1.1\r\nHost: x\r\n\r\n`),
    await raw(port, `GET /v1/models?${"a".repeat(80)} HTTP/1.1\r\nHost: x\r\n\r\n`),
  ];
  assert.deepEqual(
    answers.map(({ statuses }) => statuses),
    [[431], [431], [200], [414], [200]],
  );
  await live.close();
});

test("a head that does not come, or a body that stops coming, ends its connection with 408", async () => {
  const live = await limited({ headMsMax: 200, requestMsMax: 400 });
  const { port } = live.gateway;
  const post = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{`;
  const [head, body] = await Promise.all([
    opened(port, HEAD).then(untilClosed),
    opened(port, post).then(untilClosed),
  ]);
  assert.match(head, /^HTTP\/1\.1 408 /);
  assert.match(body, /^HTTP\/1\.1 408 /);
  await live.close();
});

test("one connection too many is closed as it comes, and there is room again when one has gone", async () => {
  const live = await limited({ connectionsMax: 3 });
  const { port } = live.gateway;
  const sockets = [await opened(port, HEAD), await opened(port, HEAD), await opened(port, HEAD)];
  const refused = await opened(port, `${HEAD}\r\n`).then(untilClosed);
  assert.equal(refused, "");
  for (const socket of sockets) socket.destroy();
  let answer = await raw(port, `${HEAD}\r\n`);
  while (answer.statuses.length === 0) answer = await raw(port, `${HEAD}\r\n`);
  assert.deepEqual(answer.statuses, [200]);
  await live.close();
});

test("an idle connection is closed after its time", async () => {
  const live = await limited({ keepAliveMsMax: 100 });
  const text = await opened(live.gateway.port, `${HEAD}\r\n`).then(untilClosed);
  assert.match(text, /^HTTP\/1\.1 200 /);
  await live.close();
});

test("a body beyond its limit gets 413, whether its length is told or not", async () => {
  const upstream = await scriptedUpstream("hello");
  const stable = versionOf("v1", upstreamOf({ url: upstream.url }));
  const live = await liveGateway(tableOf(1, routeOf({ stable })), 1, {
    limits: { bodyBytesMax: 100 },
  });
  await healthy(live.base);
  const post = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n";
  const told = await raw(live.gateway.port, `${post}Content-Length: 200\r\n\r\n${"a".repeat(200)}`);
  const untold = await raw(
    live.gateway.port,
    `${post}Transfer-Encoding: chunked\r\n\r\nc8\r\n${"a".repeat(200)}\r\n0\r\n\r\n`,
  );
  assert.deepEqual([told.statuses, untold.statuses], [[413], [413]]);
  assert.equal(upstream.seen.length, 0);
  await live.close();
  await upstream.close();
});
