// Workers in processes of their own, on one port. The primary restarts those that die, with backoff, and asks
// all of them what concerns the gateway as a whole.

import cluster, { type Worker } from "node:cluster";
import { type AddressInfo, createServer } from "node:net";
import type { Grant } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import { AggregatorRegistry } from "prom-client";
import type { LearntObject } from "../../objects/object-memory.ts";
import type { GatewaySnapshot } from "../../snapshot.ts";
import type { RunOptions } from "../options.ts";
import type { Crew } from "./crew.ts";
import type { Answer, Ask, ToPrimary, ToWorker } from "./crew-messages.ts";
import { workerEntry } from "./worker-entry.ts";

const RESTART_MS_MIN = 100;
const RESTART_MS_MAX = 5_000;
/** A worker that has lived this long is not in a crash loop. */
const SETTLED_MS = 10_000;
const ANSWER_MS_MAX = 5_000;
const CLOSE_MS_MAX = 40_000;

export type DivertedNow = () => readonly string[];

/** Resolves once every worker listens; rejects when the first of them cannot. */
export async function clusterCrew(run: RunOptions, diverted: DivertedNow): Promise<Crew> {
  cluster.setupPrimary({ ...workerEntry(), args: [], silent: false });
  const { host } = run.listen;
  const port = run.listen.port === 0 ? await freePort(host) : run.listen.port;
  const primary = new Primary({ ...run, listen: { host, port } }, diverted);
  await primary.start();
  return {
    port,
    snapshots: () => primary.snapshots(),
    divert: (model, on) => primary.divert(model, on),
    restart: () => primary.restart(),
    grant: (grants) => primary.grant(grants),
    reload: () => primary.reload(),
    close: () => primary.close(),
  };
}

type Member = {
  readonly number: number;
  process: Worker | null;
  failures: number;
  startedMs: number;
  isListening: boolean;
  /** It is not begun again when it ends: another has its number, or it has yet to prove itself. */
  isPassing: boolean;
};

function newMember(number: number): Member {
  return { number, process: null, failures: 0, startedMs: 0, isListening: false, isPassing: false };
}

class Primary {
  readonly #run: RunOptions;
  readonly #diverted: DivertedNow;
  #members: readonly Member[];
  readonly #waiting = new Map<number, (answer: Answer | null) => void>();
  #nextId = 1;
  #isClosing = false;
  #isRestarting = false;

  constructor(run: RunOptions, diverted: DivertedNow) {
    this.#run = run;
    this.#diverted = diverted;
    this.#members = Array.from({ length: run.workers }, (_, index) => newMember(index + 1));
  }

  /** All workers or none: what has begun is ended when one cannot. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#members.map((member) => this.#begin(member)));
    } catch (error) {
      this.#isClosing = true;
      await this.#end();
      throw error;
    }
  }

  #begin(member: Member): Promise<void> {
    member.startedMs = performance.now();
    member.isListening = false;
    return new Promise((resolve, reject) => {
      const ended = (reason: unknown): void => {
        this.#ended(member);
        reject(reason);
      };
      const child = forked(ended);
      if (child === null) return;
      member.process = child;
      child.on("message", (message: ToPrimary) => {
        if (message.kind === "listening") {
          member.isListening = true;
          // They may have changed while it began.
          void this.#ask(member, { do: "grant", grants: this.#grants() }, ANSWER_MS_MAX);
          resolve();
        } else if (message.kind === "failed") {
          reject(new SlipwayError({ ...message, status: 500 }));
        } else {
          this.#hear(member, child, message);
        }
      });
      child.once("exit", () => ended(workerEnded(member.number)));
    });
  }

  #hear(member: Member, child: Worker, message: ToPrimary): void {
    if (message.kind === "ready") {
      const diverted = this.#diverted();
      const { grants: _, ...run } = this.#run;
      const boot: ToWorker = {
        ...{ kind: "boot", run, grants: this.#grants() },
        worker: member.number,
        diverted,
        isWarm: member.isPassing,
      };
      child.send(boot, (error) => {
        if (error !== null) child.process.kill("SIGKILL");
      });
    } else if (message.kind === "answer") {
      this.#waiting.get(message.id)?.(message.answer);
    } else if (message.kind === "objects") {
      this.#shareObjects(member, message.objects);
    } else if (message.kind === "tripped") {
      const { model, rolloutId } = message;
      // Whoever does not hear of it trips by itself, or hears of the rollback.
      void this.#askAll({ do: "trip", model, rolloutId });
    } else if (message.kind === "metrics-wanted") {
      const answer = (text: string | null, reason: string | null): void => {
        const reply: ToWorker = { kind: "metrics-text", id: message.id, text, reason };
        // A worker that has gone meanwhile needs no answer.
        if (child.isConnected()) child.send(reply, () => {});
      };
      this.#metricsText().then(
        (text) => answer(text, null),
        (error: unknown) => answer(null, String(error)),
      );
    }
  }

  #shareObjects(from: Member, objects: readonly LearntObject[]): void {
    const message: ToWorker = { kind: "objects", objects };
    for (const { isListening, process: child } of this.#members.filter((m) => m !== from)) {
      // A worker that does not hear of it searches for the object.
      if (isListening && child?.isConnected() === true) child.send(message, () => {});
    }
  }

  #ended(member: Member): void {
    member.process = null;
    member.isListening = false;
    if (this.#isClosing || member.isPassing) return;
    const lasted = performance.now() - member.startedMs;
    member.failures = lasted > SETTLED_MS ? 1 : member.failures + 1;
    const delayMs = Math.min(RESTART_MS_MAX, RESTART_MS_MIN * 2 ** Math.min(member.failures, 10));
    setTimeout(() => {
      if (this.#isClosing || member.isPassing) return;
      // When it fails again, its end begins the next wait.
      this.#begin(member).catch(() => member.process?.kill("SIGKILL"));
    }, delayMs).unref();
  }

  /** Null when the worker is gone, or does not answer in time. */
  #ask(member: Member, ask: Ask, answerMsMax: number): Promise<Answer | null> {
    const { process: child, isListening } = member;
    if (child === null || !isListening || !child.isConnected()) return Promise.resolve(null);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const settle = (answer: Answer | null): void => {
        clearTimeout(timer);
        child.off("exit", gone);
        this.#waiting.delete(id);
        resolve(answer);
      };
      const gone = (): void => settle(null);
      const timer = setTimeout(gone, answerMsMax);
      child.once("exit", gone);
      this.#waiting.set(id, settle);
      const message: ToWorker = { kind: "ask", id, ask };
      child.send(message, (error) => {
        if (error !== null) gone();
      });
    });
  }

  #askAll(ask: Ask, answerMsMax = ANSWER_MS_MAX): Promise<(Answer | null)[]> {
    return Promise.all(this.#members.map((member) => this.#ask(member, ask, answerMsMax)));
  }

  async snapshots(): Promise<readonly GatewaySnapshot[]> {
    const answers = await this.#askAll({ do: "snapshot" });
    return answers
      .flatMap((a) => (a !== null && "snapshot" in a ? [a.snapshot] : []))
      .sort((a, b) => a.member.worker - b.member.worker);
  }

  async #metricsText(): Promise<string> {
    const answers = await this.#askAll({ do: "metrics" });
    const metrics = answers.flatMap((a) => (a !== null && "metrics" in a ? [a.metrics] : []));
    return AggregatorRegistry.aggregate(metrics).metrics();
  }

  /** A worker that is gone comes back with the list as it is then, so only those alive are asked. */
  async divert(model: string, on: boolean): Promise<void> {
    const listening = this.#members.filter((member) => member.isListening);
    const answers = await this.#askAll({ do: "divert", model, on });
    const applied = answers.filter((answer) => answer !== null).length;
    const alive = listening.filter((member) => member.isListening).length;
    if (applied < alive) throw notApplied(applied, alive);
  }

  #grants(): readonly Grant[] {
    return this.#run.grants?.() ?? [];
  }

  async grant(grants: readonly Grant[]): Promise<void> {
    await this.#askAll({ do: "grant", grants });
  }

  async reload(): Promise<void> {
    const answers = await this.#askAll({ do: "reload" });
    for (const answer of answers) {
      if (answer === null || !("failed" in answer)) continue;
      throw new SlipwayError({ code: "tls_files", status: 500, message: answer.failed, fix: null });
    }
  }

  async restart(): Promise<void> {
    if (this.#isRestarting) throw restartUnderWay();
    this.#isRestarting = true;
    try {
      for (const member of this.#members) {
        if (!this.#isClosing) await this.#replace(member);
      }
    } finally {
      this.#isRestarting = false;
    }
  }

  /** The old one goes on where the new one cannot begin. While both are there, both are asked and told everything. */
  async #replace(old: Member): Promise<void> {
    const next = newMember(old.number);
    next.isPassing = true;
    this.#members = [...this.#members, next];
    try {
      await this.#begin(next);
    } catch (error) {
      next.process?.process.kill("SIGKILL");
      this.#members = this.#members.filter((member) => member !== next);
      throw error;
    }
    next.isPassing = false;
    old.isPassing = true;
    await this.#ask(old, { do: "close" }, CLOSE_MS_MAX);
    const ended = exitOf(old.process);
    if (old.process?.isConnected() === true) old.process.process.kill("SIGKILL");
    await ended;
    this.#members = this.#members.filter((member) => member !== old);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#askAll({ do: "close" }, CLOSE_MS_MAX);
    await this.#end();
  }

  /** A worker that has said its goodbye disconnects and exits; what has not is stuck, or had not begun. */
  async #end(): Promise<void> {
    const ended = this.#members.map((member) => exitOf(member.process));
    for (const member of this.#members) {
      if (member.process?.isConnected() === true) member.process.process.kill("SIGKILL");
    }
    await Promise.all(ended);
  }
}

/** Workers share one listener only when all ask for the same port, so it has to be known before. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** A new worker; null when there is none, and `ended` has been, or will be, told once why. */
function forked(ended: (reason: unknown) => void): Worker | null {
  try {
    const child = cluster.fork();
    child.on("error", (error) => {
      // Without a process there is no exit to wait for; with one, it cannot be talked to any more.
      if (child.process.pid === undefined) ended(error);
      else child.process.kill("SIGKILL");
    });
    return child;
  } catch (error) {
    ended(error);
    return null;
  }
}

function exitOf(child: Worker | null): Promise<void> {
  return new Promise((resolve) => {
    if (child === null || child.isDead()) resolve();
    else child.once("exit", () => resolve());
  });
}

function workerEnded(number: number): SlipwayError {
  return new SlipwayError({
    code: "worker_failed",
    status: 500,
    message: `worker ${number} ended before it listened`,
    fix: "Its last log lines say why.",
  });
}

function restartUnderWay(): SlipwayError {
  return new SlipwayError({
    code: "restart_under_way",
    status: 409,
    message: "the workers of this gateway are being replaced already",
    fix: "Wait until that has ended.",
  });
}

function notApplied(applied: number, alive: number): SlipwayError {
  return new SlipwayError({
    code: "divert_incomplete",
    status: 500,
    message: `${applied} of ${alive} workers applied the divert; it is stored, and holds for those that restart`,
    fix: "Run the command again.",
  });
}
