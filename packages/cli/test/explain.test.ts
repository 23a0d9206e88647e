// slipway rollout explain, against a controller that answers by script.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Explanation } from "@slipway/wire";
import { scriptedController } from "./scripted-controller.ts";
import { type Ran, slipway } from "./slipway.ts";
import { sequentialViews } from "./watch/sequential-views.ts";
import { START_MS, views } from "./watch/views.ts";

const stage = views["stage"];
assert.ok(stage);
const alarm = sequentialViews(stage)["sequential-alarm"];
const verdict = alarm?.verdicts.find(({ guard }) => guard === "errors");
assert.ok(alarm && verdict);

const because = { code: "guard", text: verdict.text, guard: "errors", limit: 1 };
const counts = { candidate: { n: 1_200, bad: 37 }, stable: { n: 22_800, bad: 228 } };
const EXPLANATION: Explanation = {
  rolloutId: alarm.id,
  model: alarm.model,
  from: alarm.from,
  to: alarm.to,
  atMs: START_MS,
  phase: { kind: "stage", stage: 1, sinceMs: 0, confirmedAtMs: 0 },
  stages: [5, 25, 50, 100],
  evidence: { watermark: 41, endMs: START_MS - 12_000, missing: ["edge-2"] },
  decision: { kind: "move", move: { kind: "roll-back" }, because },
  requirements: [{ code: "hold", met: false, progress: 0.4, text: "held 4 min of 10 min" }],
  guards: [
    {
      action: "roll-back",
      verdict: { ...verdict, interval: { low: 1.68, high: 5.66, confidence: 0.99, always: true } },
      grounds: {
        ticks: 12,
        counts,
        edgesMs: [],
        withoutReplica: {},
        temper: 1.4,
        proofTemper: 1.7,
        setApart: { bucket: 4, share: 0.098, logE: 2.3 },
        segments: [
          { segment: "python", logE: Math.log(512), counts, named: true },
          { segment: "go", logE: Math.log(0.5), counts, named: false },
        ],
      },
    },
  ],
  trends: [],
  split: null,
  representation: null,
  recorded: {
    sequence: 7,
    atMs: START_MS,
    decided: "roll-back",
    because,
    by: null,
    replayed: "same",
  },
};

type After = { after: (clean: () => void) => void };

async function explained(
  t: After,
  answer: Explanation,
  ...flags: readonly string[]
): Promise<Ran & { readonly paths: readonly string[] }> {
  const path = "GET /v1/rollouts/r-1/explanation";
  const controller = await scriptedController({
    [path]: { body: answer },
    [`${path}?atMs=${START_MS}`]: { body: answer },
  });
  t.after(controller.close);
  const args = ["rollout", "explain", "r-1", ...flags, "--controller", controller.url];
  return { ...(await slipway(args, {})), paths: controller.asked.map((asked) => asked.path) };
}

test("an explanation has the decision, its replay, every guard's interval and counts", async (t) => {
  const { code, out } = await explained(t, EXPLANATION);
  assert.equal(code, 0);
  assert.equal(
    out,
    `rollout r-4f7a2c of code-assistant from gpt-5.0 to gpt-5.3, 2026-01-15T09:00:00.000Z, stage 25%
  roll-back: error ratio at least 1.68x (99%), limit 1x; evidence 342 of 200 (3.1% against 1%)
  journal entry 7, 2026-01-15T09:00:00.000Z: roll-back, error ratio at least 1.68x (99%), limit 1x; evidence 342 of 200 (3.1% against 1%)
  made again from what is stored, it comes out the same
  evidence up to tick 41, 12 s before; without edge-2, so that nothing passes

guards
  ✗ errors (roll-back): error ratio at least 1.68x (99%), limit 1x; evidence 342 of 200 (3.1% against 1%)
      interval: 1.68x to 5.66x, limit 1x (99%, at all looks together)
      evidence of harm: 342 of 200
      evidence that it is below 1.5x: 0 of 20
      counts in 12 ticks: 37 of 1,200 on the candidate were bad, 228 of 22,800 on stable were bad
      users differ: evidence of harm is divided by 1.4, evidence against it by 1.7
      evidence against harm leaves out group 4 of 20 by user key: 9.8% of requests came from it, so that a heavy user is in it; evidence of harm counts it, and would be 9.97 without
      in python: evidence 512, worse by itself; 37 of 1,200 on the candidate were bad, 228 of 22,800 on stable were bad
      in go: evidence 0.5; 37 of 1,200 on the candidate were bad, 228 of 22,800 on stable were bad

to go on
  … held 4 min of 10 min
`,
  );
});

test("a decision that does not come out the same is told, with exit code 1", async (t) => {
  const recorded = { ...EXPLANATION.recorded, replayed: "it saw a, but made again it is b" };
  const { code, out } = await explained(t, { ...EXPLANATION, recorded } as Explanation);
  assert.equal(code, 1);
  assert.match(out, /MADE AGAIN IT IS NOT THE SAME: it saw a/);
});

test("a moment is asked for by its time, and refused where it is none", async (t) => {
  const { paths } = await explained(t, EXPLANATION, "--at", "2026-01-15T09:00:00Z");
  assert.deepEqual(paths, [`/v1/rollouts/r-1/explanation?atMs=${START_MS}`]);
  const wrong = await explained(t, EXPLANATION, "--at", "yesterday");
  assert.deepEqual([wrong.code, wrong.paths], [2, []]);
});
