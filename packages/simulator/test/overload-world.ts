// A gateway before one model server, in virtual time, and clients that ask again when they fail: what overload does.

import { type Clock, createRandom, type Random, routesOf } from "@slipway/core";
import { createGateway, type Exchange, type Gateway } from "@slipway/gateway";
import {
  ModelServer,
  presets,
  type SimulatedVersion,
  VirtualClock,
  virtualUpstream,
} from "@slipway/simulator";
import { loadConfig } from "@slipway/wire/config";
import { tinyEngine } from "./fixtures.ts";

const BASE = "http://model.test/v1";
const MODEL = "m";
const encoder = new TextEncoder();

/** A server whose iterations take longer the more requests it works on, and that queues whatever comes. */
const SERVER: SimulatedVersion = {
  ...presets["gpt-5.0"],
  model: MODEL,
  engine: {
    ...tinyEngine,
    perSequenceMs: 1,
    iterationTokensMax: 512,
    sequencesMax: 24,
    waitingMax: 100_000,
    blocksMax: 100_000,
    perPrefillTokenMs: 0.02,
  },
  replicas: 1,
  faults: [],
};

export type ClientKind = {
  readonly share: number;
  readonly retriesMax: number;
  readonly honoursRetryAfter: boolean;
};

/** As the client libraries of the providers do, and as many home-made ones. */
export const CLIENTS: readonly ClientKind[] = [
  { share: 0.5, retriesMax: 2, honoursRetryAfter: true },
  { share: 0.5, retriesMax: 5, honoursRetryAfter: false },
];

/** Requests a second from a moment on. */
export type Demand = readonly { readonly fromMs: number; readonly perSecond: number }[];

export type WorldOptions = {
  readonly inFlightMax: number;
  readonly concurrency?: "fixed" | "adaptive";
  readonly demand: Demand;
  readonly clients?: readonly ClientKind[];
  readonly timeoutMs?: number;
  readonly stream?: boolean;
  readonly outputTokens?: (random: Random, nowMs: number) => number;
  readonly promptTokens?: number;
  readonly version?: SimulatedVersion;
  readonly workers?: number;
  readonly seed?: number;
};

/** What happened in one second. */
export type Second = {
  /** Tasks done: a client has its answer, at whichever attempt. */
  done: number;
  /** Tasks given up. */
  lost: number;
  /** Requests that clients sent, again or for the first time. */
  sent: number;
  /** Requests that the server had, at most. */
  serverLoadMax: number;
  queuedMax: number;
  limit: number;
  /** Sum of what the tasks took, over those done. */
  tookMs: number;
};

export class OverloadWorld {
  readonly clock: VirtualClock = new VirtualClock();
  readonly server: ModelServer;
  /** Workers before the one server, which take turns. */
  readonly gateways: readonly Gateway[];
  readonly seconds: Second[] = [];
  readonly #options: WorldOptions;
  readonly #random: Random;
  #ids = 0;
  #turn = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { seed = 1, version = SERVER } = options;
    this.#random = createRandom(seed);
    const { clock } = this;
    this.server = new ModelServer({ version, clock, random: createRandom(seed + 1) });
    const { workers = 1 } = options;
    this.gateways = Array.from({ length: workers }, (_, i) => this.#gateway(i + 1, workers));
    for (const gateway of this.gateways) gateway.start();
    this.#arrive();
    this.#watch();
  }

  run(untilMs: number): this {
    this.clock.run(untilMs);
    return this;
  }

  /** Of the seconds from one to another. */
  mean(field: keyof Second, from: number, to: number): number {
    const some = this.seconds.slice(from, to);
    return some.reduce((sum, second) => sum + second[field], 0) / some.length;
  }

  max(field: keyof Second, from = 0, to: number = this.seconds.length): number {
    return Math.max(...this.seconds.slice(from, to).map((second) => second[field]));
  }

  #gateway(worker: number, workers: number): Gateway {
    const { clock } = this;
    const { inFlightMax, concurrency = "fixed" } = this.#options;
    const text = `models: {${MODEL}: {stable: v, policy: {deadline: 2m}, versions: {v: {upstreams:
      [{url: ${BASE}, model: ${MODEL}, in-flight-max: ${inFlightMax}, concurrency: ${concurrency}}]}}}}`;
    const config = loadConfig({ file: "test", text, sha256: (t) => t, isSet: null });
    if (!config.ok) throw new Error(config.problems.map(({ message }) => message).join("; "));
    const routes = routesOf(config.models, []);
    const table = { storeId: "s", number: 1, mintedAtMs: 0, routes, pools: [], clients: null };
    return createGateway(
      {
        clock,
        random: this.#random,
        ids: { next: () => `id-${++this.#ids}` },
        upstream: virtualUpstream({ clock, servers: { [BASE]: this.server }, latencyMs: 1 }),
        tableFile: { load: () => table, save: () => {} },
        link: { follow: () => () => {}, report: () => () => {} },
        log: { info: () => {}, warn: () => {}, error: () => {} },
        readForm: (_type, _body, done) => done(null),
        signer: { sign: () => "", verifies: () => false },
        secret: () => null,
        digest: (text) => text,
      },
      { name: "g", worker, workers },
    );
  }

  #watch(): void {
    const second = this.#second;
    const states = this.gateways.flatMap((gateway) => gateway.snapshot().versions);
    const queued = states.reduce((sum, state) => sum + state.queued, 0);
    second.queuedMax = Math.max(second.queuedMax, queued);
    second.serverLoadMax = Math.max(second.serverLoadMax, this.server.load);
    second.limit = states.reduce((sum, { upstreams }) => sum + (upstreams[0]?.limit ?? 0), 0);
    this.clock.after(20, () => this.#watch());
  }

  get #second(): Second {
    const index = Math.floor(this.clock.mono() / 1_000);
    while (this.seconds.length <= index) {
      this.seconds.push({
        done: 0,
        lost: 0,
        sent: 0,
        serverLoadMax: 0,
        queuedMax: 0,
        limit: 0,
        tookMs: 0,
      });
    }
    return this.seconds[index] as Second;
  }

  #arrive(): void {
    const nowMs = this.clock.mono();
    const { demand } = this.#options;
    const perSecond = demand.findLast(({ fromMs }) => fromMs <= nowMs)?.perSecond ?? 0;
    if (perSecond > 0 && nowMs > 0) new Task(this.#kind(), this.#body(), this.#parts()).start();
    const gapMs = perSecond > 0 ? -Math.log(1 - this.#random.next()) / (perSecond / 1_000) : 100;
    this.clock.after(gapMs, () => this.#arrive());
  }

  #kind(): ClientKind {
    const { clients = CLIENTS } = this.#options;
    let left = this.#random.next();
    const kind = clients.find(({ share }) => {
      left -= share;
      return left < 0;
    });
    return kind ?? (clients[0] as ClientKind);
  }

  #body(): Uint8Array {
    const { outputTokens, promptTokens = 100, stream = true } = this.#options;
    const tokens = outputTokens?.(this.#random, this.clock.mono()) ?? 20 + this.#random.next() * 40;
    return encoder.encode(
      JSON.stringify({
        model: MODEL,
        stream,
        messages: [{ role: "user", content: "x" }],
        metadata: {
          sim_prompt_tokens: String(promptTokens),
          sim_output_tokens: String(Math.round(tokens)),
        },
      }),
    );
  }

  #parts(): TaskParts {
    return {
      clock: this.clock,
      random: this.#random,
      gateway: this.gateways[this.#turn++ % this.gateways.length] as Gateway,
      timeoutMs: this.#options.timeoutMs ?? 10_000,
      second: () => this.#second,
    };
  }
}

type TaskParts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly gateway: Gateway;
  readonly timeoutMs: number;
  readonly second: () => Second;
};

/** Something that a client wants done, however often it must ask. */
class Task {
  readonly #kind: ClientKind;
  readonly #body: Uint8Array;
  readonly #parts: TaskParts;
  readonly #startedMs: number;
  #attempts = 0;

  constructor(kind: ClientKind, body: Uint8Array, parts: TaskParts) {
    this.#kind = kind;
    this.#body = body;
    this.#parts = parts;
    this.#startedMs = parts.clock.mono();
  }

  start(): void {
    const { clock, gateway, second, timeoutMs } = this.#parts;
    this.#attempts++;
    second().sent++;
    let isOver = false;
    let status = 0;
    let retryAfterMs: number | null = null;
    let leave: () => void = () => {};
    const finish = (isGood: boolean): void => {
      if (isOver) return;
      isOver = true;
      cancelTimeout();
      this.#ended(isGood, isGood || status === 429 || status >= 500 || status === 0, retryAfterMs);
    };
    const cancelTimeout = clock.after(timeoutMs, () => {
      status = 0;
      finish(false);
      leave();
    });
    const exchange: Exchange = {
      method: "POST",
      path: "/v1/chat/completions",
      headers: ["content-type", "application/json"],
      read: (_limit, done) => done(this.#body),
      respond: (code, headers) => {
        status = code;
        const at = headers.indexOf("retry-after");
        if (at >= 0) retryAfterMs = Number(headers[at + 1]) * 1_000;
      },
      write: () => true,
      onDrain: () => {},
      end: () => finish(status === 200),
      destroy: () => finish(false),
      onClosed: (fire) => {
        leave = fire;
      },
    };
    gateway.handle(exchange);
  }

  #ended(isGood: boolean, mayRetry: boolean, retryAfterMs: number | null): void {
    const { clock, random, second } = this.#parts;
    if (isGood) {
      second().done++;
      second().tookMs += clock.mono() - this.#startedMs;
    } else if (!mayRetry || this.#attempts > this.#kind.retriesMax) {
      second().lost++;
    } else {
      const backoffMs =
        Math.min(8_000, 500 * 2 ** (this.#attempts - 1)) * (0.75 + random.next() / 4);
      const honoured = this.#kind.honoursRetryAfter ? retryAfterMs : null;
      clock.after(honoured ?? backoffMs, () => this.start());
    }
  }
}
