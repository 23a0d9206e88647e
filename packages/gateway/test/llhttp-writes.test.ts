// How answers leave over llhttp: together with those of other connections where there are many, and out of memory that is
// used again.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Outbox } from "../src/edge/transport/llhttp/outbox.ts";
import { COPIED_BYTES_MAX, writePieces } from "../src/edge/transport/llhttp/scratch.ts";
import { until } from "./live-gateway.ts";

/** Answers of one turn; what has left is noted in `left`. */
function offer(outbox: Outbox, count: number, left: string[]): number {
  let waiting = 0;
  for (let i = 0; i < count; i++) {
    if (outbox.takes({ leave: () => left.push(`answer ${i}`) })) waiting++;
  }
  return waiting;
}

test("a lone answer never waits for others", async () => {
  const outbox = new Outbox();
  const left: string[] = [];
  for (let turn = 0; turn < 10; turn++) {
    assert.equal(offer(outbox, 1, left), 0);
    await setImmediate();
  }
});

test("after a turn with many answers those of the next leave at its end, in their order, and each once", async () => {
  const outbox = new Outbox();
  const left: string[] = [];
  assert.equal(offer(outbox, 5, left), 0, "nobody knew that there would be so many");
  await setImmediate();
  assert.equal(offer(outbox, 3, left), 3);
  assert.deepEqual(left, []);
  await setImmediate();
  assert.deepEqual(left, ["answer 0", "answer 1", "answer 2"]);
  assert.equal(offer(outbox, 1, left), 0, "three were few");
  await setImmediate();
  assert.equal(left.length, 3);
});

test("of very many answers the first do not wait for the last", async () => {
  const outbox = new Outbox();
  const left: string[] = [];
  offer(outbox, 20, left);
  await setImmediate();
  let leftBefore = 0;
  for (let i = 0; i < 40; i++) {
    outbox.takes({ leave: () => left.push(`answer ${i}`) });
    await new Promise<void>((resolve) => process.nextTick(resolve));
    if (i === 30) leftBefore = left.length;
  }
  assert.ok(leftBefore >= 16, `${leftBefore} had left`);
  await setImmediate();
  assert.equal(left.length, 40);
});

/** Both ends of a connection. */
async function pair(t: TestContext): Promise<readonly [ours: Socket, theirs: Socket]> {
  const server = createServer().listen(0, "127.0.0.1");
  const accepted = once(server, "connection");
  await once(server, "listening");
  const theirs = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [ours] = (await accepted) as [Socket];
  t.after(() => {
    ours.destroy();
    theirs.destroy();
    server.close();
  });
  return [ours, theirs];
}

test("what a slow reader has not taken yet is not overwritten by what is written to others", async (t) => {
  const [slow, slowReader] = await pair(t);
  const [fast, fastReader] = await pair(t);
  let got = "";
  slowReader.setEncoding("latin1");
  slowReader.pause();
  fastReader.resume();
  const written: string[] = [];
  const write = (socket: Socket, letter: string, bytes: number): void => {
    const half = letter.repeat(bytes / 2);
    writePieces(socket, [half, Buffer.from(half)], bytes, true);
  };
  // More than any socket's buffers take, with a message in between that only just fits.
  for (let i = 0; written.length < 400; i++) {
    const letter = String.fromCharCode(97 + (i % 26));
    const bytes = i % 7 === 0 ? COPIED_BYTES_MAX : 50_000;
    write(slow, letter, bytes);
    written.push(letter.repeat(bytes));
    write(fast, "?", 50_000);
    if (i % 50 === 0) await setImmediate();
  }
  assert.ok(slow.writableLength > 0, "some of it waits");
  slowReader.on("data", (text: string) => {
    got += text;
  });
  slowReader.resume();
  const all = written.join("");
  await until(() => got.length >= all.length);
  assert.ok(got === all, "every byte is where it was written");
});
