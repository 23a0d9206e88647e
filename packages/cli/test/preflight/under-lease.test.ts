// Gates under a lease: taken, renewed and given back; waited for; without a controller run all the same; and ended where others
// have taken over.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/wire";
import { type LeasePlan, underLease } from "slipway";

type Scene = { readonly plan: LeasePlan; readonly calls: string[]; readonly told: string[] };

function refusal(code: string): SlipwayError {
  return new SlipwayError({ status: 409, code, message: `it is ${code}`, fix: null });
}

/** `answers`: to each call in turn, an error or nothing; then nothing any more. */
function scene(answers: readonly (string | null)[], waits = false): Scene {
  const calls: string[] = [];
  const told: string[] = [];
  const left = [...answers];
  const called = (what: string): Promise<never> | null => {
    calls.push(what);
    const code = left.shift() ?? null;
    return code === null ? null : Promise.reject(refusal(code));
  };
  const lease = {
    ...{ number: 7, by: "ann", to: "v2", gates: ["load" as const] },
    ...{ startedAtMs: 0, expiresAtMs: 1, endedAtMs: null },
  };
  const plan: LeasePlan = {
    client: {
      takeLease: () => called("take") ?? Promise.resolve(lease),
      renewLease: (_, number) => called(`renew ${number}`) ?? Promise.resolve(lease),
      endLease: (_, number) => called(`end ${number}`) ?? Promise.resolve(lease),
    },
    ...{ model: "coder", asked: { by: "ann", to: "v2", gates: ["load"] }, waits },
    tell: (text) => told.push(text),
    signal: new AbortController().signal,
    pause: async (_, signal) => {
      await new Promise((soon) => setImmediate(soon));
      signal.throwIfAborted();
    },
  };
  return { plan, calls, told };
}

/** Gates that go on until this was called so often, or they are ended. */
async function until(
  calls: readonly string[],
  count: number,
  signal: AbortSignal,
): Promise<string> {
  while (calls.length < count && !signal.aborted) await new Promise((soon) => setImmediate(soon));
  return "found";
}

test("a lease is renewed while gates run, and given back", async () => {
  const { plan, calls } = scene([]);
  const found = await underLease(plan, (lease, signal) => {
    assert.equal(lease, 7);
    return until(calls, 3, signal);
  });
  assert.equal(found, "found");
  assert.deepEqual(calls.slice(0, 3), ["take", "renew 7", "renew 7"]);
  assert.equal(calls.at(-1), "end 7");
});

test("whoever waits is told once for whom, and goes on when the lease is free", async () => {
  const { plan, calls, told } = scene(["preflight_under_way", "preflight_under_way", null], true);
  await underLease(plan, () => Promise.resolve(null));
  assert.deepEqual(told, ["waiting: it is preflight_under_way\n"]);
  assert.equal(calls.filter((call) => call === "take").length, 3);
});

test("whoever does not wait is refused", async () => {
  const { plan } = scene(["preflight_under_way"]);
  await assert.rejects(
    underLease(plan, () => Promise.resolve(null)),
    {
      code: "preflight_under_way",
    },
  );
});

test("without a controller gates run all the same, and it is said that nothing keeps others away", async () => {
  const { plan, calls, told } = scene(["controller_unreachable"]);
  assert.equal(await underLease(plan, (lease) => Promise.resolve(lease)), null);
  assert.deepEqual(calls, ["take"]);
  assert.match(told[0] ?? "", /^no controller keeps others from running gates of coder meanwhile/);
});

test("a controller that is away for a while is asked again, and one that says that others took over ends the gates", async () => {
  const { plan, calls, told } = scene([
    null,
    "controller_unreachable",
    null,
    "preflight_superseded",
  ]);
  const work = underLease(plan, (_, signal) => until(calls, 1_000, signal));
  await assert.rejects(work, { code: "preflight_superseded" });
  assert.deepEqual(calls, ["take", "renew 7", "renew 7", "renew 7", "end 7"]);
  assert.deepEqual(told, [
    "the lease to run gates of coder is not renewed (it is controller_unreachable)\n",
  ]);
});
