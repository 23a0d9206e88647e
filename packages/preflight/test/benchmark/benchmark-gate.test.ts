// The gate `benchmark` with versions that answer as a test says: what passes, what fails by which number, and what
// cannot be told.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CaseLine, Figure, Lesson } from "@slipway/core";
import {
  type Answer,
  type Ask,
  type GateContext,
  type GateFinding,
  gates,
  type Outcome,
} from "@slipway/preflight";
import { scoringPorts } from "@slipway/preflight/edge";
import type { BenchmarkGate } from "@slipway/wire/config";
import { surroundings } from "../surroundings.ts";
import { SETTINGS as DEFAULTS } from "./settings.ts";

const SETTINGS: BenchmarkGate = { ...DEFAULTS, data: ["items.jsonl"] };

function answer(text: string, more: Partial<Answer> = {}): Answer {
  return {
    kind: "answer",
    text,
    refusal: null,
    toolCalls: [],
    finishReason: "stop",
    usage: { promptTokens: 10, completionTokens: 5, cachedTokens: 0 },
    ttftMs: 20,
    totalMs: 100,
    gapMsMax: 5,
    pieces: 3,
    ...more,
  };
}

/** What a version answers to a prompt; the judge is a version too. */
type Says = (version: string, prompt: string) => Outcome;

function asks(says: Says): Ask {
  return ({ endpoint, body }) => {
    const text = JSON.stringify(body["messages"]);
    return Promise.resolve(says(endpoint.model, text));
  };
}

type Item = { readonly id: string; readonly tags?: readonly string[]; readonly family?: string };

function jsonl(items: readonly Item[], expect: object = { exact: "right" }): string {
  return items
    .map((item) => JSON.stringify({ prompt: `<${item.id}>`, expect, ...item }))
    .join("\n");
}

function many(count: number, tags: readonly string[] = []): readonly Item[] {
  return Array.from({ length: count }, (_, index) => ({ id: `item-${index}`, tags }));
}

function found(
  files: Readonly<Record<string, string>>,
  says: Says,
  settings: Partial<BenchmarkGate> = {},
  more: Partial<GateContext<BenchmarkGate>> = {},
): Promise<GateFinding> {
  const read = (path: string): Promise<string> => {
    const text = files[path];
    assert.ok(text !== undefined, `nobody wrote ${path}`);
    return Promise.resolve(text);
  };
  return gates.benchmark.run({
    ...surroundings({ ask: asks(says), files: { read }, scoring: scoringPorts }),
    settings: { ...SETTINGS, ...settings },
    before: [],
    progress: () => undefined,
    ...more,
  });
}

function figure({ figures }: GateFinding, name: string, of: string | null = null): Figure {
  const one = figures.find((each) => each.name === name && each.of === of);
  assert.ok(one !== undefined, `no ${name} in ${figures.map((each) => each.name).join(", ")}`);
  return one;
}

const DIFFERENCE = "right answers, candidate less stable";

function numberIn(prompt: string): number {
  return Number(/item-(\d+)/.exec(prompt)?.[1]);
}

test("a version that is right where stable is passes, with what its items can tell", async () => {
  const finding = await found({ "items.jsonl": jsonl(many(200)) }, () => answer("right"));
  assert.equal(finding.outcome, "pass", finding.because);
  const { interval, limit, holds } = figure(finding, DIFFERENCE);
  assert.ok(interval !== null && interval[0] > -0.05 && interval[0] < 0);
  assert.deepEqual([limit, holds], [-0.05, true]);
  assert.equal(figure(finding, "items needed").value, 343);
  assert.equal(figure(finding, "whole answer P50, candidate").value, 100);
});

test("a version that is wrong more often fails by its number, and says on what", async () => {
  const says: Says = (version, prompt) =>
    answer(version === "v2" && numberIn(prompt) % 5 === 0 ? "wrong" : "right");
  const finding = await found({ "items.jsonl": jsonl(many(100)) }, says);
  assert.equal(finding.outcome, "fail");
  assert.match(finding.because, /^80% right against 100%: right on 0 .* wrong on 20 /);
  assert.deepEqual(JSON.parse(JSON.stringify(finding.details)).lost[1], {
    id: "item-5",
    because: 'is "wrong", not "right"',
  });
});

test("few items cannot tell, and the number that could is named", async () => {
  const finding = await found({ "items.jsonl": jsonl(many(10)) }, () => answer("right"));
  assert.equal(finding.outcome, "inconclusive");
  assert.match(finding.because, /cannot be excluded \(margin 5.0 points, about 343 items needed\)/);
});

test("harm to one tag fails though the whole would not show it", async () => {
  const items = [
    ...many(380, ["python"]),
    ...many(20, ["rust"]).map((one) => ({ ...one, id: `rust-${one.id}` })),
  ];
  const says: Says = (version, prompt) =>
    answer(version === "v2" && prompt.includes("rust-") && numberIn(prompt) < 10 ? "" : "right");
  const finding = await found({ "items.jsonl": jsonl(items) }, says);
  assert.equal(finding.outcome, "fail");
  assert.match(finding.because, /50% right of rust against 100%/);
  assert.equal(figure(finding, DIFFERENCE).holds, true);
  assert.equal(figure(finding, DIFFERENCE, "rust").holds, false);
  assert.equal(figure(finding, DIFFERENCE, "python").holds, true);
});

test("an item that the candidate gives no answer to is wrong", async () => {
  const says: Says = (version, prompt) =>
    version === "v2" && numberIn(prompt) % 4 === 0
      ? {
          kind: "rejection",
          status: 400,
          code: "context_length_exceeded",
          parameter: null,
          totalMs: 1,
        }
      : answer("right");
  const finding = await found({ "items.jsonl": jsonl(many(100)) }, says);
  assert.equal(finding.outcome, "fail");
  assert.equal(figure(finding, "no answer, candidate").value, 0.25);
  assert.match(JSON.stringify(finding.details), /HTTP 400 \(context_length_exceeded\)/);
});

test("a server that is busy tells nothing about its answers", async () => {
  const busy = { kind: "rejection", status: 429, code: null, parameter: null, totalMs: 1 } as const;
  const says: Says = (version, prompt) =>
    version === "v2" && numberIn(prompt) % 4 === 0 ? busy : answer("right");
  const finding = await found({ "items.jsonl": jsonl(many(400)) }, says);
  assert.equal(finding.outcome, "inconclusive");
  assert.match(finding.because, /100 items of 400 could not be compared .* HTTP 429/);
});

test("a stable version that is silent leaves nothing to compare with", async () => {
  const says: Says = (version, prompt) =>
    version === "v1" && numberIn(prompt) < 20
      ? { kind: "failure", because: "timeout", totalMs: 1_000 }
      : answer("right");
  const finding = await found({ "items.jsonl": jsonl(many(300)) }, says);
  assert.equal(finding.outcome, "inconclusive");
  assert.match(finding.because, /20 items of 300 could not be compared .* no whole answer in time/);
});

test("items of one family are told together, not as so many items", async () => {
  const items = Array.from({ length: 400 }, (_, index) => ({
    id: `item-${index}`,
    family: `family-${index % 8}`,
  }));
  const says: Says = (version, prompt) =>
    answer(version === "v2" && numberIn(prompt) % 8 === 0 ? "wrong" : "right");
  const alone = await found({ "items.jsonl": jsonl(items.map(({ id }) => ({ id }))) }, says);
  const together = await found({ "items.jsonl": jsonl(items) }, says);
  assert.equal(alone.outcome, "fail");
  assert.equal(together.outcome, "inconclusive");
});

test("a limit on time fails a slower version by its number", async () => {
  const says: Says = (version, prompt) =>
    answer("right", { totalMs: (version === "v2" ? 300 : 100) + (numberIn(prompt) % 7) });
  const files = { "items.jsonl": jsonl(many(200)) };
  const slow = await found(files, says, { slowerMax: 2 });
  assert.equal(slow.outcome, "fail");
  assert.match(slow.because, /^its whole answers take 2.9\dx as long as stable's \(limit 2x\)/);
  assert.equal((await found(files, says, { slowerMax: 4 })).outcome, "pass");
  const ratio = figure(await found(files, says), "whole answer, candidate to stable");
  assert.ok(ratio.interval !== null && ratio.interval[0] > 2.5 && ratio.interval[1] < 3.5);
});

test("answers that are cut off are no syntax errors, and are counted apart", async () => {
  const expect = { parse: { language: "typescript" } };
  const says: Says = (version, prompt) =>
    version === "v2" && numberIn(prompt) % 2 === 0
      ? answer("const a = [1,", { finishReason: "length" })
      : answer("const a = 1;");
  const finding = await found({ "items.jsonl": jsonl(many(300), expect) }, says);
  assert.equal(finding.outcome, "pass", finding.because);
  assert.equal(figure(finding, "items compared").value, 150);
  assert.equal(figure(finding, "cut off at the length limit, candidate").value, 0.5);
  assert.ok(figure(finding, "syntax errors in 100 nodes, candidate less stable").value > 0);
});

test("names that there are not are found in Python too", async () => {
  const expect = { names: { language: "python", packages: [] } };
  const says: Says = (version) =>
    answer(
      version === "v1" ? "import json\nprint(json.dumps([1]))" : "import left_pad\nprint(pad(1))",
    );
  const { outcome, because } = await found({ "items.jsonl": jsonl(many(20), expect) }, says);
  assert.equal(outcome, "fail", because);
});

test("refusals of what stable answers are counted, the provider's own word first", async () => {
  const says: Says = (version, prompt) =>
    version === "v2" && numberIn(prompt) % 10 === 0
      ? answer("", { refusal: "I may not." })
      : answer("Use kill -9.");
  const finding = await found({ "items.jsonl": jsonl(many(200), { refusal: false }) }, says);
  assert.equal(finding.outcome, "fail");
  assert.equal(figure(finding, "refused, candidate").value, 0.1);
});

const JUDGE = { url: "http://127.0.0.1:9/v1", model: "judge", keyEnv: null };

test("a judge compares blindly: the answer it prefers wins, whichever place it has", async () => {
  const says: Says = (version, prompt) => {
    if (version !== "judge") return answer(version === "v1" ? "good" : "poor");
    const first = /first[^a-z]+(good|poor)/.exec(prompt)?.[1];
    return answer(`{"better":"${first === "good" ? "first" : "second"}"}`);
  };
  const expect = { judge: { criterion: "which is better" } };
  const finding = await found({ "items.jsonl": jsonl(many(60), expect) }, says, { judge: JUDGE });
  assert.equal(finding.outcome, "fail");
  assert.equal(figure(finding, "right answers, candidate").value, 0);
  const first = figure(finding, "judge prefers the first answer").value;
  assert.ok(first > 0.25 && first < 0.75, `${first}: the order is no chance`);
});

test("a judge that only looks at places prefers nobody, and one that cannot be read tells nothing", async () => {
  const expect = { judge: { criterion: "which is better" } };
  const files = { "items.jsonl": jsonl(many(400), expect) };
  const placed: Says = (version) => answer(version === "judge" ? '{"better":"first"}' : "text");
  const biased = await found(files, placed, { judge: JUDGE, margin: 0.2 });
  assert.equal(biased.outcome, "pass", biased.because);
  assert.equal(figure(biased, "judge prefers the first answer").value, 1);
  const silent = await found(files, () => answer("I would rather not."), { judge: JUDGE });
  assert.equal(silent.outcome, "inconclusive");
  assert.match(silent.because, /said 19 characters without any object, which names neither answer/);
  assert.doesNotMatch(silent.because, /rather/, "what an upstream says is not shown");
  const none = await found(files, () => answer(""));
  assert.equal(none.because, "400 items need a judge, and benchmark has none");
});

test("a key of the judge that is not set is named before anything is asked", async () => {
  const expect = { judge: { criterion: "which is better" } };
  const files = { "items.jsonl": jsonl(many(5), expect) };
  const settings = { judge: { ...JUDGE, keyEnv: "JUDGE_KEY" } };
  const unasked: Says = () => assert.fail("asked");
  await assert.rejects(
    found(files, unasked, settings, { secret: () => null }),
    /JUDGE_KEY, the key of the judge at .* is not set/,
  );
});

const isolation = await scoringPorts.isolation();
if (isolation.kind === "found") isolation.release();
const skip = isolation.kind === "none" && `this machine isolates no programs: ${isolation.because}`;

test("unit tests run in isolation, and a version whose code does harm fails them", {
  skip,
}, async () => {
  const tests = {
    language: "typescript",
    before: "const four = function (): number {\n",
    code: "if (four() !== 4) throw new Error('not four')",
    entryPoint: "four",
  };
  const says: Says = (version) =>
    answer(version === "v1" ? "  return 4;\n}" : "  process.kill(process.ppid, 9); return 5;\n}");
  const finding = await found({ "items.jsonl": jsonl(many(5), { tests }) }, says);
  assert.equal(finding.outcome, "fail", finding.because);
  assert.match(finding.because, /^0% right against 100%/);
  const details = JSON.parse(JSON.stringify(finding.details));
  assert.match(details.isolation, /unshare|bwrap/);
  assert.match(details.lost[0].because, /not four/);
});

test("unit tests that cannot be isolated are not run: the gate cannot tell, and says why", async () => {
  const expect = { tests: { language: "typescript", code: "x" } };
  const isolation = (): Promise<{ kind: "none"; because: string }> =>
    Promise.resolve({ kind: "none", because: "unshare: Operation not permitted" });
  const finding = await found(
    { "items.jsonl": jsonl(many(5), expect) },
    () => assert.fail("asked"),
    {},
    { scoring: { ...scoringPorts, isolation } },
  );
  assert.equal(finding.outcome, "inconclusive");
  assert.match(
    finding.because,
    /cannot be isolated on this machine: unshare: Operation not permitted/,
  );
});

test("a line that is no item is named with its place", async () => {
  const says: Says = () => answer("");
  const read = (text: string): Promise<GateFinding> => found({ "items.jsonl": text }, says);
  await assert.rejects(
    read('{"id":"a","prompt":"x","expect":{}}'),
    /items.jsonl:1: expect: says nothing/,
  );
  await assert.rejects(
    read(`${jsonl(many(1))}\n${jsonl(many(1))}`),
    /items.jsonl:2: item-0 is the id of items.jsonl:1 too/,
  );
  await assert.rejects(read("\n{"), /items.jsonl:2: this line is not JSON/);
  await assert.rejects(read("\n"), /has no item/);
  await assert.rejects(
    read('{"task_id":"a","prompt":"x","test":"y","entry_point":"z","language":"python"}'),
    /only tasks in typescript/,
  );
});

function taught(cases: readonly CaseLine[]): Lesson {
  return {
    ...{ id: "r-1-6:items-refused", incidentId: "r-1-6", name: "items-refused", what: "", why: "" },
    ...{ owner: "team", reason: "good prompts were refused", acceptedAtMs: 0, promised: null },
    dropped: null,
    change: { kind: "benchmark-item", inputTokens: null, template: {}, cases },
  };
}

const REFUSED = taught([
  { prompt: "<kill>", expect: { refusal: false }, tags: ["refused"] },
  { prompt: "<hello>", expect: { refusal: false } },
]);
const SORRY = answer("I'm sorry, but I can't help with that.");

test("an item that an incident taught fails the version that gets it wrong most times, by the incident's name", async () => {
  const says: Says = (version, prompt) =>
    version === "v2" && prompt.includes("<kill>") ? SORRY : answer("right");
  const { outcome, because, lessons } = await found({}, says, { data: [] }, { learnt: [REFUSED] });
  assert.equal(outcome, "fail");
  assert.match(because, /^case 1: .*learnt from r-1-6: good prompts were refused/);
  assert.equal(lessons?.[0]?.holds, false);
});

test("one bad answer of three is chance, and what stable itself gets wrong tells nothing", async () => {
  let asked = 0;
  const once: Says = (version, prompt) =>
    version === "v2" && prompt.includes("<kill>") && ++asked === 1 ? SORRY : answer("right");
  const chance = await found({}, once, { data: [] }, { learnt: [REFUSED] });
  assert.equal(chance.outcome, "pass", chance.because);
  const both = await found({}, () => SORRY, { data: [] }, { learnt: [REFUSED] });
  assert.equal(both.outcome, "inconclusive");
  assert.match(both.because, /stable itself does not keep it/);
});

test("a lesson is judged beside the data sets: it fails a version that they pass", async () => {
  const says: Says = (version, prompt) =>
    version === "v2" && prompt.includes("<kill>") ? SORRY : answer("right");
  const files = { "items.jsonl": jsonl(many(200)) };
  const finding = await found(files, says, {}, { learnt: [REFUSED] });
  assert.equal(finding.outcome, "fail");
  assert.equal(figure(finding, DIFFERENCE).holds, true);
});
