// One child process of `up`, kept alive: started, waited for, started again a bounded number of times when it
// ends by itself, and ended together with everything that it started.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { SlipwayError } from "@slipway/wire";
import { type ChildMessage, childMessage } from "./child-messages.ts";
import { logTail, openLog } from "./log-file.ts";

/** More ends than this within the window are no accident. */
const RESTARTS_MAX = 5;
const RESTART_WINDOW_MS = 60_000;
const BACKOFF_MS = 100;
const BACKOFF_MAX_MS = 5_000;
const READY_TIMEOUT_MS = 30_000;
/** Longer than a gateway may take to drain. */
const STOP_GRACE_MS = 40_000;

export type ChildPlan = {
  /** As people know it: "gateway". */
  readonly name: string;
  /** Arguments of the slipway command; the port is the one that it got at its first start. */
  readonly args: (port: number) => readonly string[];
  /** 0 lets the system choose, once. */
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Whether `up` must end when it ends too often. What is not vital is started again for ever, at the slowest pace. */
  readonly isVital: boolean;
  readonly onEvent: (event: ChildEvent) => void;
};

export type ChildEvent =
  | { readonly kind: "ready"; readonly name: string; readonly pid: number; readonly port: number }
  /** It ended by itself, and starts again after a while. */
  | {
      readonly kind: "restarting";
      readonly name: string;
      readonly how: string;
      readonly inMs: number;
    }
  /** It ended by itself too often. */
  | { readonly kind: "gave-up"; readonly name: string; readonly error: SlipwayError };

export class SupervisedChild {
  readonly #plan: ChildPlan;
  #process: ChildProcess | null = null;
  #port: number;
  #stopping = false;
  #timer: NodeJS.Timeout | null = null;
  /** When it ended by itself, monotonic milliseconds. */
  #ends: number[] = [];

  constructor(plan: ChildPlan) {
    this.#plan = plan;
    this.#port = plan.port;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Resolves when it is ready; rejects when its first start fails. */
  async start(): Promise<void> {
    await this.#launch();
  }

  /** Asks it to end, waits for it to drain, and then makes it. Nothing that it started remains. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const timer = setTimeout(() => killGroup(child), STOP_GRACE_MS);
    await ended;
    clearTimeout(timer);
  }

  /** Ends it and everything that it started, at once. */
  kill(): void {
    this.#stopping = true;
    if (this.#process !== null) killGroup(this.#process);
  }

  #launch(): Promise<void> {
    const child = this.#spawn();
    this.#process = child;
    return new Promise((resolve, reject) => {
      let ready = false;
      let refusal: SlipwayError | null = null;
      const timer = setTimeout(() => killGroup(child), READY_TIMEOUT_MS);
      child.on("message", (value) => {
        const message = childMessage(value);
        if (message?.type === "failed") refusal = this.#refusal(message);
        if (message?.type !== "ready") return;
        ready = true;
        clearTimeout(timer);
        this.#port = message.port;
        const { name } = this.#plan;
        this.#plan.onEvent({ kind: "ready", name, pid: child.pid ?? 0, port: message.port });
        resolve();
      });
      child.once("error", (error) => reject(this.#failed(`cannot be started: ${error.message}`)));
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        // Workers of a master that was killed must not outlive it.
        killGroup(child);
        const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
        if (ready) this.#ended(how);
        else reject(refusal ?? this.#failed(`ended ${how} before it was ready`));
      });
    });
  }

  #spawn(): ChildProcess {
    const { args, env, logFile } = this.#plan;
    const log = openLog(logFile);
    try {
      return spawn(process.execPath, [...mainArgs(), ...args(this.#port)], {
        // A group of its own: ctrl-C reaches `up` alone, which then drains in the right order.
        detached: true,
        env,
        stdio: ["ignore", log, log, "ipc"],
      });
    } finally {
      closeSync(log);
    }
  }

  #ended(how: string): void {
    if (this.#stopping) return;
    const { name, onEvent } = this.#plan;
    const now = performance.now();
    this.#ends = [...this.#ends.filter((at) => at > now - RESTART_WINDOW_MS), now];
    if (this.#ends.length > RESTARTS_MAX && this.#plan.isVital) {
      onEvent({ kind: "gave-up", name, error: this.#failed(`ended ${how}, again and again`) });
      return;
    }
    const inMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (this.#ends.length - 1));
    onEvent({ kind: "restarting", name, how, inMs });
    this.#timer = setTimeout(() => {
      this.#launch().catch((error: unknown) =>
        this.#ended(error instanceof Error ? `(${error.message})` : "at its start"),
      );
    }, inMs);
  }

  /** What it said itself; what nobody foresaw gets a name. */
  #refusal(message: Extract<ChildMessage, { type: "failed" }>): SlipwayError {
    return message.code === "fault"
      ? this.#failed(`cannot start: ${message.message}`)
      : new SlipwayError(message);
  }

  #failed(what: string): SlipwayError {
    const { name, logFile } = this.#plan;
    const last = logTail(logFile, 1).join("");
    return new SlipwayError({
      code: "child_failed",
      status: 500,
      message: `the ${name} ${what}`,
      fix: `its log is ${logFile}${last === "" ? "" : `; it ends: ${last.slice(0, 300)}`}`,
    });
  }
}

/** This installation's own slipway command, from source or as built. */
function mainArgs(): readonly string[] {
  const extension = extname(fileURLToPath(import.meta.url));
  const main = fileURLToPath(new URL(`../main${extension}`, import.meta.url));
  return extension === ".ts" ? ["--conditions=@slipway/source", main] : [main];
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // Nobody of the group is left.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
