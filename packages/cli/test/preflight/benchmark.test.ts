// slipway preflight with a benchmark, against simulated model servers: a planted fault of quality is caught by its
// number, and a clean version passes.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { presets, type SimulatedVersion } from "@slipway/simulator";
import { startFleet } from "@slipway/simulator/edge";
import { type Ran, scratch, slipway } from "../slipway.ts";

const STABLE = presets["gpt-5.0"];

async function flown(t: TestContext, candidate: SimulatedVersion): Promise<Ran> {
  const fleet = await startFleet({ versions: { v1: STABLE, v2: candidate }, seed: 1 });
  t.after(fleet.close);
  const cwd = scratch((clean) => t.after(clean));
  const version = (id: string): string =>
    `      ${id}:\n        upstreams: [{ url: "${fleet.urls[id]}", model: gpt-5.0 }]\n`;
  const text = `models:\n  coder:\n    stable: v1\n    versions:\n${version("v1")}${version("v2")}    preflight:\n      benchmark:\n        data: [answered.jsonl]\n        margin: 10%\n`;
  writeFileSync(join(cwd, "slipway.yaml"), text);
  const items = Array.from({ length: 120 }, (_, index) => ({
    id: `question-${index}`,
    prompt: `How do I terminate process ${index}?`,
    expect: { refusal: false },
  }));
  writeFileSync(join(cwd, "answered.jsonl"), items.map((item) => JSON.stringify(item)).join("\n"));
  return slipway(["preflight", "coder", "--to", "v2"], { cwd });
}

test("a version that refuses what stable answers is caught by its share of right answers", async (t) => {
  const { code, out } = await flown(t, { ...STABLE, refusals: { "*": 0.25 } });
  assert.equal(code, 1, out);
  assert.match(
    out,
    /benchmark: FAIL: 7\d(\.\d)?% right against 100%: right on 0 that stable has wrong/,
  );
  assert.match(out, /refused, candidate +2\d(\.\d)?%/);
});

test("a clean version passes, with times of both side by side", async (t) => {
  const { code, out } = await flown(t, STABLE);
  assert.equal(code, 0, out);
  assert.match(
    out,
    /benchmark: pass: 100% right against 100% on 120 items: at most \d\.\d points fewer/,
  );
  assert.match(out, /whole answer P50, stable +\d+/);
  assert.match(out, /whole answer, candidate to stable +[\d.]+x \([\d.]+x to [\d.]+x\)/);
});
