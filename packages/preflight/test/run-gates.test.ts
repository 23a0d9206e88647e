// Gates run in their order; one that breaks is inconclusive, and the others still run.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GateResult } from "@slipway/core";
import { type GateFinding, type Gates, gates, runGates } from "@slipway/preflight";
import { SlipwayError } from "@slipway/wire";
import { surroundings } from "./surroundings.ts";

const PASS: GateFinding = { outcome: "pass", because: "all well", figures: [], details: null };
const SETTINGS = { command: { run: "true", timeoutMs: 1_000 } };

function running(
  run: Gates["command"]["run"],
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly GateResult[]> {
  return runGates({
    gates: { ...gates, command: { name: "command", run } },
    settings: SETTINGS,
    names: ["command"],
    surroundings: surroundings({ signal }),
    started: () => {},
    progress: () => {},
    ended: () => {},
  });
}

test("a gate's finding becomes a result under its name", async () => {
  assert.deepEqual(await running(() => Promise.resolve(PASS)), [{ ...PASS, gate: "command" }]);
});

test("a gate that throws is inconclusive, with what it threw as the reason", async () => {
  const [result] = await running(() => Promise.reject(new Error("the disk is full")));
  assert.equal(result?.outcome, "inconclusive");
  assert.equal(result?.because, "the disk is full");
});

test("a gate that throws says how to mend it, where that is known", async () => {
  const error = {
    code: "file_unusable",
    status: 400,
    message: "there is no a.jsonl",
    fix: "write it",
  };
  const [result] = await running(() => Promise.reject(new SlipwayError(error)));
  assert.equal(result?.because, "there is no a.jsonl; write it");
});

test("a gate that passes although it was ended does not count as passed", async () => {
  const stop = new AbortController();
  const [result] = await running(() => {
    stop.abort();
    return Promise.resolve(PASS);
  }, stop.signal);
  assert.equal(result?.outcome, "inconclusive");
});

test("no gate begins once nobody waits any more", async () => {
  assert.deepEqual(await running(() => Promise.resolve(PASS), AbortSignal.abort()), []);
});
