// The gateways that are fuzzed: plain, behind TLS on both sides, with a mirror and a trip armed, and with two workers in
// processes of their own.

import { type Mirror, SLOTS, type Table } from "@slipway/core";
import { startWorker } from "../../src/edge/crew/worker.ts";
import { askGateway, runGateway, type Transport } from "../../src/edge/index.ts";
import type { RunOptions } from "../../src/edge/options.ts";
import type { GatewaySnapshot } from "../../src/snapshot.ts";
import type { Authority } from "../certificates.ts";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "../fixtures.ts";
import { MODELS } from "./fuzz-case.ts";

export const SHAPES = ["plain", "tls", "armed", "workers"] as const;
export type Shape = (typeof SHAPES)[number];

/** Hard failures more than answers that trip. */
export const TRIP_FAILURES = 5;

const DEADLINE_MS = 60_000;
const ARMED_DEADLINE_MS = 1_000;

export const isSecure = (shape: Shape): boolean => shape === "tls" || shape === "workers";
export const isArmed = (shape: Shape): boolean => shape === "armed" || shape === "workers";

/** A gateway as its outside can be asked about it. */
export type UnderFire = {
  readonly port: number;
  readonly states: () => Promise<readonly GatewaySnapshot[]>;
  readonly close: () => Promise<void>;
};

export type Setting = {
  readonly shape: Shape;
  readonly transport: Transport;
  readonly controllerUrl: string;
  readonly dataDir: string;
  readonly authority: Authority | null;
};

export async function startUnderFire(setting: Setting): Promise<UnderFire> {
  const { authority, controllerUrl, dataDir, shape, transport } = setting;
  const run: RunOptions = {
    listen: { host: "127.0.0.1", port: 0 },
    controllerUrl,
    dataDir,
    name: "fuzzed",
    workers: shape === "workers" ? 2 : 1,
    logLevel: "silent",
    transport,
    dataLimits: { idleGraceMs: 0 },
    tls: authority?.pair("gateway", ["127.0.0.1"]),
  };
  if (run.workers === 1) {
    const worker = await startWorker({ run, worker: 1, diverted: [], grants: [] });
    return {
      port: worker.port,
      states: () => Promise.resolve([worker.snapshot()]),
      close: worker.close,
    };
  }
  const gateway = await runGateway(run);
  return {
    port: gateway.port,
    states: async () => {
      const answer = await askGateway(dataDir, { do: "status" });
      if (!answer.ok) throw new Error(`no status: ${answer.error.message}`);
      return answer.workers;
    },
    close: gateway.close,
  };
}

export type Urls = { readonly stable: string; readonly candidate: string; readonly shadow: string };

/** Everybody of one model is on a candidate. Each number has a rollout of its own, so that no trip lasts. */
export function tableUnderFire(number: number, shape: Shape, urls: Urls, caFile?: string): Table {
  const model = (url: string, name: string) =>
    versionOf(
      url,
      upstreamOf({
        id: `${url} ${name}`,
        url,
        model: name,
        pool: url,
        ...(caFile === undefined ? {} : { caFile }),
      }),
    );
  const mirrorOf = (name: string): Mirror => ({
    id: `mirror of ${name}`,
    to: model(urls.shadow, name),
    share: 1,
    copies: 1,
    again: 0,
    inFlightMax: 16,
    perMinuteMax: null,
    keep: false,
  });
  const shared = (name: string) => ({
    model: name,
    replay: { enabled: true, budget: 1 },
    trip: { enabled: isArmed(shape), failures: TRIP_FAILURES },
    lease: { durationMs: 60_000, onLapse: "keep" as const },
    // A copy goes on without its client: one whose answer never ends is cut off by its deadline.
    deadlineMs: isArmed(shape) ? ARMED_DEADLINE_MS : DEADLINE_MS,
    mirror: isArmed(shape) ? mirrorOf(name) : null,
  });
  const split = splitOf(SLOTS, model(urls.candidate, MODELS.split));
  return tableOf(
    number,
    routeOf({ ...shared(MODELS.stable), stable: model(urls.stable, MODELS.stable) }),
    routeOf({
      ...shared(MODELS.split),
      stable: model(urls.stable, MODELS.split),
      split: { ...split, rolloutId: `r${number}` },
      keys: { header: "x-token", apiKeyIsUser: false, withoutKey: "per-request" },
    }),
  );
}
