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
import { REFUSAL_TOKENS } from "../server/pseudo-code.ts";
import { REFERENCE_CHARACTERS_PER_TOKEN, type SimulatedVersion, tokensOf } from "../version.ts";
import { VirtualClock } from "../virtual/clock.ts";
import type { Behind } from "./demand.ts";
import { QuotaClients, settleMsOf } from "./quota-clients.ts";

/** One request as its user saw it. Times in milliseconds from when it was due. */
export type Answer = {
  readonly kind: "ok" | "rate_limited" | "client_error" | "server_error" | "truncated";
  /** Of a good answer. */
  readonly ending: "answered" | "refused" | "cut-off";
  readonly totalMs: number;
  /** Null where the answer was not streamed. */
  readonly ttftMs: number | null;
  /** Per output token after the first; null for answers of a single token, and those not streamed. */
  readonly tpotMs: number | null;
  readonly inputTokens: number;
  /** As a gateway guesses them by the size of the request, whatever the version's tokenizer. */
  readonly estimatedTokens: number;
  readonly outputTokens: number;
  /** What it counts against a quota: its prompt, and the longest answer that it allows. */
  readonly quotaTokens: number;
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
  /** The quota before the version, that others use up too; none where absent. */
  readonly behind?: Behind;
};

/** Queues are empty for so long, and caches fill until their engines have read so much as they hold, or so many prompts. */
const WARM_UP_MS = 20_000;
const WARM_UP_REQUESTS_MAX = 3_000;
/** Of a recorded code completion, roughly. */
const PROMPT_TOKENS_MEAN = 2_100;
/** What is open after the load has ended gets so long. */
const DRAIN_MS = 120_000;

/**
 * Of the requests that no quota refuses, in the order in which they were sent. What was never answered is left out by nobody:
 * it is truncated.
 */
export function measureResponse(options: ResponseOptions): readonly Answer[] {
  const { version, users, perSecond, answers, seed, lengths = [], behind } = options;
  const clock = new VirtualClock();
  const pass = behind === undefined ? passAll : passBehind(clock, behind);
  const startMs = clock.mono();
  const server = new ModelServer({ version, clock, random: createRandom(seed) });
  const warmUpMs = Math.max(WARM_UP_MS, (warmUpRequests(version) * 1_000) / perSecond);
  const durationMs = (answers * 1_000) / perSecond;
  const measured: Measuring[] = [];
  const stop = startPopulation({
    clock,
    arrivals: synthetic(
      { ratePerSecond: perSecond, burstiness: 0, lengths },
      createRandom(seed + 1),
    ),
    users: new Users(users, createRandom(seed + 2)),
    issue: (request, wantedMs) =>
      pass(tokensFor(version, request).quotaTokens, wantedMs, (dueMs) => {
        const one: Measuring = { request, inFlight: server.load, seen: null, isRefused: false };
        if (dueMs >= startMs + warmUpMs) measured.push(one);
        send({ server, clock, version, dueMs, one });
      }),
  });
  clock.run(startMs + warmUpMs + durationMs);
  stop();
  clock.run(clock.mono() + DRAIN_MS);
  return measured.map((one) => answerOf(version, one));
}

/** Calls `onPass` with the moment at which a request is sent that is not refused, if there is one. */
type Pass = (tokens: number, wantedMs: number, onPass: (dueMs: number) => void) => void;

const passAll: Pass = (_tokens, wantedMs, onPass) => onPass(wantedMs);

/** Once the quota refuses what it will go on to refuse, those who ask are the arm's clients, among the others'. */
function passBehind(clock: VirtualClock, behind: Behind): Pass {
  const clients = new QuotaClients(clock, behind);
  clock.run(settleMsOf(behind));
  const own = clients.of(behind.arm);
  own?.stop();
  return (tokens, _wantedMs, onPass) => own?.ask(tokens, () => onPass(clock.mono()));
}

type Measuring = {
  readonly request: SimulatedRequest;
  readonly inFlight: number;
  seen: SeenAnswer | null;
  isRefused: boolean;
};

/** As a simulated server writes it, in the three formats that it has. */
const REFUSAL = /"refusal":"|"finish_reason":"content_filter"/;

function warmUpRequests({ engine, replicas, charactersPerToken }: SimulatedVersion): number {
  const held = engine.blocksMax * engine.blockTokens * replicas;
  const prompt = (PROMPT_TOKENS_MEAN * REFERENCE_CHARACTERS_PER_TOKEN) / charactersPerToken;
  return Math.min(WARM_UP_REQUESTS_MAX, held / prompt);
}

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
  const mayRefuse = Object.keys(version.refusals).length > 0;
  server.handle(
    { method: "POST", path, authorization: undefined, body },
    {
      head: (status, headers) => answer.head(status, (name) => headers[name]),
      chunk: (text) => {
        if (mayRefuse) one.isRefused ||= REFUSAL.test(text);
        answer.chunk(text);
      },
      end: () => answer.end(),
      cut: () => answer.broken(),
    },
  );
}

function answerOf(version: SimulatedVersion, one: Measuring): Answer {
  const { request, inFlight, seen, isRefused } = one;
  const { inputTokens, wanted, quotaTokens } = tokensFor(version, request);
  const written = Math.min(wanted, request.surface.outputTokensMax ?? wanted);
  const outputTokens = isRefused ? Math.min(written, REFUSAL_TOKENS.length) : written;
  const ending = isRefused ? "refused" : written < wanted ? "cut-off" : "answered";
  const estimatedTokens = request.promptTokens;
  const base = {
    inputTokens,
    estimatedTokens,
    outputTokens,
    quotaTokens,
    inFlight,
    ending,
  } as const;
  if (seen === null) {
    const never = Number.POSITIVE_INFINITY;
    return { ...base, kind: "truncated", totalMs: never, ttftMs: null, tpotMs: null };
  }
  const ttftMs = request.stream ? seen.ttftMs : null;
  const tpotMs =
    ttftMs === null || outputTokens < 2 ? null : (seen.totalMs - ttftMs) / (outputTokens - 1);
  return { ...base, kind: kindOf(seen), totalMs: seen.totalMs, ttftMs, tpotMs };
}

/** `wanted`: of the answer, before any limit. */
function tokensFor(
  version: SimulatedVersion,
  { promptTokens, outputTokens, surface }: SimulatedRequest,
): { readonly inputTokens: number; readonly wanted: number; readonly quotaTokens: number } {
  const inputTokens = tokensOf(version, promptTokens);
  const wanted = Math.max(1, Math.round(outputTokens * version.outputFactor));
  return { inputTokens, wanted, quotaTokens: inputTokens + (surface.outputTokensMax ?? wanted) };
}

function kindOf({ error, status }: SeenAnswer): Answer["kind"] {
  if (error === null) return "ok";
  if (error !== "status") return "truncated";
  if (status === 429) return "rate_limited";
  return status < 500 ? "client_error" : "server_error";
}
