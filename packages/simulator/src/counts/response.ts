// What a version makes of one steady load, measured on its simulated servers in virtual time: the pool of answers that
// a count-world draws from, so that it knows the same engines as a world of single requests.
import { createRandom } from "@slipway/core";
import { AnswerReader } from "../population/answer-reader.ts";
import type { Lengths } from "../population/lengths.ts";
import { startPopulation } from "../population/population.ts";
import { requestBody } from "../population/request-body.ts";
import type { SeenAnswer } from "../population/seen-answer.ts";
import { synthetic } from "../population/synthetic.ts";
import { type SimulatedRequest, Users, type UsersOptions } from "../population/users.ts";
import { ModelServer } from "../server/model-server.ts";
import { type SimulatedVersion, tokensOf } from "../version.ts";
import { VirtualClock } from "../virtual/clock.ts";

/** One request as its user saw it. Times in milliseconds from when it was due. */
export type Answer = {
  readonly kind: "ok" | "rate_limited" | "client_error" | "server_error" | "truncated";
  readonly totalMs: number;
  /** Null where the answer was not streamed. */
  readonly ttftMs: number | null;
  /** Per output token after the first; null for answers of a single token, and those not streamed. */
  readonly tpotMs: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Requests in the version's servers when it was sent. */
  readonly inFlight: number;
};

export type ResponseOptions = {
  readonly version: SimulatedVersion;
  readonly users: UsersOptions;
  readonly perSecond: number;
  readonly answers: number;
  readonly seed: number;
  /** Recorded ones, instead of those of code completions. */
  readonly lengths?: Lengths;
};

/** Caches are cold and queues empty for so long, or until so many answers. */
const WARM_UP_MS = 20_000;
const WARM_UP_SHARE = 0.1;
/** What is open after the load has ended gets so long. */
const DRAIN_MS = 120_000;

/** In the order in which the requests were due. What was never answered is left out by nobody: it is truncated. */
export function measureResponse(options: ResponseOptions): readonly Answer[] {
  const { version, users, perSecond, answers, seed, lengths = [] } = options;
  const clock = new VirtualClock();
  const server = new ModelServer({ version, clock, random: createRandom(seed) });
  const warmUpMs = Math.max(WARM_UP_MS, (answers * WARM_UP_SHARE * 1_000) / perSecond);
  const durationMs = (answers * 1_000) / perSecond;
  const measured: Measuring[] = [];
  const stop = startPopulation({
    clock,
    arrivals: synthetic(
      { ratePerSecond: perSecond, burstiness: 0, lengths },
      createRandom(seed + 1),
    ),
    users: new Users(users, createRandom(seed + 2)),
    issue: (request, dueMs) => {
      const one: Measuring = { request, inFlight: server.load, seen: null };
      if (dueMs >= warmUpMs) measured.push(one);
      send({ server, clock, version, dueMs, one });
    },
  });
  clock.run(warmUpMs + durationMs);
  stop();
  clock.run(clock.mono() + DRAIN_MS);
  return measured.map((one) => answerOf(version, one));
}

type Measuring = {
  readonly request: SimulatedRequest;
  readonly inFlight: number;
  seen: SeenAnswer | null;
};

type Sending = {
  readonly server: ModelServer;
  readonly clock: VirtualClock;
  readonly version: SimulatedVersion;
  readonly dueMs: number;
  readonly one: Measuring;
};

function send({ server, clock, version, dueMs, one }: Sending): void {
  const answer = new AnswerReader({
    request: one.request,
    dueMs,
    now: clock.mono,
    finish: (seen) => {
      one.seen = seen;
    },
  });
  const { path, body } = requestBody(one.request, version.model);
  server.handle(
    { method: "POST", path, authorization: undefined, body },
    {
      head: (status, headers) => answer.head(status, (name) => headers[name]),
      chunk: (text) => answer.chunk(text),
      end: () => answer.end(),
      cut: () => answer.broken(),
    },
  );
}

function answerOf(version: SimulatedVersion, { request, inFlight, seen }: Measuring): Answer {
  const inputTokens = tokensOf(version, request.promptTokens);
  const wanted = tokensOf(version, request.outputTokens * version.outputFactor);
  const outputTokens = Math.min(wanted, request.surface.outputTokensMax ?? wanted);
  const base = { inputTokens, outputTokens, inFlight };
  if (seen === null) {
    const never = Number.POSITIVE_INFINITY;
    return { ...base, kind: "truncated", totalMs: never, ttftMs: null, tpotMs: null };
  }
  const ttftMs = request.stream ? seen.ttftMs : null;
  const tpotMs =
    ttftMs === null || outputTokens < 2 ? null : (seen.totalMs - ttftMs) / (outputTokens - 1);
  return { ...base, kind: kindOf(seen), totalMs: seen.totalMs, ttftMs, tpotMs };
}

function kindOf({ error, status }: SeenAnswer): Answer["kind"] {
  if (error === null) return "ok";
  if (error !== "status") return "truncated";
  if (status === 429) return "rate_limited";
  return status < 500 ? "client_error" : "server_error";
}
