// The draft of a postmortem has every section, its numbers, and no blame; the lint finds what is missing and what blames.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Incident, postmortemDraft, postmortemProblems } from "@slipway/core";
import { incidentsIn, ROLLED_BACK } from "./incident-fixture.ts";
import { tickOf } from "./rollout-fixture.ts";

function incident(): Incident {
  const ticks = Array.from({ length: 24 }, (_, tick) =>
    tickOf(tick, {
      stable: { n: 750, latencyMs: 200 },
      candidate: { n: 250, latencyMs: tick < 17 ? 200 : 1_000 },
    }),
  );
  const [found] = incidentsIn(ROLLED_BACK, ticks);
  assert.ok(found);
  return found;
}

const DRAFT = postmortemDraft(incident(), null);

function rulesOf(text: string): readonly string[] {
  return postmortemProblems(text).map(({ rule }) => rule);
}

/** As people leave it: every mark answered, an action with all that it needs. */
function written(draft: string = DRAFT): string {
  return draft
    .replaceAll(/\*\*To be written:\*\*.*/g, "Capacity was sized for half of this load.")
    .replaceAll(/^\| (Owner|Authors|Responders|Review) \|.*$/gm, "| $1 | the owning team |")
    .replace("|  |  |  |  |  |", "| Size for 25% | prevention | the owning team | 2026-02-01 | |");
}

test("a draft has the incident's numbers where the incident knows", () => {
  for (const part of [
    /^# Postmortem: code-assistant, gpt-5\.0 to gpt-5\.3$/m,
    /^\| Severity \| critical \|$/m,
    /Of the model's 5,000 requests 1,250 \(25%\) were harmed, which is critical: on the candidate, beyond what stable had, 1,250 took over 40\d ms\./,
    /It was detected 45 s after it began\. It was mitigated 46 s after it began\./,
    /last got more users at 1970-01-01 00:02:00: advanced to 25%\. The harm shows from 50 s after that on\./,
    /^\| candidate \| 1,250 \| 0 \| 0 \(\+0\) \| 0 \| 1,250 \(\+1,250\) \| 0 \(\+0\) \| 1,250 \|/m,
    /by the guard p99-latency\./,
    /That took 400 ms from the decision\./,
    /^\| 1970-01-01 00:02:50 \| evidence \| harm began \|/m,
    /slipway rollout explain r-1`: .*`--at 1970-01-01T00:03:35\.000Z`/,
  ]) {
    assert.match(DRAFT, part);
  }
});

test("a draft names nobody, blames nobody, and lacks only what people must write", () => {
  assert.doesNotMatch(DRAFT, /\bann\b/);
  const rules = new Set(rulesOf(DRAFT));
  assert.deepEqual([...rules].sort(), ["action", "unwritten"]);
});

test("once its questions are answered and an action has type, owner and date, nothing is left", () => {
  assert.deepEqual(postmortemProblems(written()), []);
});

test("a section that is gone, or empty, is found", () => {
  const without = written().replace(/## Detection\n[\s\S]*?(?=## Response)/, "");
  assert.deepEqual(postmortemProblems(without), [
    { rule: "missing", line: null, text: 'there is no section "Detection"' },
  ]);
  const empty = written().replace(/(## Recurrence\n)[\s\S]*?(?=## )/, "$1\n");
  assert.deepEqual(rulesOf(empty), ["empty"]);
  assert.deepEqual(rulesOf(written().replace(/^\| Owner .*$/m, "")), ["missing"]);
  assert.ok(rulesOf("").every((rule) => rule === "missing"));
});

test("an action without a type, an owner or a date is told what it lacks", () => {
  const [problem, ...others] = postmortemProblems(
    written().replace("| prevention | the owning team | 2026-02-01 |", "| soon |  | 2026-02-01 |"),
  );
  assert.equal(others.length, 0);
  assert.match(problem?.text ?? "", /lacks a type \(prevention, .*\), an owner$/);
});

test("sentences that blame are found with their line, and what to ask instead", () => {
  const sentences = [
    "The on-call engineer should have seen it.",
    "Ann failed to check the dashboard.",
    "It was human error.",
    "The review was careless.",
    "Bob broke the build.",
    "It is the platform team's fault.",
    "They forgot the runbook.",
  ];
  for (const sentence of sentences) {
    const text = written().replace("## Root causes\n", `## Root causes\n\n${sentence}\n`);
    const problems = postmortemProblems(text);
    assert.ok(problems.length > 0, sentence);
    for (const { rule, line } of problems) {
      assert.equal(rule, "blame", sentence);
      assert.equal(text.split("\n")[(line ?? 0) - 1], sentence);
    }
  }
  const fair = "The dashboard showed the mean, so that the tail could not be seen on it.";
  assert.deepEqual(rulesOf(written().replace("## Fault\n", `## Fault\n\n${fair}\n`)), []);
});
