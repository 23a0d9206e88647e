// bin/slipway.js: passes on arguments, exit codes and signals.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { scratch } from "./slipway.ts";

const LAUNCHER = join(import.meta.dirname, "../bin/slipway.js");

test("the launcher ends with the command's exit code", async () => {
  const child = spawn(process.execPath, [LAUNCHER, "nonsense"], { stdio: "ignore" });
  assert.deepEqual(await once(child, "exit"), [2, null]);
});

test("the launcher passes a signal on, and the command ends in its own way", async (t) => {
  const cwd = scratch((clean) => t.after(clean));
  const child = spawn(process.execPath, [LAUNCHER, "controller", "--port", "0"], {
    cwd,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await once(child.stdout, "data");
  assert.match(String(line), /^controller listens on http:\/\/127\.0\.0\.1:\d+, data in/);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});
