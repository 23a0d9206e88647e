// The users of a scenario in a world of single requests: as many requests as are due, from whom they are due, and sent
// again where a rate limit refused them.
import { type Clock, createRandom, exponential, murmur3, type Random } from "@slipway/core";
import { rateOf } from "../counts/rate.ts";
import { AnswerReader } from "../population/answer-reader.ts";
import type { Arrival, Arrivals } from "../population/arrival.ts";
import { drawOutputTokens, drawPromptTokens } from "../population/lengths.ts";
import type { Post, SendPost } from "../population/load.ts";
import { startPopulation } from "../population/population.ts";
import { requestBody } from "../population/request-body.ts";
import { retryDelayMs } from "../population/retry.ts";
import type { SeenAnswer } from "../population/seen-answer.ts";
import { type SimulatedRequest, Users } from "../population/users.ts";
import { type Scenario, usersOf } from "../scenario/scenario.ts";

export type ScenarioClientsOptions = {
  readonly scenario: Scenario;
  readonly model: string;
  readonly clock: Clock;
  readonly seed: number;
  readonly send: SendPost;
  /** The parameter that some requests carry. */
  readonly parameter: string | null;
};

/** No rate stays the same for longer than a minute: what is due later is drawn again. */
const RATE_STEP_MS = 10_000;
const MANY_REQUESTS = 429;

/** Starts now; calling the result ends it. */
export function startScenarioClients(options: ScenarioClientsOptions): () => void {
  const { scenario, clock, seed } = options;
  const random = (purpose: string): Random => createRandom(murmur3(`${seed} clients ${purpose}`));
  const clients = new Clients(options, random("habits"));
  return startPopulation({
    clock,
    arrivals: arrivalsOf(scenario, random("arrivals"), random("rate")),
    users: new Users(usersOf(scenario.traffic), random("users")),
    issue: (request, dueMs) => clients.issue(request, dueMs),
  });
}

class Clients {
  readonly #options: ScenarioClientsOptions;
  readonly #random: Random;

  constructor(options: ScenarioClientsOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  issue(request: SimulatedRequest, dueMs: number): void {
    this.#attempt(this.#postOf(request), request, dueMs, 0);
  }

  /** Users are others in each world, so that other ones are on the candidate. */
  #postOf(request: SimulatedRequest): Post {
    const { model, seed, scenario, parameter } = this.#options;
    const { keyless, parameterShare } = scenario.traffic;
    const { path, body } = requestBody(request, model);
    const written = JSON.parse(body) as object;
    const own = {
      ...written,
      user: request.language === keyless ? undefined : `${seed}-${request.user}`,
      // As editors do: a count-world, too, knows what each answer used.
      ...(request.stream ? { stream_options: { include_usage: true } } : {}),
      ...(parameter !== null && this.#random.next() < parameterShare ? { [parameter]: {} } : {}),
    };
    return { path, body: JSON.stringify(own), language: request.language };
  }

  #attempt(post: Post, request: SimulatedRequest, dueMs: number, before: number): void {
    const { clock, send, scenario } = this.#options;
    const finish = ({ status }: SeenAnswer): void => {
      if (status !== MANY_REQUESTS || before >= scenario.traffic.retries) return;
      clock.after(retryDelayMs(before, this.#random), () =>
        this.#attempt(post, request, clock.mono(), before + 1),
      );
    };
    send(post, new AnswerReader({ request, dueMs, now: clock.mono, finish }));
  }
}

/** Poisson, at the rate of each step. */
function arrivalsOf(scenario: Scenario, random: Random, rateRandom: Random): Arrivals {
  const rate = rateOf(scenario.traffic, rateRandom);
  let stepMs = 0;
  let perMs = rate(0);
  let atMs = 0;
  return {
    next: (): Arrival => {
      for (;;) {
        const gapMs = perMs > 0 ? exponential(random, 1 / perMs) : RATE_STEP_MS;
        if (atMs + gapMs < stepMs + RATE_STEP_MS) {
          atMs += gapMs;
          const promptTokens = drawPromptTokens(random);
          return { atMs, promptTokens, outputTokens: drawOutputTokens(random) };
        }
        stepMs += RATE_STEP_MS;
        atMs = stepMs;
        perMs = rate(stepMs);
      }
    },
  };
}
