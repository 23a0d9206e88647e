// A gateway worker in this process between clients and upstreams of bytes, and what must hold after each batch of cases.

import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectSecurely, TLSSocket } from "node:tls";
import type { Transport } from "../../src/edge/index.ts";
import type { GatewaySnapshot } from "../../src/snapshot.ts";
import { type Authority, authority } from "../certificates.ts";
import { type FakeController, fakeController } from "../scripted-upstream.ts";
import { type Burst, judgeBurst, reportsOf } from "./burst.ts";
import type { FuzzCase } from "./fuzz-case.ts";
import { isSame, judge, type Outcome } from "./judgement.ts";
import { RawUpstream, type Seen, send } from "./raw-upstream.ts";
import { Reference } from "./reference.ts";
import {
  isArmed,
  isSecure,
  type Shape,
  startUnderFire,
  tableUnderFire,
  type UnderFire,
  type Urls,
} from "./shape.ts";

/** A client that has heard nothing for so long takes it that nothing more comes, and leaves. */
const SILENT_MS = 80;
/** Behind TLS there are two handshakes first, and an upstream is not even asked by whoever leaves within them. */
const SILENT_MS_SECURE = 400;
/** Where everybody's answer matters; whoever has it is told that the connection ends. */
const SILENT_MS_PATIENT = 5_000;
/** What is over must be over within this. Far beyond what it takes, so that only a hang is one. */
const BOUND_MS = 10_000;
const POLL_MS = 5;
/** The gateway's own that come and go: for its next frame, and for what that waits for. */
const TIMERS_MORE_MAX = 2;

export type Violation = { readonly what: string; readonly fuzzCase: FuzzCase | null };

type Batch = { readonly violations: readonly Violation[]; readonly got: readonly string[] };

const METRICS_CALL: FuzzCase["client"] = {
  pieces: ["GET /metrics HTTP/1.0\r\nHost: h\r\n\r\n"],
  atLast: "stay",
};

export class Arena {
  readonly #reference = new Reference();
  readonly #cases = new Map<string, FuzzCase>();
  readonly #seen = new Map<string, Seen[]>();
  readonly #found: Violation[] = [];
  readonly #copies = new Map<string, Seen[]>();
  readonly #dataDir = mkdtempSync(join(tmpdir(), "slipway-fuzz-"));
  readonly #shape: Shape;
  readonly #authority: Authority | null;
  readonly #stable: RawUpstream;
  readonly #candidate: RawUpstream;
  readonly #shadow: RawUpstream;
  #urls: Urls = { stable: "", candidate: "", shadow: "" };
  #tables = 0;
  #controller: FakeController | null = null;
  #gateway: UnderFire | null = null;
  #incarnations = "";
  #timersAtFirst = 0;
  /** Requests that upstreams were sent, and copies of them. */
  forwarded = 0;
  copied = 0;
  /** How often a worker left a candidate. */
  trips = 0;

  constructor(shape: Shape = "plain") {
    this.#shape = shape;
    this.#authority = isSecure(shape) ? authority() : null;
    const violate = (what: string): void => {
      this.#found.push({ what, fuzzCase: null });
    };
    const tls = this.#authority?.pair("upstream", ["127.0.0.1"]) ?? null;
    this.#stable = new RawUpstream(this.#cases, this.#seen, violate, tls);
    this.#candidate = new RawUpstream(this.#cases, this.#seen, violate, tls);
    this.#shadow = new RawUpstream(this.#cases, this.#copies, violate, tls);
  }

  get #silentMs(): number {
    return isSecure(this.#shape) ? SILENT_MS_SECURE : SILENT_MS;
  }

  get #upstreams(): readonly RawUpstream[] {
    return [this.#stable, this.#candidate, this.#shadow];
  }

  async start(transport: Transport): Promise<void> {
    const [stable = "", candidate = "", shadow = ""] = await Promise.all(
      this.#upstreams.map((upstream) => upstream.listen()),
    );
    this.#urls = { stable, candidate, shadow };
    this.#controller = await fakeController(this.#newTable());
    this.#gateway = await startUnderFire({
      shape: this.#shape,
      transport,
      controllerUrl: this.#controller.url,
      dataDir: this.#dataDir,
      authority: this.#authority,
    });
    if (!(await within(() => this.#hasTable()))) throw new Error("the gateway got no table");
    this.#incarnations = incarnationsOf(await this.#states());
    this.#timersAtFirst = timers();
  }

  #newTable(): ReturnType<typeof tableUnderFire> {
    this.#tables++;
    return tableUnderFire(this.#tables, this.#shape, this.#urls, this.#authority?.caFile);
  }

  #states(): Promise<readonly GatewaySnapshot[]> {
    return this.#gateway?.states() ?? Promise.resolve([]);
  }

  async #hasTable(): Promise<boolean> {
    const states = await this.#states();
    return states.length > 0 && states.every(({ table }) => table?.number === this.#tables);
  }

  /** Runs all of them at once; gives what did not hold. */
  async run(cases: readonly FuzzCase[]): Promise<readonly Violation[]> {
    const { violations } = await this.#batch(cases);
    if (isArmed(this.#shape)) await this.#beginAnew();
    return violations;
  }

  /** A candidate that fails everybody, until each worker has left it, and then some more requests. */
  async runBurst({ cases, illness, late }: Burst): Promise<readonly Violation[]> {
    const rolloutId = `r${this.#tables}`;
    const frames = this.#controller?.frames ?? [];
    const framesBefore = frames.length;
    const countedBefore = await this.#tripsCounted();
    const requestsBefore = this.#candidate.requests;
    this.#candidate.illness = illness;
    const burst = await this.#batch(cases, SILENT_MS_PATIENT);
    const isLeft = async (): Promise<boolean> =>
      (await this.#states()).every(({ tripped }) => tripped.includes(rolloutId));
    const isTold = (): boolean => reportsOf(frames.slice(framesBefore), rolloutId).size > 0;
    await within(async () => isTold() && (await isLeft()));
    const requestsAtTrip = this.#candidate.requests;
    const after = await this.#batch(late, SILENT_MS_PATIENT);
    this.#candidate.illness = null;
    const found = judgeBurst({
      rolloutId,
      states: await this.#states(),
      frames: frames.slice(framesBefore),
      counted: (await this.#tripsCounted()) - countedBefore,
      atCandidate: requestsAtTrip - requestsBefore,
      lateAtCandidate: this.#candidate.requests - requestsAtTrip,
      got: burst.got,
      lateGot: after.got,
    });
    await this.#beginAnew();
    const mine = found.map((what) => ({ what: `${what}; ${illness.pieces}`, fuzzCase: null }));
    return [...burst.violations, ...after.violations, ...mine];
  }

  /** By the gateway's own metrics. */
  async #tripsCounted(): Promise<number> {
    const { got } = await speak(this.#connection(), METRICS_CALL, SILENT_MS_PATIENT);
    const counts = [...got.matchAll(/^slipway_trips_total\{[^}]*\} (\d+)$/gm)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  async #batch(cases: readonly FuzzCase[], silentMs = this.#silentMs): Promise<Batch> {
    for (const fuzzCase of cases) this.#cases.set(fuzzCase.token, fuzzCase);
    const outcomes = await Promise.all(cases.map((fuzzCase) => this.#play(fuzzCase, silentMs)));
    const violations = this.#found.splice(0);
    violations.push(...(await this.#remains()).map((what) => ({ what, fuzzCase: null })));
    for (const outcome of outcomes) {
      const seen = this.#seen.get(outcome.fuzzCase.token) ?? [];
      const copies = this.#copies.get(outcome.fuzzCase.token) ?? [];
      this.forwarded += seen.length;
      this.copied += copies.length;
      for (const what of judge({ ...outcome, seen, copies }, this.#cases)) {
        violations.push({ what, fuzzCase: outcome.fuzzCase });
      }
    }
    for (const seen of this.#upstreams.flatMap(({ nameless }) => nameless.splice(0))) {
      const isFound = outcomes.some(({ found }) => found.some((one) => isSame(one, seen)));
      if (isFound) continue;
      const what = `an upstream got what nobody sent: ${JSON.stringify(seen)}`;
      violations.push({ what, fuzzCase: null });
    }
    this.#cases.clear();
    this.#seen.clear();
    this.#copies.clear();
    return { violations, got: outcomes.map(({ got }) => got) };
  }

  /** What has not come back to nothing: requests, slots, timers, workers. */
  async #remains(): Promise<readonly string[]> {
    const found: string[] = [];
    if (!(await within(async () => (await this.#states()).every(isIdle)))) {
      found.push(`requests remain open: ${JSON.stringify(await this.#states())}`);
    }
    if (!(await within(() => timers() <= this.#timersAtFirst + TIMERS_MORE_MAX))) {
      found.push(`${timers()} timers remain, of ${this.#timersAtFirst} at first`);
    }
    const now = incarnationsOf(await this.#states());
    if (now !== this.#incarnations) found.push(`workers died: ${this.#incarnations}, now ${now}`);
    this.#incarnations = now;
    return found;
  }

  /** Another rollout, so that a candidate that was left is met again. */
  async #beginAnew(): Promise<void> {
    this.trips += (await this.#states()).filter(({ tripped }) => tripped.length > 0).length;
    this.#controller?.publish(this.#newTable());
    await within(() => this.#hasTable());
  }

  /** Gives what remained after everything has been closed. */
  async close(): Promise<readonly string[]> {
    await this.#gateway?.close();
    const open = (): number => this.#upstreams.reduce((sum, { sockets }) => sum + sockets, 0);
    const isCut = await within(() => open() === 0);
    const sockets = open();
    await Promise.all([
      ...this.#upstreams.map((upstream) => upstream.close()),
      this.#controller?.close(),
    ]);
    rmSync(this.#dataDir, { recursive: true, force: true });
    this.#authority?.remove();
    return isCut ? [] : [`${sockets} connections to upstreams remain`];
  }

  #connection(): Socket {
    const port = this.#gateway?.port ?? 0;
    if (this.#authority === null) return connect(port, "127.0.0.1");
    return connectSecurely({ port, host: "127.0.0.1", ca: this.#authority.ca });
  }

  async #play(fuzzCase: FuzzCase, silentMs: number): Promise<Omit<Outcome, "copies" | "seen">> {
    const { client } = fuzzCase;
    const bytes = client.pieces.join("");
    const [found, { got, hasEnded }] = await Promise.all([
      this.#reference.find(bytes),
      speak(this.#connection(), client, silentMs),
    ]);
    return { fuzzCase, found, got, hasEnded };
  }
}

type Spoken = { readonly got: string; readonly hasEnded: boolean };

/** Sends a client's bytes; when nothing more comes, leaves, and waits for the gateway to end the connection too. */
function speak(socket: Socket, script: FuzzCase["client"], silentMs: number): Promise<Spoken> {
  const { promise, resolve } = Promise.withResolvers<Spoken>();
  let got = "";
  let bound: NodeJS.Timeout | null = null;
  let silence: NodeJS.Timeout | null = null;
  const finish = (hasEnded: boolean): void => {
    if (bound !== null) clearTimeout(bound);
    if (silence !== null) clearTimeout(silence);
    socket.destroy();
    resolve({ got, hasEnded });
  };
  const leave = (): void => {
    socket.end();
    bound ??= setTimeout(() => finish(false), BOUND_MS);
  };
  socket.setEncoding("latin1");
  socket.on("data", (chunk) => {
    got += String(chunk);
    silence?.refresh();
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => finish(true));
  socket.on(socket instanceof TLSSocket ? "secureConnect" : "connect", () => {
    void send(socket, script, () => true).then(() => {
      if (socket.destroyed) return;
      if (script.atLast === "stay") silence = setTimeout(leave, silentMs);
      else leave();
    });
  });
  return promise;
}

/** False when it has not become true within the bound. */
async function within(isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + BOUND_MS;
  while (!(await isTrue())) {
    if (performance.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}

function isIdle({ openRequests, versions }: GatewaySnapshot): boolean {
  return (
    openRequests === 0 && versions.every(({ inFlight, queued }) => inFlight === 0 && queued === 0)
  );
}

function incarnationsOf(states: readonly GatewaySnapshot[]): string {
  return states
    .map(({ member }) => member.incarnation)
    .sort()
    .join();
}

/** Timers of this process that keep it alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}
