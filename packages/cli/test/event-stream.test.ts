// Server-sent events, however the network cuts them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream } from "slipway";

const STREAM = ': hello\r\n\r\nevent: rollout\r\ndata: {"a":1}\r\n\r\ndata: x\ndata: y\n\n';

test("cut anywhere, a stream gives the same events", () => {
  for (let at = 0; at <= STREAM.length; at++) {
    const events = new EventStream();
    const seen = [...events.push(STREAM.slice(0, at)), ...events.push(STREAM.slice(at))];
    assert.deepEqual(seen, ['{"a":1}', "x\ny"]);
  }
});

test("an event that never ends is refused before it fills the memory", () => {
  const events = new EventStream();
  const chunk = "x".repeat(1024 * 1024);
  assert.throws(() => {
    for (let i = 0; i < 8; i++) events.push(chunk);
  }, /too long/);
});
