// Runs the real slipway command as a child process and collects what it says.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const MAIN: string = join(import.meta.dirname, "../src/main.ts");

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };
export type Running = {
  readonly child: ChildProcess;
  /** What standard output said so far. */
  readonly said: () => { readonly out: string; readonly err: string };
  readonly ended: Promise<Ran>;
};

type Options = { readonly cwd?: string; readonly env?: Record<string, string> };

export function start(args: readonly string[], { cwd, env = {} }: Options = {}): Running {
  const { SLIPWAY_TOKEN: _, SLIPWAY_CONTROLLER: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--conditions=@slipway/source", MAIN, ...args], {
    cwd,
    env: { ...inherited, USER: "ann", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    err += String(chunk);
  });
  const ended = new Promise<Ran>((resolve) =>
    child.on("close", (code) => resolve({ code, out, err })),
  );
  return { child, said: () => ({ out, err }), ended };
}

export function slipway(args: readonly string[], options?: Options): Promise<Ran> {
  return start(args, options).ended;
}

/** A folder that is gone when the test has ended. */
export function scratch(after: (clean: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-cli-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits for something that another process brings about. */
export async function until<T>(
  what: string,
  probe: () => T | null | Promise<T | null>,
  patienceMs: number = 60_000,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await probe();
    if (value !== null) return value;
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
