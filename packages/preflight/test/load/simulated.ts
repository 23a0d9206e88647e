// Gates that make load, against a simulated model server in virtual time: nothing of it depends on the machine.
import { createRandom, type Upstream, type Version } from "@slipway/core";
import {
  type GateContext,
  type GateFinding,
  type Http,
  type Served,
  type Shoot,
  shoot,
} from "@slipway/preflight";
import {
  type Fault,
  ModelServer,
  type SimulatedVersion,
  VirtualChat,
  VirtualClock,
} from "@slipway/simulator";
import { surroundings } from "../surroundings.ts";

/** About 37 requests a second of 100 tokens in and 20 out, with 32 at once. */
const FAST: SimulatedVersion = {
  model: "sim",
  engine: {
    baseMs: 10,
    perSequenceMs: 0.5,
    perContextTokenMs: 0,
    perPrefillTokenMs: 0.1,
    iterationMsMin: 0,
    tokensPerStep: 1,
    iterationTokensMax: 2_048,
    sequencesMax: 32,
    waitingMax: 10_000,
    blockTokens: 16,
    blocksMax: 100_000,
  },
  replicas: 1,
  charactersPerToken: 4,
  contextTokensMax: 32_768,
  outputFactor: 1,
  refusals: {},
  faults: [],
};

const UPSTREAM: Upstream = {
  id: "sim",
  url: "http://sim/v1",
  model: "sim",
  keyEnv: null,
  pool: "sim",
  inFlightMax: 32,
  concurrency: "fixed",
  replicas: 1,
};

export function servedBy(changes: Partial<Upstream> = {}, version: Partial<Version> = {}): Served {
  return {
    version: {
      id: "v2",
      upstreams: [{ ...UPSTREAM, ...changes }],
      identity: {},
      fingerprint: "f",
      ...version,
    },
    endpoints: [{ id: "sim", baseUrl: "http://sim/v1", model: "sim", headers: {}, caFile: null }],
  };
}

export type Simulation = {
  readonly faults?: readonly Fault[];
  readonly candidate?: Served;
  /** What stands between the generator and the server. */
  readonly shoot?: (plain: Shoot) => Shoot;
};

/** The server's own metrics, as at a socket. */
function metricsOf(server: ModelServer): Http {
  return ({ url }) => {
    const told = { status: 0, text: "" };
    server.handle(
      { method: "GET", path: new URL(url).pathname, authorization: undefined, body: "" },
      {
        head: (status) => {
          told.status = status;
        },
        chunk: (text) => {
          told.text += text;
        },
        end: () => {},
        cut: () => {},
      },
    );
    return Promise.resolve(told);
  };
}

/** Runs a gate to its end, in virtual time. */
export async function ran<Settings>(
  gate: { readonly run: (context: GateContext<Settings>) => Promise<GateFinding> },
  settings: Settings,
  { faults = [], candidate = servedBy(), shoot: between = (plain) => plain }: Simulation = {},
): Promise<GateFinding> {
  const clock = new VirtualClock();
  const version = { ...FAST, faults };
  const server = new ModelServer({ version, clock, random: createRandom(1) });
  const chat = new VirtualChat(server, clock);
  const run = gate.run({
    ...surroundings({
      clock,
      candidate,
      ask: chat.ask,
      http: metricsOf(server),
      shoot: between((volley, watch) => shoot({ clock, ask: chat.ask }, volley, watch)),
    }),
    before: [],
    settings,
    progress: () => {},
  });
  return await chat.until(run);
}
