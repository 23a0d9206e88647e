// Runs one program in isolation to its end, or ends it with all that it started.

import { spawn } from "node:child_process";
import type { SandboxEnd } from "../../unit-tests.ts";
import type { IsolationCommand } from "./command.ts";
import { ISOLATED, type IsolationLimits, WORK_FOLDER } from "./limits.ts";

/** Nothing of this process's surroundings, in which there may be keys. */
const ENVIRONMENT = {
  PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
  HOME: WORK_FOLDER,
  LANG: "C.UTF-8",
};

type EndedBy = Extract<SandboxEnd, { kind: "ended" }>["endedBy"];

export function isolatedRun(
  { name, file, args }: IsolationCommand,
  program: string,
  limits: IsolationLimits,
): Promise<SandboxEnd> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const child = spawn(file, args, { env: ENVIRONMENT, detached: true, stdio: "pipe" });
    let endedBy: EndedBy | null = null;
    const end = (why: EndedBy): void => {
      endedBy ??= why;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const timer = setTimeout(() => end("timeout"), limits.wallMsMax);
    const stdout = new Output(limits.outputBytesMax, () => end("output-limit"));
    const stderr = new Output(limits.outputBytesMax, () => end("output-limit"));
    child.stdout.on("data", (bytes: Buffer) => stdout.add(bytes));
    child.stderr.on("data", (bytes: Buffer) => stderr.add(bytes));
    // It may end before it has read its program: how it ended then says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(program);
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ kind: "not-isolated", because: `${name} cannot be started: ${error.message}` });
    });
    child.on("close", (exitCode, signal) => {
      clearTimeout(timer);
      const said = stdout.text();
      if (!said.startsWith(`${ISOLATED}\n`)) {
        resolve({ kind: "not-isolated", because: `${name}: ${lastLine(stderr.text())}` });
        return;
      }
      resolve({
        kind: "ended",
        exitCode,
        endedBy: endedBy ?? (signal === null ? "itself" : "signal"),
        stdout: said.slice(ISOLATED.length + 1),
        stderr: stderr.text(),
        durationMs: performance.now() - startedMs,
      });
    });
  });
}

/** Its first process is that of a world of processes, which ends with it. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The whole group has ended already.
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "it ended before anything ran, and said nothing";
}

class Output {
  readonly #bytesMax: number;
  readonly #over: () => void;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(bytesMax: number, over: () => void) {
    this.#bytesMax = bytesMax;
    this.#over = over;
  }

  add(bytes: Buffer): void {
    if (this.#bytes < this.#bytesMax)
      this.#pieces.push(bytes.subarray(0, this.#bytesMax - this.#bytes));
    this.#bytes += bytes.length;
    if (this.#bytes > this.#bytesMax) this.#over();
  }

  text(): string {
    return Buffer.concat(this.#pieces).toString("utf8");
  }
}
