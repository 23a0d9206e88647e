// slipway rollout plan, against a controller that answers by script.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logNormalLatency, plan, type SequentialGuard } from "@slipway/core";
import { scriptedController } from "./scripted-controller.ts";
import { type Ran, slipway } from "./slipway.ts";
import { sequentialViews } from "./watch/sequential-views.ts";
import { views } from "./watch/views.ts";

const stage = views["stage"];
assert.ok(stage);
const sequential = sequentialViews(stage)["sequential-waiting"];
assert.ok(sequential);
const ACCEPTANCE: SequentialGuard = {
  ...{ id: "acceptance", test: "sequential", segment: null, weight: 1, action: "block" },
  metric: { kind: "events", event: "acceptance" },
  comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.02 },
  windowMs: 300_000,
};
const { policy } = sequential;
const VIEW = {
  ...plan(
    { ...policy, guards: [...policy.guards, ACCEPTANCE] },
    {
      perMinute: 1_000,
      requests: null,
      errorRate: 0.01,
      latency: { total: logNormalLatency(400, 2_000), ttft: null, tpot: null },
      segments: [],
      buckets: null,
    },
  ),
  model: "chat",
  from: "a",
  to: "b",
  source: {
    evidence: { rolloutId: "r-1", version: "a", fromMs: 0, toMs: 3_600_000, requests: 57_000 },
    given: ["error rate"],
  },
};

type After = { after: (clean: () => void) => void };

async function planned(
  t: After,
  ...flags: readonly string[]
): Promise<Ran & { readonly asked: readonly unknown[] }> {
  const controller = await scriptedController({ "POST /v1/models/chat/plan": { body: VIEW } });
  t.after(controller.close);
  const ran = await slipway(
    ["rollout", "plan", "chat", "--to", "b", ...flags, "--controller", controller.url],
    {},
  );
  return { ...ran, asked: controller.asked.map(({ body }) => body) };
}

test("a plan says what it rests on, how long each stage takes and what it will see", async (t) => {
  const { code, out } = await planned(t);
  assert.equal(code, 0);
  assert.match(
    out,
    /^chat from a to b, for 1,000 requests a minute of which 1% fail \(57,000 requests that a answered in rollout r-1 until 1970-01-01 01:00 UTC; given: error rate\)\n/,
  );
  assert.match(
    out,
    /\nstage 5%: at least 10 min; a healthy candidate leaves it after \S+ min \(9 in 10: \S+ min\)\n/,
  );
  assert.match(
    out,
    /errors .*everybody .*sees \S+x with 50%, \S+x with 90% by its end .*1% to 2% takes \S+ min\n/,
  );
  assert.match(out, /\nA healthy candidate reaches its last stage after /);
  assert.match(
    out,
    /\nWhat it will not see:\n {2}- errors: a failure rate that grows from 1% to less than/,
  );
});

test("a plan says until when stages wait for what users say, and what that would come to", async (t) => {
  const { out } = await planned(t);
  assert.match(
    out,
    /\nWhere users and their clients say much \(acceptance\), each stage waits for that until \S+ \S+ after its beginning at most: then it reaches its last stage after up to \d.* and is completed after up to \d/,
  );
});

test("figures that are given are sent in base units", async (t) => {
  const { asked } = await planned(
    t,
    ...["--requests-per-minute", "1000", "--error-rate", "1%"],
    ...["--p50", "400ms", "--p99", "2s"],
  );
  assert.deepEqual(asked, [
    {
      to: "b",
      requestsPerMinute: 1_000,
      errorRate: 0.01,
      latency: { total: { p50Ms: 400, p99Ms: 2_000 } },
    },
  ]);
});

test("half a latency and a share without its sign are refused before anything is asked", async (t) => {
  const half = await planned(t, "--p50", "400ms");
  assert.deepEqual([half.code, half.asked], [2, []]);
  assert.match(half.err, /--p50 and --p99 go together/);
  const sign = await planned(t, "--error-rate", "1");
  assert.deepEqual([sign.code, sign.asked], [2, []]);
  assert.match(sign.err, /did you mean/);
});
