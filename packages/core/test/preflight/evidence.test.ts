// What evidence of gates is worth when a rollout starts: a golden table.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  eventText,
  type GateEvidence,
  type GateOutcome,
  overriddenGatesText,
  type PreflightPolicy,
  type RolloutEvent,
  standingsOf,
} from "@slipway/core";
import { POLICY } from "../rollout-fixture.ts";

const DAY_MS = 86_400_000;
const NEEDS: PreflightPolicy = { required: ["prompts"], evidenceAgeMsMax: 7 * DAY_MS };
const FROM = { version: "v1", fingerprint: "f1" };
const TO = { version: "v2", fingerprint: "f2" };
const NOW_MS = 100 * DAY_MS;

function found(outcome: GateOutcome, changes: Partial<GateEvidence> = {}): GateEvidence {
  return {
    from: FROM,
    to: TO,
    result: { gate: "prompts", outcome, because: "3 of 40", figures: [], details: null },
    grade: "A",
    settings: "s1",
    atMs: NOW_MS - DAY_MS,
    by: "ann",
    slipwayVersion: "0.1.0",
    ...changes,
  };
}

type Row = readonly [string, readonly GateEvidence[], string | null];

const TABLE: readonly Row[] = [
  ["a pass of yesterday", [found("pass")], null],
  ["what does not apply", [found("not-applicable")], null],
  ["nothing", [], "has not run"],
  ["a failure", [found("fail")], "failed: 3 of 40"],
  ["what could not tell", [found("inconclusive")], "could not tell: 3 of 40"],
  [
    "a pass of eight days ago",
    [found("pass", { atMs: NOW_MS - 8 * DAY_MS })],
    "passed 192 h ago, and evidence counts for 168 h",
  ],
  [
    "a pass of the same name with other weights",
    [found("pass", { to: { ...TO, fingerprint: "f2 of last week" } })],
    "has not run with these versions as they are now",
  ],
  [
    "a pass against another stable version",
    [found("pass", { from: { version: "v0", fingerprint: "f0" } })],
    "has not run with these versions as they are now",
  ],
  [
    "a pass of sums alone",
    [found("pass", { grade: "C" })],
    "passed with sums alone (grade C), which cannot let a rollout start",
  ],
  ["a failure of sums alone", [found("fail", { grade: "C" })], "failed: 3 of 40"],
  [
    "a pass before a failure",
    [found("pass", { atMs: NOW_MS - 2 * DAY_MS }), found("fail")],
    "failed: 3 of 40",
  ],
  ["a failure before a pass", [found("fail", { atMs: NOW_MS - 2 * DAY_MS }), found("pass")], null],
];

test("a pass with other settings, or other files, than those that were applied is none", () => {
  const lacks = (settings: PreflightPolicy["settings"], taken: string | null): string | null => {
    const needs = settings === undefined ? NEEDS : { ...NEEDS, settings };
    const starting = { from: FROM, to: TO, atMs: NOW_MS, drift: [] };
    return standingsOf(needs, [found("pass", { settings: taken })], starting)[0]?.lacks ?? null;
  };
  const other = "has not run with its settings, and what is in its files, as they were applied";
  assert.equal(lacks({ prompts: "s1" }, "s1"), null);
  assert.equal(lacks({ prompts: "s2" }, "s1"), other);
  assert.equal(lacks({ prompts: "s1" }, null), other, "what it was taken with is not known");
  assert.equal(lacks({ command: "s2" }, "s1"), null, "of another gate");
  assert.equal(lacks(undefined, null), null, "nobody said what it should be");
});

for (const [what, evidence, lacks] of TABLE) {
  test(`${what} ${lacks === null ? "lets a rollout start" : `lacks: ${lacks}`}`, () => {
    const [standing] = standingsOf(NEEDS, evidence, {
      from: FROM,
      to: TO,
      atMs: NOW_MS,
      drift: [],
    });
    assert.equal(standing?.lacks, lacks);
  });
}

test("evidence of a version that has changed under its name since is void, and what is found later counts", () => {
  const lacks = (fingerprint: string, atMs: number): string | null => {
    const alarm = { version: "v2", fingerprint, atMs, by: "the schedule", text: "4 of 20" };
    const drift = [{ ...alarm, kind: "alarm" as const }];
    const starting = { from: FROM, to: TO, atMs: NOW_MS, drift };
    return standingsOf(NEEDS, [found("pass")], starting)[0]?.lacks ?? null;
  };
  const voided = "has not run since v2 changed under its name: 4 of 20";
  assert.equal(lacks("f2", NOW_MS - DAY_MS / 2), voided);
  assert.equal(lacks("f1", NOW_MS - DAY_MS / 2), voided, "stable, too");
  assert.equal(lacks("f2", NOW_MS - 2 * DAY_MS), null, "it changed before the gate ran");
  assert.equal(lacks("f3", NOW_MS), null, "of another version");
});

test("a journal's first entry, and so a postmortem's timeline, tells what was overridden", () => {
  const overridden = { atMs: NOW_MS, by: "ann", reason: "measured by hand" };
  const gates = [
    { gate: "load", outcome: null, because: "has not run", atMs: null, overridden },
  ] as const;
  const event: RolloutEvent = {
    type: "started",
    atMs: NOW_MS,
    table: 2,
    rollout: {
      id: "r",
      model: "m",
      from: "v1",
      to: "v2",
      policy: POLICY,
      startedBy: "ann",
      reason: "new",
      gates,
    },
  };
  assert.equal(
    eventText(event, POLICY, () => "an operator").why,
    "new (an operator); although the gate load has not run, by an operator: measured by hand",
  );
});

test("history says of each gate that was overridden what it had found, and why", () => {
  const overridden = { atMs: NOW_MS, by: "ann", reason: "measured by hand" };
  const gate = {
    gate: "prompts",
    outcome: "fail",
    because: "3 of 40",
    atMs: 1,
    overridden,
  } as const;
  const texts = overriddenGatesText([gate, { ...gate, overridden: null }], () => "an operator");
  assert.deepEqual(texts, [
    "although the gate prompts failed (3 of 40), by an operator: measured by hand",
  ]);
});
