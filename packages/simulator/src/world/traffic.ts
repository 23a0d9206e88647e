// The users of a world: few enough and with requests short enough that minutes of traffic take about a second.
import { type Clock, createRandom, exponential, type Random } from "@slipway/core";
import type { Arrivals } from "../population/arrival.ts";
import { Load } from "../population/load.ts";
import type { SeenAnswer } from "../population/seen-answer.ts";
import { Users, type UsersOptions } from "../population/users.ts";
import { type ExchangeHandler, gatewaySend } from "../virtual/gateway-client.ts";
import { MODEL } from "./fleet.ts";
import type { WorkerProcess } from "./worker-process.ts";

export type TrafficOptions = {
  readonly clock: Clock;
  readonly seed: number;
  readonly requestsPerSecond: number;
  readonly workers: readonly WorkerProcess[];
  readonly onAnswer: (request: number, seen: SeenAnswer) => void;
};

const USERS: UsersOptions = {
  users: 400,
  activitySkew: 0.2,
  languages: [{ name: "rust", share: 1 }],
  surfaces: [
    { name: "inline", share: 0.9, api: "completions", streamShare: 0.2 },
    { name: "chat", share: 0.1, api: "chat", streamShare: 1 },
  ],
  systemTokens: 32,
  documentShare: 0.5,
  requestsPerDocument: 10,
};
const PROMPT_TOKENS_MAX = 256;
const OUTPUT_TOKENS_MAX = 16;

/** Starts now. A request's number counts from 0, in the order in which they are sent. */
export function startTraffic(options: TrafficOptions): Load {
  const { clock, seed, requestsPerSecond, workers, onAnswer } = options;
  const random = createRandom(seed);
  let sent = 0;
  const choose = (): ExchangeHandler | undefined => {
    const request = sent++;
    const serving = workers.filter(({ isServing }) => isServing);
    const worker = serving[Math.floor(random.next() * serving.length)];
    return worker && { handle: (exchange) => worker.handle(request, exchange) };
  };
  return new Load({
    clock,
    send: gatewaySend(choose),
    model: MODEL,
    arrivals: shortRequests(requestsPerSecond, createRandom(seed + 1)),
    users: new Users(USERS, createRandom(seed + 2)),
    onAnswer: (seen) => onAnswer(seen.index, seen),
  });
}

function shortRequests(perSecond: number, random: Random): Arrivals {
  let atMs = 0;
  const next = () => {
    atMs += exponential(random, 1_000 / perSecond);
    const promptTokens = 1 + Math.floor(random.next() * PROMPT_TOKENS_MAX);
    return { atMs, promptTokens, outputTokens: 1 + Math.floor(random.next() * OUTPUT_TOKENS_MAX) };
  };
  return { next };
}
