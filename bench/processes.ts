// The programs that a benchmark starts: pinned to a core, waited for, and always ended.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const READY_TRIES = 400;
const READY_PAUSE_MS = 50;
const END_GRACE_MS = 3_000;

const running = new Set<ChildProcess>();

/** A benchmark that is ended early takes what it started with it. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    void endAll().then(() => process.exit(1));
  });
}

export function isInstalled(program: string): boolean {
  return spawnSync("which", [program]).status === 0;
}

/** Ends the benchmark with a sentence when a program it needs is not installed. */
export function needPrograms(programs: readonly string[], hint: string): void {
  const missing = programs.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  process.stderr.write(`this benchmark needs ${missing.join(" and ")} (${hint})\n`);
  process.exit(2);
}

/** Starts a program on one core. */
export function startPinned(
  core: number,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return startProgram(["taskset", "-c", String(core), ...command], env);
}

/** Starts a program; what it writes to stderr is shown when it ends by itself. `ipc`: a Node program that tells things. */
export function startProgram(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  ipc: "ipc" | "ignore" = "ignore",
): ChildProcess {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe", ipc],
    env: { ...process.env, ...env },
  });
  const errors: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => {
    if (errors.length < 100) errors.push(chunk);
  });
  running.add(child);
  child.on("exit", (code) => {
    if (running.delete(child)) {
      process.stderr.write(`${command.join(" ")} ended (${code}):\n${Buffer.concat(errors)}\n`);
    }
  });
  return child;
}

/** Runs a program on one core to its end and gives what it wrote to stdout. */
export async function pinnedText(
  core: number,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn("taskset", ["-c", String(core), ...command], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  running.add(child);
  const ended = once(child, "exit");
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  const [code] = (await ended) as [number | null];
  running.delete(child);
  if (code !== 0) throw new Error(`${command.slice(0, 4).join(" ")} ended (${code}):\n${text}`);
  return text;
}

/** The command that runs a source of the project as it is. */
export function nodeCommand(file: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, "--conditions=@slipway/source", file, ...args];
}

export function slipway(...args: readonly string[]): readonly string[] {
  return nodeCommand("packages/cli/src/main.ts", ...args);
}

/** Runs a `slipway` command to its end and gives its JSON. */
export function slipwayJson(...args: readonly string[]): unknown {
  const [program = "", ...rest] = slipway(...args, "--json");
  const done = spawnSync(program, rest, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`slipway ${args.join(" ")}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Waits until the address answers 200. */
export async function untilHealthy(url: string): Promise<void> {
  for (let i = 0; i < READY_TRIES; i++) {
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    await sleep(READY_PAUSE_MS);
  }
  throw new Error(`${url} did not become healthy`);
}

/** Starts a controller, on one core or on any, gives it a configuration, and gives its address. */
export async function startController(
  core: number | null,
  folder: string,
  config: string,
): Promise<string> {
  const port = await freePort();
  const controller = `http://127.0.0.1:${port}`;
  const file = join(folder, "slipway.yaml");
  writeFileSync(file, config);
  const dataDir = join(folder, "controller");
  const command = slipway("controller", "--port", String(port), "--data-dir", dataDir);
  if (core === null) startProgram(command);
  else startPinned(core, command);
  await untilHealthy(`${controller}/healthz`);
  slipwayJson("apply", file, "--controller", controller);
  return controller;
}

export async function endAll(): Promise<void> {
  const ending = [...running];
  running.clear();
  for (const child of ending) child.kill("SIGTERM");
  await Promise.race([
    Promise.all(ending.map((child) => (child.exitCode === null ? once(child, "exit") : null))),
    sleep(END_GRACE_MS),
  ]);
  for (const child of ending) child.kill("SIGKILL");
}
