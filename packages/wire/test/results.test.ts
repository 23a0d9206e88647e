// Results of other tools: read item by item, graded by what they can prove, or refused with what is wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Imported } from "@slipway/core";
import { importedResults } from "@slipway/wire";

function read(value: unknown): Imported {
  return importedResults(JSON.stringify(value), "results.json");
}

function refused(value: unknown, says: RegExp): void {
  assert.throws(() => read(value), says);
}

function promptfooRow(changes: object = {}): object {
  return {
    promptIdx: 0,
    testIdx: 0,
    promptId: "p",
    provider: { id: "openai:coder", label: "" },
    vars: { question: "2+2" },
    success: true,
    score: 1,
    latencyMs: 20,
    failureReason: 0,
    ...changes,
  };
}

function promptfoo(...rows: readonly object[]): object {
  return {
    evalId: "e",
    results: { version: 3, timestamp: "t", prompts: [], results: rows, stats: {} },
  };
}

test("promptfoo's rows are items; repeats of one are a family; errors are no results", () => {
  const imported = read(
    promptfoo(
      promptfooRow(),
      promptfooRow({ success: false, failureReason: 1 }),
      promptfooRow({ vars: { question: "3+3" }, success: false, failureReason: 2 }),
    ),
  );
  assert.equal(imported.grade, "B");
  assert.ok(imported.grade === "B");
  assert.deepEqual(
    imported.items.map(({ id, passed }) => [id, passed]),
    [
      ['prompt 0, {"question":"2+2"} #1', true],
      ['prompt 0, {"question":"2+2"} #2', false],
      ['prompt 0, {"question":"3+3"} #1', null],
    ],
  );
  assert.equal(imported.items[0]?.family, imported.items[1]?.family);
});

test("promptfoo's results of two providers, or of another version, are refused", () => {
  refused(
    promptfoo(promptfooRow(), promptfooRow({ provider: { id: "other" } })),
    /results.json: it has results of 2 providers/,
  );
  refused({ results: { version: 2, results: [] } }, /not promptfoo's results of version 3/);
});

function inspect(changes: object = {}, ...samples: readonly object[]): object {
  return { version: 2, status: "success", eval: { model: "m" }, samples, ...changes };
}

test("Inspect's samples are items, their epochs a family", () => {
  const imported = read(
    inspect(
      {},
      { id: 1, epoch: 1, scores: { match: { value: "C" } } },
      { id: 1, epoch: 2, scores: { match: { value: "C" }, style: { value: 0 } } },
      { id: "b", epoch: 1, error: { message: "timeout" }, scores: null },
    ),
  );
  assert.ok(imported.grade === "B");
  assert.deepEqual(
    imported.items.map(({ id, family, passed }) => [id, family, passed]),
    [
      ["1 #1", "1", true],
      ["1 #2", "1", false],
      ["b #1", "b", null],
    ],
  );
});

test("a log of Inspect that did not end, has no samples, or partial credit, is refused", () => {
  refused(inspect({ status: "cancelled" }), /ended with status cancelled/);
  refused(inspect({ samples: null }), /it has no samples/);
  const half = { id: 7, epoch: 1, scores: { match: { value: "P" } } };
  refused(inspect({}, half), /sample 7 has a score that is neither right nor wrong/);
  refused(inspect({ version: 1 }), /not a log of Inspect's version 2/);
  assert.throws(
    () => importedResults("PK\u0003\u0004", "run.eval"),
    (error: Error & { fix?: string }) =>
      /run.eval is not JSON/.test(error.message) && /inspect log dump/.test(error.fix ?? ""),
  );
});

test("samples of lm-evaluation-harness are items, by what each of its filters takes from an answer", () => {
  const lines = [
    { doc_id: 0, doc_hash: "h0", filter: "strict", target: "4", exact_match: 1 },
    { doc_id: 1, doc_hash: "h1", filter: "strict", target: "5", exact_match: 0 },
  ];
  const imported = importedResults(
    lines.map((line) => JSON.stringify(line)).join("\n"),
    "samples.jsonl",
  );
  assert.ok(imported.grade === "B");
  assert.deepEqual(
    imported.items.map(({ id, passed }) => [id, passed]),
    [
      ["h0 by strict", true],
      ["h1 by strict", false],
    ],
  );
  assert.throws(
    () => importedResults('{"doc_id":0,"bleu":3}\n{"doc_id":1}', "s"),
    /have none of acc/,
  );
  assert.throws(
    () => importedResults('{"doc_id":0,"acc":0.5}\n{"doc_id":1}', "s"),
    /not lm-evaluation/,
  );
});

function harness(effective: number, acc: number): object {
  return {
    results: { mbpp: { alias: "mbpp", "acc,none": acc, "acc_stderr,none": 0.01 } },
    "n-samples": { mbpp: { original: 500, effective } },
    task_hashes: { mbpp: "a1" },
  };
}

test("sums of lm-evaluation-harness are grade C, and those of a part are refused", () => {
  assert.deepEqual(read(harness(500, 0.62)), {
    grade: "C",
    tool: "lm-evaluation-harness",
    tasks: [{ name: "mbpp", share: 0.62, items: 500, hash: "a1" }],
  });
  refused(harness(100, 0.62), /mbpp was run on 100 of its 500 items/);
});

test("what is none of these is refused with what would do", () => {
  assert.throws(
    () => read({ answers: [] }),
    (error: Error & { fix?: string }) =>
      /no result that is understood/.test(error.message) && /promptfoo/.test(error.fix ?? ""),
  );
  assert.throws(() => importedResults("not json", "x.json"), /x.json is not JSON/);
});
