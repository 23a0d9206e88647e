// Tables, clocks and logs that the tests of this package share.

import type { Cancel, Clock, Route, Split, Table, Upstream, Version } from "@slipway/core";
import { WHOLE_AUDIENCE } from "@slipway/core";
import type { Log } from "../src/ports.ts";
import { FleetShare } from "../src/upstream/fleet-share.ts";
import { Pool } from "../src/upstream/pool.ts";
import type { Surroundings } from "../src/upstream/replica.ts";

export function upstreamOf(fields: Partial<Upstream> & { readonly url: string }): Upstream {
  return {
    id: fields.url,
    model: "upstream-model",
    keyEnv: null,
    pool: "pool",
    inFlightMax: 100,
    concurrency: "fixed",
    ...fields,
  };
}

export function versionOf(id: string, ...upstreams: readonly Upstream[]): Version {
  return { id, upstreams, identity: {}, fingerprint: id };
}

export const STABLE: Version = versionOf(
  "v1",
  upstreamOf({ id: "stable-1", url: "http://stable.test/v1", model: "model-v1", pool: "old" }),
);
export const CANDIDATE: Version = versionOf(
  "v2",
  upstreamOf({
    id: "candidate-1",
    url: "http://candidate.test/v1",
    model: "model-v2",
    pool: "new",
  }),
);

export function splitOf(candidateSlots: number, candidate: Version = CANDIDATE): Split {
  return { rolloutId: "r1", candidate, candidateSlots };
}

export function routeOf(fields: Partial<Route> = {}): Route {
  return {
    model: "gpt-5",
    stable: STABLE,
    split: null,
    keys: { header: "x-user", apiKeyIsUser: false, withoutKey: "stable" },
    audience: WHOLE_AUDIENCE,
    evidence: { tickMs: 1_000, horizonMs: 30_000, segments: [] },
    replay: { enabled: true, budget: 0.2 },
    trip: { enabled: true, failures: 10 },
    answers: { sample: 0, redact: [], bytesMax: 268_435_456, ageMsMax: 604_800_000 },
    mirror: null,
    lease: { durationMs: 60_000, onLapse: "stable" },
    priority: { header: null, background: [], otherwise: "interactive" },
    deadlineMs: 60_000,
    ...fields,
  };
}

export function tableOf(number: number, ...routes: readonly Route[]): Table {
  const mintedAtMs = 1_700_000_000_000;
  return { storeId: "store-1", number, mintedAtMs, routes, pools: [], clients: null };
}

export type Timer = { readonly atMs: number; readonly fire: () => void };

/** A clock that moves when the test says so. */
export class ManualClock implements Clock {
  #nowMs = 1_000;
  readonly #timers = new Set<Timer>();

  readonly wall = (): number => 1_700_000_000_000 + this.#nowMs;
  readonly mono = (): number => this.#nowMs;
  /** Timers that have been set, and have neither fired nor been cancelled. */
  get timers(): number {
    return this.#timers.size;
  }
  readonly after = (delayMs: number, fire: () => void): Cancel => {
    const timer = { atMs: this.#nowMs + delayMs, fire };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  };

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.atMs <= untilMs);
      const next = due.reduce<Timer | null>((a, b) => (a && a.atMs <= b.atMs ? a : b), null);
      if (next === null) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fire();
    }
    this.#nowMs = untilMs;
  }
}

export type LogLine = { readonly level: string; readonly message: string; readonly fields: object };

export function recordingLog(): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, message, fields });
    };
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** The surroundings of upstreams on the only worker there is, with pools that nobody limits. */
export function surroundingsOf(share: FleetShare = new FleetShare(1, 0)): Surroundings {
  return { secret: () => null, share, pool: (name) => new Pool(name, share) };
}

/** A request that wants a slot, of no size to speak of. */
export const WANTED = {
  priority: "interactive",
  inputTokens: 0,
  outputTokens: 0,
  shunnedPool: null,
} as const;
