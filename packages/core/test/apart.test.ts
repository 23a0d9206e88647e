// Requests that were not split by lot: what they may tell about a candidate, and what not.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  decide,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyRow,
  type Guard,
  type Rollout,
  record,
  type Via,
} from "@slipway/core";
import { rolloutIn } from "./rollout-fixture.ts";

const ERRORS: Guard = {
  id: "errors",
  test: "sequential",
  segment: null,
  weight: 1,
  metric: { kind: "events", event: "errors" },
  comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
  windowMs: 60_000,
  action: "roll-back",
};

function atStage(stage: number): Rollout {
  const phase = { kind: "stage", stage, sinceMs: 0, confirmedAtMs: 0 } as const;
  return rolloutIn(phase, { guards: [ERRORS] });
}

type Facts = readonly [arm: EvidenceRow["arm"], via: Via, n: number, bad: number];

function row([arm, via, n, bad]: Facts, tick: number): EvidenceRow {
  const made = emptyRow({ rolloutId: "r-1", table: 1, tick, arm, via, segment: "all" });
  made.arrivals = n;
  made.judged = n;
  made.outcomes = { ok: n - bad, server_error: bad };
  for (let i = 0; i < n - bad; i++) record(made.latency.total, 100);
  return made;
}

/** So many ticks of the same. */
function after(rollout: Rollout, ticks: number, ...facts: readonly Facts[]): Evidence {
  let evidence = emptyEvidence(1);
  for (let tick = 0; tick < ticks; tick++) {
    const rows = facts.map((one) => row(one, tick));
    const endMs = (tick + 1) * 10_000;
    evidence = absorb(evidence, rollout, { rolloutId: "r-1", tick, endMs, missing: [], rows });
  }
  return evidence;
}

function shareOf(rollout: Rollout, evidence: Evidence): { met: boolean; text: string } {
  const judged = decide({ rollout, evidence }, 100_000).requirements;
  const share = judged.find(({ code }) => code === "share");
  assert.ok(share);
  return share;
}

test("rings, exclusions and kept conversations do not look like a wrong share", () => {
  const rollout = atStage(1);
  const split: readonly Facts[] = [
    ["stable", "split", 300, 0],
    ["candidate", "split", 100, 0],
  ];
  const apart: readonly Facts[] = [
    ["candidate", "ring", 900, 0],
    ["stable", "excluded", 50, 0],
    ["stable", "kept", 70, 0],
  ];
  const { met, text } = shareOf(rollout, after(rollout, 1, ...split, ...apart));
  assert.ok(met);
  assert.equal(
    text,
    "candidate gets 25% of requests, the stage says 25%; 900 of rings, 50 excluded, 70 kept on stable by their conversation",
  );
});

test("a split that gives the candidate nobody is off, however many a ring brings", () => {
  const rollout = atStage(1);
  const facts: readonly Facts[] = [
    ["stable", "split", 400, 0],
    ["candidate", "ring", 900, 0],
  ];
  assert.equal(shareOf(rollout, after(rollout, 1, ...facts)).met, false);
});

test("a stage too small for its split to be told may pass on what its ring brings", () => {
  const rollout = atStage(0);
  const facts: readonly Facts[] = [
    ["stable", "split", 200, 0],
    ["candidate", "ring", 900, 0],
  ];
  assert.equal(shareOf(rollout, after(rollout, 1, ...facts)).met, true);
});

test("a ring whose requests fail breaks a guard", () => {
  const rollout = atStage(0);
  const evidence = after(rollout, 12, ["stable", "split", 200, 2], ["candidate", "ring", 60, 30]);
  const { decision } = decide({ rollout, evidence }, 200_000);
  assert.deepEqual(decision.kind === "move" ? decision.move : decision, { kind: "roll-back" });
});

test("a ring whose requests are well lets nothing pass: its members were not drawn by lot", () => {
  const rollout = atStage(0);
  const well = (via: Via): string | undefined => {
    const facts: readonly Facts[] = [
      ["stable", "split", 2_000, 20],
      ["candidate", via, 2_000, 20],
    ];
    const evidence = after(rollout, 60, ...facts);
    return decide({ rollout, evidence }, 700_000).verdicts[0]?.status;
  };
  assert.equal(well("split"), "pass");
  assert.equal(well("ring"), "wait");
});

test("excluded users who fail are no baseline that excuses the candidate", () => {
  const rollout = atStage(1);
  const facts: readonly Facts[] = [
    ["stable", "split", 300, 3],
    ["stable", "excluded", 300, 150],
    ["candidate", "split", 100, 20],
  ];
  const { decision } = decide({ rollout, evidence: after(rollout, 12, ...facts) }, 200_000);
  assert.equal(decision.kind, "move");
});
