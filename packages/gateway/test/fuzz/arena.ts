// A gateway worker in this process between clients and upstreams of bytes, and what must hold after each batch of cases.

import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transport } from "../../src/edge/index.ts";
import { type RunningWorker, startWorker } from "../../src/edge/worker.ts";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "../fixtures.ts";
import { type FakeController, fakeController } from "../scripted-upstream.ts";
import { type FuzzCase, MODELS } from "./fuzz-case.ts";
import { isSame, judge, type Outcome } from "./judgement.ts";
import { RawUpstream, type Seen, send } from "./raw-upstream.ts";
import { Reference } from "./reference.ts";

/** A client that has heard nothing for so long takes it that nothing more comes, and leaves. */
const SILENT_MS = 80;
/** What is over must be over within this. Far beyond what it takes, so that only a hang is one. */
const BOUND_MS = 10_000;
const POLL_MS = 5;

export type Violation = { readonly what: string; readonly fuzzCase: FuzzCase | null };

export class Arena {
  readonly #reference = new Reference();
  readonly #cases = new Map<string, FuzzCase>();
  readonly #seen = new Map<string, Seen[]>();
  readonly #found: Violation[] = [];
  readonly #dataDir = mkdtempSync(join(tmpdir(), "slipway-fuzz-"));
  readonly #stable: RawUpstream;
  readonly #candidate: RawUpstream;
  #controller: FakeController | null = null;
  #worker: RunningWorker | null = null;
  /** Requests that upstreams were sent. */
  forwarded = 0;

  constructor() {
    const violate = (what: string): void => {
      this.#found.push({ what, fuzzCase: null });
    };
    this.#stable = new RawUpstream(this.#cases, this.#seen, violate);
    this.#candidate = new RawUpstream(this.#cases, this.#seen, violate);
  }

  async start(transport: Transport): Promise<void> {
    const model = (url: string) => (name: string) =>
      upstreamOf({ id: `${url} ${name}`, url, model: name });
    const stable = model(await this.#stable.listen());
    const candidate = model(await this.#candidate.listen());
    const shared = {
      replay: { enabled: true, budget: 1 },
      trip: { enabled: false, failures: 10 },
      lease: { durationMs: 60_000, onLapse: "keep" },
    } as const;
    const table = tableOf(
      1,
      routeOf({
        model: MODELS.stable,
        stable: versionOf("v1", stable(MODELS.stable)),
        ...shared,
      }),
      routeOf({
        model: MODELS.split,
        stable: versionOf("v1", stable(MODELS.split)),
        split: splitOf(10_000, versionOf("v2", candidate(MODELS.split))),
        keys: { header: "x-token", apiKeyIsUser: false, withoutKey: "per-request" },
        ...shared,
      }),
    );
    this.#controller = await fakeController(table);
    const run = {
      listen: { host: "127.0.0.1", port: 0 },
      controllerUrl: this.#controller.url,
      dataDir: this.#dataDir,
      name: "fuzzed",
      workers: 1,
      logLevel: "silent",
      transport,
      dataLimits: { idleGraceMs: 0 },
    };
    this.#worker = await startWorker({ run, worker: 1, diverted: [] });
    await within(() => this.#worker?.snapshot().table != null);
  }

  /** Runs all of them at once; gives what did not hold. */
  async run(cases: readonly FuzzCase[]): Promise<readonly Violation[]> {
    for (const fuzzCase of cases) this.#cases.set(fuzzCase.token, fuzzCase);
    const outcomes = await Promise.all(cases.map((fuzzCase) => this.#play(fuzzCase)));
    const violations = this.#found.splice(0);
    if (!(await within(() => this.#isIdle()))) {
      const state = JSON.stringify(this.#worker?.snapshot());
      violations.push({ what: `requests remain open: ${state}`, fuzzCase: null });
    }
    for (const outcome of outcomes) {
      const seen = this.#seen.get(outcome.fuzzCase.token) ?? [];
      this.forwarded += seen.length;
      for (const what of judge({ ...outcome, seen }, this.#cases)) {
        violations.push({ what, fuzzCase: outcome.fuzzCase });
      }
    }
    for (const seen of [this.#stable, this.#candidate].flatMap(({ nameless }) =>
      nameless.splice(0),
    )) {
      const isFound = outcomes.some(({ found }) => found.some((one) => isSame(one, seen)));
      if (isFound) continue;
      const what = `an upstream got what nobody sent: ${JSON.stringify(seen)}`;
      violations.push({ what, fuzzCase: null });
    }
    this.#cases.clear();
    this.#seen.clear();
    return violations;
  }

  /** Gives what remained after everything has been closed. */
  async close(): Promise<readonly string[]> {
    await this.#worker?.close();
    const isCut = await within(() => this.#stable.sockets + this.#candidate.sockets === 0);
    const sockets = this.#stable.sockets + this.#candidate.sockets;
    await Promise.all([this.#stable.close(), this.#candidate.close(), this.#controller?.close()]);
    rmSync(this.#dataDir, { recursive: true, force: true });
    return isCut ? [] : [`${sockets} connections to upstreams remain`];
  }

  #isIdle(): boolean {
    const state = this.#worker?.snapshot();
    if (state === undefined || state.openRequests > 0) return false;
    return state.versions.every(({ inFlight, queued }) => inFlight === 0 && queued === 0);
  }

  async #play(fuzzCase: FuzzCase): Promise<Omit<Outcome, "seen">> {
    const { client } = fuzzCase;
    const bytes = client.pieces.join("");
    const [found, { got, hasEnded }] = await Promise.all([
      this.#reference.find(bytes),
      speak(this.#worker?.port ?? 0, client),
    ]);
    return { fuzzCase, found, got, hasEnded };
  }
}

type Spoken = { readonly got: string; readonly hasEnded: boolean };

/** Sends a client's bytes; when nothing more comes, leaves, and waits for the gateway to end the connection too. */
function speak(port: number, script: FuzzCase["client"]): Promise<Spoken> {
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
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("latin1");
  socket.on("data", (chunk) => {
    got += String(chunk);
    silence?.refresh();
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => finish(true));
  socket.on("connect", () => {
    void send(socket, script, () => true).then(() => {
      if (socket.destroyed) return;
      if (script.atLast === "stay") silence = setTimeout(leave, SILENT_MS);
      else leave();
    });
  });
  return promise;
}

/** False when it has not become true within the bound. */
async function within(isTrue: () => boolean): Promise<boolean> {
  const endMs = performance.now() + BOUND_MS;
  while (!isTrue()) {
    if (performance.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}
