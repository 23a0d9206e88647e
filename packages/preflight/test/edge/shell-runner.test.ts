// Commands run through a real shell: what they say is bounded and without secrets, and nothing of them is left.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as passed } from "node:timers/promises";
import type { CommandEnd, CommandRun } from "@slipway/preflight";
import { shellRunner } from "@slipway/preflight/edge";

function run(line: string, changes: Partial<CommandRun> = {}): Promise<CommandEnd> {
  return shellRunner(
    import.meta.dirname,
    100,
  )({
    line,
    env: {},
    secrets: [],
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    heard: () => {},
    ...changes,
  });
}

/** Resolves when a process has ended, be it that nobody has asked for its exit code yet. */
async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await passed(10);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

test("a command's exit code and the end of both its outputs are kept", async () => {
  const end = await run("echo one; echo two >&2; exit 3");
  assert.equal(end.exitCode, 3);
  assert.equal(end.endedBy, "itself");
  assert.deepEqual(end.tail.split("\n").toSorted().join(" ").trim(), "one two");
});

test("a command finds the candidate in its environment", async () => {
  const { tail } = await run("echo $SLIPWAY_MODEL", { env: { SLIPWAY_MODEL: "gpt-5.3" } });
  assert.equal(tail, "gpt-5.3\n");
});

test("only the end of a long output is kept, and how much was dropped is said", async () => {
  const { tail, droppedBytes } = await run("seq 1 20000; echo last");
  assert.ok(tail.length <= 8 * 1024);
  assert.ok(tail.endsWith("20000\nlast\n"));
  assert.ok(droppedBytes > 90_000);
});

test("a secret is not kept, not even in part, and not told", async () => {
  const heard: string[] = [];
  const line = `for i in $(seq 1 3000); do printf 'key-0123456789abcdef '; done; echo`;
  const secrets = ["key-0123456789abcdef"];
  const { tail } = await run(line, { secrets, heard: (said) => void heard.push(said) });
  assert.equal(tail.replace(/[* \n]/g, ""), "");
  assert.ok(heard.every((said) => !/[0-9a-f]{4}/.test(said)));
});

test("a command that takes too long ends with everything that it started", async () => {
  const line = "trap '' TERM; sleep 600 & echo $!; wait";
  const end = await run(line, { timeoutMs: 300 });
  assert.equal(end.endedBy, "timeout");
  await gone(Number(end.tail));
});

test("what a command leaves running when it ends is ended too", async () => {
  const end = await run("sleep 600 & echo $!");
  assert.equal(end.endedBy, "itself");
  assert.equal(end.exitCode, 0);
  await gone(Number(end.tail));
});

test("what has left the command's group, and keeps its output open, is not waited for", async () => {
  const own = "$(cut -d' ' -f6 /proc/$!/stat)";
  const end = await run(`setsid sleep 600 & until [ ${own} = $! ]; do sleep 0.01; done; echo $!`);
  process.kill(Number(end.tail), "SIGKILL");
  assert.equal(end.endedBy, "itself");
  assert.equal(end.exitCode, 0);
});

test("a command ends when nobody waits for it any more", async () => {
  const stop = new AbortController();
  const end = await run("echo started; sleep 600", {
    signal: stop.signal,
    heard: () => stop.abort(),
  });
  assert.equal(end.endedBy, "abort");
});
