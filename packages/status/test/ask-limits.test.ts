// How often one client may ask for a subscription, whatever its addresses look like.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AskLimits } from "@slipway/status/edge";

const ASKS_PER_HOUR_MAX = 10;

function takenOf(addressOf: (number: number) => string): number {
  const limits = new AskLimits();
  const asks = Array.from({ length: 3 * ASKS_PER_HOUR_MAX }, (_, number) => addressOf(number));
  return asks.filter((address) => limits.take(address, 0)).length;
}

test("who has a whole network of version 6 is one client", () => {
  const hex = (number: number): string => number.toString(16);
  assert.equal(
    takenOf((number) => `2001:db8:0:7:${hex(number)}::${hex(number)}`),
    ASKS_PER_HOUR_MAX,
  );
  assert.equal(
    takenOf((number) => `2001:db8:0:7::${hex(number + 1)}`),
    ASKS_PER_HOUR_MAX,
  );
});

test("networks of version 6, and addresses of version 4 in whatever form, are clients each", () => {
  const all = 3 * ASKS_PER_HOUR_MAX;
  assert.equal(
    takenOf((number) => `2001:db8::${(number + 1).toString(16)}:0:0:0:1`),
    all,
  );
  assert.equal(
    takenOf((number) => `::ffff:192.0.2.${number}`),
    all,
  );
  assert.equal(
    takenOf((number) => `192.0.2.${number}`),
    all,
  );
});
