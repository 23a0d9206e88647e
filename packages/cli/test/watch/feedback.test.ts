// What `rollout watch` shows of feedback: nothing until anybody has said anything, and then who takes the answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeedbackView, RolloutView } from "@slipway/wire";
import { renderWatch } from "slipway";
import { base, START_MS } from "./views.ts";

function told(accepted: number, rejected: number, crashes: number): FeedbackView {
  const reports = crashes > 0 ? 9 : 0;
  const health = { reports, crashes, memoryP95MiB: null, uiP95Ms: null, versions: {} };
  return { accepted, rejected, ratings: { up: 0, neutral: 0, down: 0 }, reasons: {}, health };
}

function lines(stable: FeedbackView | null, candidate: FeedbackView | null): string {
  const { totals } = base;
  const view: RolloutView = {
    ...base,
    totals: {
      stable: { ...totals.stable, feedback: stable },
      candidate: { ...totals.candidate, feedback: candidate },
    },
  };
  return renderWatch(view, { width: 120, colour: false, nowMs: START_MS }).join("\n");
}

test("acceptance and crashes have columns once there are any", () => {
  assert.doesNotMatch(lines(null, null), /accepted|crashes/);
  const both = lines(told(300, 100, 0), told(10, 30, 4));
  assert.match(both, /errors +accepted +crashes +requests/);
  assert.match(both, /stable .* 75% +0 /);
  assert.match(both, /candidate .* 25% +4 /);
  assert.match(lines(told(1, 1, 0), null), /candidate .* – /);
});
