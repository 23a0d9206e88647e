// Mutated bytes from clients and upstreams against a whole gateway, for a few seconds and from one seed; and every case that
// ever failed, again. `npm run fuzz` goes on for longer, and from other seeds.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Arena } from "./fuzz/arena.ts";
import { burstOf } from "./fuzz/burst.ts";
import { fuzzCase, keptCase } from "./fuzz/fuzz-case.ts";
import { chosenTransport } from "./live-gateway.ts";

const SEED = 20_260_101;
const BATCHES = 15;
const BATCH = 32;
const CORPUS = new URL("./fuzz/corpus/", import.meta.url);

const arena = new Arena();
before(() => arena.start(chosenTransport()));

function tokenOf(number: number): string {
  return `tok-${number.toString(16).padStart(19, "0")}`;
}

for (const [number, file] of readdirSync(CORPUS).sort().entries()) {
  const kept = keptCase(readFileSync(new URL(file, CORPUS), "utf8"), tokenOf(number));
  test(`once more: ${kept.name}`, async () => {
    assert.deepEqual(await arena.run([kept]), []);
  });
}

test("whatever bytes come, answers are HTTP and nobody else's, and upstreams get what clients sent", async () => {
  for (let batch = 0; batch < BATCHES; batch++) {
    const cases = Array.from({ length: BATCH }, (_, i) => fuzzCase(SEED, batch * BATCH + i));
    const violations = await arena.run(cases);
    assert.deepEqual(violations, [], `npm run fuzz -- --seed ${SEED} --from ${batch * BATCH}`);
  }
  assert.ok(arena.forwarded > BATCHES, "most of it is read as requests");
});

after(async () => {
  assert.deepEqual(await arena.close(), []);
});

for (const shape of ["tls", "armed"] as const) {
  test(`the same holds of a gateway that is ${shape}, and nothing of it remains`, async () => {
    const other = new Arena(shape);
    await other.start(chosenTransport());
    const cases = Array.from({ length: BATCH }, (_, i) => fuzzCase(SEED, i));
    const violations = await other.run(cases);
    assert.deepEqual(violations, [], `npm run fuzz -- --shape ${shape} --seed ${SEED} --from 0`);
    assert.equal(other.copied > 0, shape === "armed");
    if (shape === "armed") {
      assert.deepEqual(await other.runBurst(burstOf(SEED, 0, BATCH)), []);
      assert.ok(other.trips > 0, "the candidate was left");
    }
    assert.deepEqual(await other.close(), []);
  });
}
