// One request on node:http as the path sees it: how its body is read.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { HttpExchange } from "../src/edge/transport/http-exchange.ts";

/** A server that reads up to 100,000 bytes of each body, with room for `room`; it answers with what came of it. */
async function reader(t: TestContext, room: number): Promise<string> {
  const server = createServer((request, response) => {
    let taken = 0;
    new HttpExchange(request, response).read(
      100_000,
      (body) => response.end(`done ${body.length}`),
      (reason) => response.end(reason),
      (bytes) => {
        taken += bytes;
        return taken <= room;
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a body is read as far as its limit and the room allow, and the client hears which it was", async (t) => {
  const send = async (room: number, bytes: number): Promise<string> => {
    const url = await reader(t, room);
    return (await fetch(url, { method: "POST", body: "x".repeat(bytes) })).text();
  };
  assert.equal(await send(50_000, 40_000), "done 40000");
  assert.equal(await send(50_000, 60_000), "no-room");
  assert.equal(await send(50_000, 200_000), "too-large");
});
