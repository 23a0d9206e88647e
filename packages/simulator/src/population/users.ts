// Who sends the requests: a fixed population, a few of whom do most of the work, each writing in one
// language and going on from where the last request left off, so that prompts share their beginnings.
import type { Random } from "@slipway/core";
import type { Arrival } from "./arrival.ts";
import { createPicker, type Picker } from "./picker.ts";

export type Surface = {
  readonly name: string;
  readonly share: number;
  readonly api: "chat" | "completions";
  /** Share of its requests that stream. */
  readonly streamShare: number;
  /** The limit that it asks for (`max_tokens`); none when left out. */
  readonly outputTokensMax?: number;
};

export type UsersOptions = {
  readonly users: number;
  /** Zipf exponent of how active users are; 0 is all alike. */
  readonly activitySkew: number;
  /** Share of all requests that the first one sends; as the others where absent. */
  readonly heaviestShare?: number;
  readonly languages: readonly { readonly name: string; readonly share: number }[];
  readonly surfaces: readonly Surface[];
  /** Tokens that every prompt starts with. */
  readonly systemTokens: number;
  /** Share of the rest of a prompt that it has in common with others about the same document. */
  readonly documentShare: number;
  /** Requests about a document before its user moves on to another, on average. */
  readonly requestsPerDocument: number;
};

export const usersDefault: UsersOptions = {
  users: 1500,
  activitySkew: 0.4,
  languages: [
    { name: "typescript", share: 0.32 },
    { name: "python", share: 0.28 },
    { name: "java", share: 0.14 },
    { name: "go", share: 0.12 },
    { name: "csharp", share: 0.08 },
    { name: "rust", share: 0.06 },
  ],
  surfaces: [
    { name: "inline", share: 0.85, api: "completions", streamShare: 0.5, outputTokensMax: 64 },
    { name: "chat", share: 0.15, api: "chat", streamShare: 1, outputTokensMax: 64 },
  ],
  systemTokens: 128,
  documentShare: 0.7,
  requestsPerDocument: 12,
};

/** One request of one user. */
export type SimulatedRequest = {
  /** Counts from 0. */
  readonly index: number;
  readonly user: string;
  readonly language: string;
  readonly surface: Surface;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly stream: boolean;
  /** The shared beginnings of its prompt, as the hint `sim_prefix` has them. */
  readonly prefix: string;
};

/** How much each user asks, beside the others. */
export function activityOf({ users, activitySkew, heaviestShare = 0 }: UsersOptions): number[] {
  const weights = Array.from({ length: users }, (_, index) => (index + 1) ** -activitySkew);
  if (heaviestShare === 0) return weights;
  const rest = weights.slice(1).reduce((sum, weight) => sum + weight, 0);
  weights[0] = (rest * heaviestShare) / (1 - heaviestShare);
  return weights;
}

export class Users {
  readonly #options: UsersOptions;
  readonly #random: Random;
  readonly #user: Picker;
  readonly #language: Picker;
  readonly #surface: Picker;
  readonly #languageOf: Uint8Array;
  readonly #documentOf: Uint32Array;
  #requests = 0;

  constructor(options: UsersOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    const { users, languages, surfaces } = options;
    this.#user = createPicker(activityOf(options));
    this.#language = createPicker(languages.map((language) => language.share));
    this.#surface = createPicker(surfaces.map((surface) => surface.share));
    this.#languageOf = Uint8Array.from({ length: users }, () => this.#language(random));
    this.#documentOf = new Uint32Array(users);
  }

  /** Draws who makes this request and how. */
  request(arrival: Arrival): SimulatedRequest {
    const { languages, surfaces, requestsPerDocument } = this.#options;
    const random = this.#random;
    const user = this.#user(random);
    if (random.next() * requestsPerDocument < 1) {
      this.#documentOf[user] = (this.#documentOf[user] ?? 0) + 1;
    }
    const surface = surfaces[this.#surface(random)];
    const language = languages[this.#languageOf[user] ?? 0];
    if (surface === undefined || language === undefined) {
      throw new RangeError("a population needs at least one language and one surface");
    }
    return {
      index: this.#requests++,
      user: `user-${user}`,
      language: language.name,
      surface,
      promptTokens: arrival.promptTokens,
      outputTokens: arrival.outputTokens,
      stream: random.next() < surface.streamShare,
      prefix: this.#prefix(user, arrival.promptTokens),
    };
  }

  #prefix(user: number, promptTokens: number): string {
    const system = Math.min(this.#options.systemTokens, promptTokens);
    const shared = Math.floor((promptTokens - system) * this.#options.documentShare);
    const document = `user-${user}/${this.#documentOf[user]}`;
    const spans = [
      { key: "system", tokens: system },
      { key: document, tokens: shared },
    ];
    return spans
      .filter((span) => span.tokens > 0)
      .map((span) => `${span.key}:${span.tokens}`)
      .join(",");
  }
}
