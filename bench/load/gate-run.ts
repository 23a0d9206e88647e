// The load gate as a preflight runs it, against one version: in virtual time, or at a real address.
import { createRandom, type TracedRequest } from "@slipway/core";
import { type GateContext, type GateFinding, gates, type Served, shoot } from "@slipway/preflight";
import { chatClient, scoringPorts, systemClock, threadedShoot } from "@slipway/preflight/edge";
import { ModelServer, type SimulatedVersion, VirtualChat, VirtualClock } from "@slipway/simulator";
import type { LoadGate } from "@slipway/wire/config";
import { policyOf } from "../default-policy.ts";
import { IN_FLIGHT_MAX } from "./settings.ts";

export type GateRun = Pick<LoadGate, "stepMs" | "lagMsMax" | "limits"> & {
  readonly perSecond: number;
  readonly requests: readonly TracedRequest[];
};

export async function inVirtualTime(
  version: SimulatedVersion,
  run: GateRun,
  seed: number,
): Promise<GateFinding> {
  const clock = new VirtualClock();
  const server = new ModelServer({ version, clock, random: createRandom(seed) });
  const chat = new VirtualChat(server, clock);
  const ports = { clock, ask: chat.ask };
  const context = contextOf(run, "http://simulated/v1", version.model, {
    ...ports,
    shoot: (volley, watch) => shoot(ports, volley, watch),
  });
  return await chat.until(gates.load.run(context));
}

export async function atAddress(
  baseUrl: string,
  model: string,
  run: GateRun,
): Promise<GateFinding> {
  const client = chatClient();
  const ports = { clock: systemClock, ask: client.ask, shoot: threadedShoot };
  try {
    return await gates.load.run(contextOf(run, baseUrl, model, ports));
  } finally {
    await client.close();
  }
}

function notAsked(): Promise<never> {
  return Promise.reject(new Error("the load gate asks no controller"));
}

function contextOf(
  run: GateRun,
  baseUrl: string,
  model: string,
  ports: Pick<GateContext<LoadGate>, "clock" | "ask" | "shoot">,
): GateContext<LoadGate> {
  const { perSecond, requests, stepMs, lagMsMax, limits } = run;
  const served: Served = {
    version: {
      id: model,
      identity: {},
      fingerprint: "bench",
      upstreams: [
        {
          id: "bench",
          url: baseUrl,
          model,
          keyEnv: null,
          pool: "bench",
          inFlightMax: IN_FLIGHT_MAX,
          concurrency: "fixed",
          replicas: 1,
        },
      ],
    },
    endpoints: [{ id: "bench", baseUrl, model, headers: {}, caFile: null }],
  };
  return {
    ...ports,
    model: "bench",
    stable: served,
    candidate: served,
    before: [],
    learnt: [],
    random: createRandom,
    files: { read: () => Promise.resolve(traceText(requests)) },
    runCommand: () => Promise.reject(new Error("the load gate runs no command")),
    listFolder: () => Promise.reject(new Error("the load gate looks into no folder")),
    mirroring: { start: notAsked, look: notAsked, stop: notAsked },
    drilling: {
      ...{ key: () => null, look: notAsked, phase: notAsked },
      ...{ start: notAsked, fault: notAsked, end: notAsked },
    },
    drifting: { view: notAsked, takeBaseline: notAsked, look: notAsked },
    sha256: () => "",
    scoring: scoringPorts,
    secret: () => null,
    policy: policyOf(),
    pools: [],
    http: () => Promise.reject(new Error("the load gate calls nobody")),
    progress: () => {},
    signal: new AbortController().signal,
    settings: {
      traffic: {
        peakPerSecond: perSecond,
        share: 1,
        lengths: { promptTokens: 1, outputTokens: 1, spread: 0 },
        trace: "the setting's requests",
        arrivals: "poisson",
      },
      limits,
      errorsMax: 0.01,
      stepMs,
      findsCapacity: true,
      results: [],
      timeoutMs: 600_000,
      lagMsMax,
      ignoreEos: true,
      budget: null,
    },
  };
}

function traceText(requests: readonly TracedRequest[]): string {
  return requests
    .map(({ atMs, promptTokens, outputTokens }) =>
      JSON.stringify({ timestamp: atMs, input_length: promptTokens, output_length: outputTokens }),
    )
    .join("\n");
}
