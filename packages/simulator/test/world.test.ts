// Whole worlds in virtual time: the real gateway and controller under faults, from two hundred seeds, over all cores. A
// seed that fails prints the command that runs it again.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { planOf, runWorld } from "@slipway/simulator";
import { digest, settle } from "./world-ports.ts";

const WORLDS = fileURLToPath(new URL("../src/edge/worlds-main.ts", import.meta.url));
/** What a busy machine has not run by then is left to the next time. */
const MINUTES_MAX = 8;

function command(script: string, args: readonly string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--conditions=@slipway/source", script, ...args],
      (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, out: `${stdout}${stderr}${child.signalCode ?? ""}` }),
    );
  });
}

test("two hundred worlds keep every promise under faults, and come to their right ends after them", async (t) => {
  const args = ["--from", "1", "--to", "200", "--minutes", String(MINUTES_MAX)];
  const { code, out } = await command(WORLDS, args);
  t.diagnostic(out.trim().split("\n").at(-1) ?? "");
  assert.equal(code, 0, out);
  assert.match(out, /worlds held/);
});

test("the same seed gives the same world, to the last event; another seed gives another", async () => {
  const hashes: number[] = [];
  for (const seed of [3, 3, 4]) {
    const plan = { ...planOf(seed), faultsMs: 20_000 };
    const { hash, events } = await runWorld({ plan, digest, settle });
    assert.ok(events > 2_000, `only ${events} events`);
    hashes.push(hash);
  }
  assert.equal(hashes[0], hashes[1]);
  assert.notEqual(hashes[0], hashes[2]);
});
