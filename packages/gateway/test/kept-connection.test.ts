// A kept connection to an upstream that closes as a request is sent on it: whether that says nothing about the upstream,
// and the request may go out once more.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { llhttpUpstream } from "../src/edge/transport/llhttp/llhttp-upstream.ts";
import { undiciUpstream } from "../src/edge/transport/undici-upstream.ts";
import type { Upstream, UpstreamFailure } from "../src/ports.ts";

const BODY = "{}";
const HI = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/** An upstream that answers the first request of a connection, and to the second says `second` and closes. */
async function closing(t: TestContext, second: string): Promise<string> {
  const server = createServer((socket) => {
    let requests = 0;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      if (!chunk.toString().endsWith(BODY)) return;
      if (requests++ === 0) socket.write(HI);
      else socket.end(second);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** Null when the answer ended well. */
async function failureOf(upstream: Upstream, baseUrl: string): Promise<UpstreamFailure | null> {
  const body = Buffer.from(BODY);
  const { promise, resolve } = Promise.withResolvers<UpstreamFailure | null>();
  upstream.send(
    { method: "POST", baseUrl, path: "/x", headers: [], body },
    { onHead: () => {}, onData: () => true, onEnd: () => resolve(null), onError: resolve },
  );
  const failure = await promise;
  // Only then is its connection kept.
  await setImmediate();
  return failure;
}

for (const upstreamOf of [undiciUpstream, llhttpUpstream]) {
  test(`${upstreamOf.name}: closed without a word, it was stale`, async (t) => {
    const upstream = upstreamOf();
    t.after(upstream.close);
    const url = await closing(t, "");
    assert.equal(await failureOf(upstream, url), null);
    assert.equal((await failureOf(upstream, url))?.stale, true);
  });

  test(`${upstreamOf.name}: closed within the head of an answer, it was not stale`, async (t) => {
    const upstream = upstreamOf();
    t.after(upstream.close);
    const url = await closing(t, "HTTP/1.1 200 OK\r\nContent-Ty");
    assert.equal(await failureOf(upstream, url), null);
    const failure = await failureOf(upstream, url);
    assert.notEqual(failure, null);
    assert.equal(failure?.stale, undefined);
  });
}
