// The gate `command`: what it tells the suite, and what it makes of its end.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GateResult } from "@slipway/core";
import { type CommandEnd, type CommandRun, gates, runGates } from "@slipway/preflight";
import { surroundings } from "./surroundings.ts";

const END: CommandEnd = {
  exitCode: 0,
  endedBy: "itself",
  durationMs: 1_500,
  tail: "ok\n",
  droppedBytes: 0,
};

async function judged(end: Partial<CommandEnd>): Promise<GateResult & { asked: CommandRun }> {
  const asked: CommandRun[] = [];
  const runCommand = (run: CommandRun): Promise<CommandEnd> => {
    asked.push(run);
    return Promise.resolve({ ...END, ...end });
  };
  const [result] = await runGates({
    gates,
    names: ["command"],
    settings: { command: { run: "npm test", timeoutMs: 60_000 } },
    surroundings: surroundings({ runCommand }),
    started: () => {},
    progress: () => {},
    ended: () => {},
  });
  assert.ok(result !== undefined && asked[0] !== undefined);
  return { ...result, asked: asked[0] };
}

test("a suite that ends with 0 passes, and its end is kept", async () => {
  const { outcome, because, details } = await judged({});
  assert.equal(outcome, "pass");
  assert.equal(because, "npm test ended with exit code 0 after 1.5 s");
  assert.equal(details !== null && typeof details === "object" && "tail" in details, true);
});

test("a suite that ends with anything else fails, by that number", async () => {
  const { outcome, figures } = await judged({ exitCode: 2 });
  assert.equal(outcome, "fail");
  const code = figures.find(({ name }) => name === "exit code");
  assert.deepEqual([code?.value, code?.limit, code?.holds], [2, 0, false]);
});

test("a suite that does not end in time fails by its duration", async () => {
  const { outcome, because, figures } = await judged({ exitCode: null, endedBy: "timeout" });
  assert.equal(outcome, "fail");
  assert.equal(because, "npm test had not ended after 1 min");
  assert.equal(figures.find(({ name }) => name === "duration")?.holds, false);
});

test("a suite is told where the candidate is, and its key is a secret", async () => {
  const { asked } = await judged({});
  assert.deepEqual(asked.env, {
    SLIPWAY_BASE_URL: "http://127.0.0.1:9/v1",
    SLIPWAY_MODEL: "v2",
    SLIPWAY_CLIENT_MODEL: "coder",
    SLIPWAY_VERSION: "v2",
    SLIPWAY_API_KEY: "secret-key",
  });
  assert.deepEqual(asked.secrets, ["secret-key"]);
});
