// Results of other tools under the gate `benchmark`: by item they may approve, in sums they may only block.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GateFinding, gates } from "@slipway/preflight";
import type { BenchmarkGate } from "@slipway/wire/config";
import { surroundings } from "../surroundings.ts";
import { SETTINGS } from "./settings.ts";

const RESULTS: BenchmarkGate["results"] = [{ stable: "v1.jsonl", candidate: "v2.jsonl" }];

function found(
  stable: string,
  candidate: string,
  results: BenchmarkGate["results"] = RESULTS,
): Promise<GateFinding> {
  const read = (path: string): Promise<string> =>
    Promise.resolve(path === "v1.jsonl" ? stable : candidate);
  return gates.benchmark.run({
    ...surroundings({ files: { read } }),
    settings: { ...SETTINGS, results },
    before: [],
    progress: () => undefined,
  });
}

function samples(count: number, right: (index: number) => boolean): string {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({ doc_id: index, doc_hash: `h${index}`, acc: right(index) ? 1 : 0 }),
  ).join("\n");
}

function sums(share: number, hash: string = "a1"): string {
  return JSON.stringify({
    results: { mbpp: { "acc,none": share } },
    "n-samples": { mbpp: { original: 500, effective: 500 } },
    task_hashes: { mbpp: hash },
  });
}

test("the same results by item pass, and worse ones fail by their number", async () => {
  const stable = samples(400, (index) => index % 4 !== 0);
  const same = await found(stable, stable);
  assert.equal(same.outcome, "pass", same.because);
  const worse = await found(
    stable,
    samples(400, (index) => index % 4 !== 0 && index % 5 !== 0),
  );
  assert.equal(worse.outcome, "fail");
  assert.match(worse.because, /wrong on 60 that it has right/);
  assert.match(JSON.stringify(worse.details), /"grade":"B".*"servedVersionProven":false/);
});

test("several results together have the grade of the weakest", async () => {
  const right = samples(400, () => true);
  const twice = await found(right, right, [...RESULTS, ...RESULTS]);
  assert.equal(twice.outcome, "pass", twice.because);
  assert.match(JSON.stringify(twice.details), /^\{"grade":"B","findings":\[/);
});

test("an item that only one run has is a failure, and is named", async () => {
  const finding = await found(
    samples(400, () => true),
    samples(399, () => true),
  );
  assert.equal(finding.outcome, "fail");
  assert.match(finding.because, /1 item is in only one of the two runs: h399/);
});

test("sums may block and may not approve", async () => {
  const same = await found(sums(0.8), sums(0.8));
  assert.equal(same.outcome, "inconclusive");
  assert.match(same.because, /cannot show that a candidate is no worse/);
  const worse = await found(sums(0.8), sums(0.7));
  assert.equal(worse.outcome, "fail");
  assert.match(worse.because, /mbpp: 70% right against 80%/);
});

test("other tasks, and other tools, are not compared", async () => {
  assert.match((await found(sums(0.8), sums(0.8, "b2"))).because, /was not the same task/);
  const mixed = await found(
    sums(0.8),
    samples(10, () => true),
  );
  assert.match(mixed.because, /in sums are not compared with lm-evaluation-harness item by item/);
});
