// Runs a command through the shell, in a process group of its own: when its time is over, all that it started ends too.

import { type ChildProcess, spawn } from "node:child_process";
import type { CommandEnd, CommandRun, RunCommand } from "../run-command.ts";
import { OutputTail } from "./output-tail.ts";

/** Between asking a command to end and ending it. */
const GRACE_MS = 5_000;

/** `folder`: where commands run. */
export function shellRunner(folder: string, graceMs: number = GRACE_MS): RunCommand {
  return (run) =>
    new Promise((resolve, reject) => start({ folder, graceMs }, run, resolve, reject));
}

type Manner = { readonly folder: string; readonly graceMs: number };

function start(
  { folder, graceMs }: Manner,
  run: CommandRun,
  resolve: (end: CommandEnd) => void,
  reject: (error: Error) => void,
): void {
  const startedMs = performance.now();
  const child = spawn("sh", ["-c", run.line], {
    cwd: folder,
    env: { ...process.env, ...run.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const tail = new OutputTail(run.secrets, run.heard);
  child.stdout.on("data", (bytes: Buffer) => tail.add(bytes));
  child.stderr.on("data", (bytes: Buffer) => tail.add(bytes));
  const ending = endsWhenTold(child, run, graceMs);
  child.on("error", (error) => {
    ending.forget();
    reject(new Error(`the shell could not be started: ${error.message}`));
  });
  // What it left running holds its outputs open: they are read to their end only once the group is gone. What has left the
  // group is beyond reach, and is not waited for.
  let deaf: NodeJS.Timeout | undefined;
  child.on("exit", () => {
    ending.kill("SIGKILL");
    deaf = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, graceMs);
  });
  child.on("close", (exitCode) => {
    clearTimeout(deaf);
    ending.forget();
    const told = ending.because();
    resolve({
      exitCode,
      endedBy: told ?? (exitCode === null ? "signal" : "itself"),
      durationMs: performance.now() - startedMs,
      ...tail.kept(),
    });
  });
}

type Ending = {
  /** Why it was told to end; null where it was not. */
  readonly because: () => "timeout" | "abort" | null;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly forget: () => void;
};

function endsWhenTold(
  child: ChildProcess,
  { timeoutMs, signal }: CommandRun,
  graceMs: number,
): Ending {
  let because: "timeout" | "abort" | null = null;
  let hurry: NodeJS.Timeout | undefined;
  const kill = (name: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch {
      // The whole group has ended already.
    }
  };
  const tell = (why: "timeout" | "abort"): void => {
    if (because !== null) return;
    because = why;
    kill("SIGTERM");
    hurry = setTimeout(() => kill("SIGKILL"), graceMs);
  };
  const timer = setTimeout(() => tell("timeout"), timeoutMs);
  const aborted = (): void => tell("abort");
  signal.addEventListener("abort", aborted, { once: true });
  if (signal.aborted) aborted();
  return {
    because: () => because,
    kill,
    forget: () => {
      clearTimeout(timer);
      clearTimeout(hurry);
      signal.removeEventListener("abort", aborted);
    },
  };
}
