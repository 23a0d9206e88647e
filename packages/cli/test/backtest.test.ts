// slipway backtest: which policies it sends, what it says, and its exit codes; against a scripted controller.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type BacktestReport, backtestSummary } from "@slipway/core";
import type { BacktestRequest, BacktestView } from "@slipway/wire";
import { scriptedController } from "./scripted-controller.ts";
import { type Ran, scratch, slipway } from "./slipway.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 15, 9);
const broke = { code: "guard", text: "P99 latency 1 s is 2x stable's (limit 1.5x)", guard: "p99" };
const met = { code: "requirements", text: "held 10 min of 10 min" };

const REPORT: BacktestReport = {
  rolloutId: "r-4f7a2c",
  model: "code-assistant",
  from: "gpt-5.0",
  to: "gpt-5.3",
  startedAtMs: START,
  isOwn: false,
  same: 4,
  real: {
    outcome: "completed",
    phase: "completed",
    atMs: START + 90 * MINUTE,
    percent: 100,
    steps: [
      { atMs: START, move: { kind: "advance", stage: 0 }, percent: 5, because: met, by: null },
      {
        atMs: START + 90 * MINUTE,
        move: { kind: "complete" },
        percent: 100,
        because: met,
        by: null,
      },
    ],
  },
  tried: {
    outcome: "rolled-back",
    phase: "rolled-back",
    atMs: START + 12 * MINUTE,
    percent: 5,
    steps: [
      { atMs: START, move: { kind: "advance", stage: 0 }, percent: 5, because: met, by: null },
      {
        atMs: START + 12 * MINUTE,
        move: { kind: "roll-back" },
        percent: 0,
        because: broke,
        by: null,
      },
    ],
  },
  fork: {
    atMs: START + 10 * MINUTE,
    recorded: { did: "advance to 25%", because: met },
    tried: { did: "hold", because: { code: "guard", text: "p99: it waits" } },
  },
  harm: {
    real: { requests: 48_000, bad: 40, spared: 38, unknown: 0, users: 9_000 },
    tried: { requests: 1_200, bad: 3, spared: 3, unknown: 0, users: 450 },
  },
  unknown: ["evidence was thinned", "load stays the recorded one"],
};

const ALIKE: BacktestReport = {
  ...REPORT,
  fork: null,
  tried: REPORT.real,
  isOwn: true,
  unknown: [],
};

function viewOf(...reports: readonly BacktestReport[]): BacktestView {
  return { reports, summary: backtestSummary(reports), skipped: [] };
}

const POLICY_ONLY = "stages:\n  - {share: 10%}\n  - {share: 100%}\n";
const WHOLE = `models:
  chat:
    stable: a
    versions:
      a: {upstreams: [{url: "http://127.0.0.1:9000/v1"}]}
    policy: {bake: 2h}
`;

type After = { after: (clean: () => void) => void };

async function backtested(
  t: After,
  view: BacktestView,
  file: string,
  ...flags: readonly string[]
): Promise<Ran & { readonly asked: BacktestRequest | undefined }> {
  const path = join(
    scratch((clean) => t.after(clean)),
    "policy.yaml",
  );
  writeFileSync(path, file);
  const controller = await scriptedController({ "POST /v1/backtest": { body: view } });
  t.after(controller.close);
  const args = ["backtest", "--policy", path, "--controller", controller.url, ...flags];
  const ran = await slipway(args);
  return { ...ran, asked: controller.asked[0]?.body as BacktestRequest | undefined };
}

test("what happened, what would have, where they parted, who was spared and what is not known", async (t) => {
  const { code, out } = await backtested(t, viewOf(REPORT), POLICY_ONLY);
  assert.equal(code, 1);
  for (const line of [
    /^r-4f7a2c {2}code-assistant {2}gpt-5.0 → gpt-5.3 {2}started 2026-01-15 09:00 UTC$/m,
    /^ {2}happened {4}completed after 1.5 h$/m,
    /^ {2}would have {2}rolled back from 5% after 12 min: P99 latency 1 s is 2x stable's/m,
    /^ {2}parted {6}after 10 min$/m,
    /what it did: advance to 25% \(held 10 min of 10 min\)/,
    /what this would have done: hold \(p99: it waits\)/,
    /^ {2}candidate {3}48,000 requests of about 9,000 users, 40 failed \(38 hidden by replay\)$/m,
    /would have: 1,200 requests of about 450 users, 3 failed/,
    /^ {2}not known {3}evidence was thinned$/m,
    /1 completed: 1 would have been rolled back, 0 not done/,
  ]) {
    assert.match(out, line);
  }
});

test("a rollout that goes the same way is told in a line, and is no failure", async (t) => {
  const { code, out } = await backtested(t, viewOf(ALIKE), POLICY_ONLY);
  assert.equal(code, 0);
  assert.match(out, /gone the same way: 4 decisions made again, all alike \(its own policy\)/);
  assert.match(out, /1 rollout tried, 1 the same way/);
});

test("a file with nothing but a policy is for any model, a slipway.yaml for those that it names", async (t) => {
  const any = await backtested(t, viewOf(ALIKE), POLICY_ONLY, "--rollout", "r-4f7a2c");
  assert.deepEqual(
    any.asked?.policies.map(({ model }) => model),
    [null],
  );
  assert.equal(any.asked?.rolloutId, "r-4f7a2c");
  assert.deepEqual(
    any.asked?.policies[0]?.policy.stages.map(({ percent }) => percent),
    [10, 100],
  );
  const named = await backtested(t, viewOf(ALIKE), WHOLE, "--model", "chat", "--json");
  assert.deepEqual(
    named.asked?.policies.map(({ model }) => model),
    ["chat"],
  );
  assert.equal(named.asked?.policies[0]?.policy.bakeMs, 7_200_000);
  assert.equal(named.asked?.model, "chat");
  assert.deepEqual(JSON.parse(named.out), viewOf(ALIKE));
});

test("what is wrong with a policy is said with its place, and nothing is asked", async (t) => {
  const broken = await backtested(t, viewOf(), "stages:\n  - {share: 50%}\n  - {share: 20%}\n");
  assert.equal(broken.code, 2);
  assert.match(broken.err, /policy.yaml:3:13: this stage's 20% is not more than the 50% before it/);
  assert.match(broken.err, /the last stage is 20%, not 100%/);
  assert.equal(broken.asked, undefined);
  const unknown = await backtested(t, viewOf(), "stagez: []\n");
  assert.match(unknown.err, /policy.yaml:1:1: policy has no key "stagez"/);
});
