// The port to a model server: one request of the OpenAI chat API, and what came of it, judged for nothing yet.

import type { Json } from "@slipway/core";
import type { Endpoint } from "./endpoint.ts";

export type Question = {
  readonly endpoint: Endpoint;
  /** The body of a chat completion; its model and its way to stream are put in by the port. */
  readonly body: { readonly [field: string]: Json | undefined };
  readonly stream: boolean;
  /** For all of it, from sending to the last byte. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

export type ToolCall = { readonly name: string; readonly arguments: string };

/** As the server counts; an answer without usage has none. */
export type Usage = {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of the prompt, what it had cached. */
  readonly cachedTokens: number;
};

export type Answer = {
  readonly kind: "answer";
  readonly text: string;
  /** What the server itself calls a refusal; null for none. */
  readonly refusal: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  /** What the server says that it is: of its body, `model` and `system_fingerprint`; absent where it does not. */
  readonly servedModel?: string;
  readonly backend?: string;
  /** From sending to the first piece of text or tool call; to the whole answer where it does not stream. */
  readonly ttftMs: number;
  readonly totalMs: number;
  /** Longest silence between two pieces, after the first; zero where it does not stream. */
  readonly gapMsMax: number;
  /** Pieces that held text. A piece is not a token. */
  readonly pieces: number;
};

/** The server answered, and not with an answer. */
export type Rejection = {
  readonly kind: "rejection";
  readonly status: number;
  /** Short words of the error envelope, where it has such; never the server's own text. */
  readonly code: string | null;
  readonly parameter: string | null;
  /** After how long it says that it may be asked again; absent where it does not. */
  readonly retryAfterMs?: number;
  readonly totalMs: number;
};

/** No whole answer came. */
export type Failure = {
  readonly kind: "failure";
  readonly because: "timeout" | "connection" | "broken-off" | "unreadable" | "too-long" | "aborted";
  readonly totalMs: number;
};

export type Outcome = Answer | Rejection | Failure;

export type Ask = (question: Question) => Promise<Outcome>;

/** Of the statuses above 400, those that say: not now, or not from you. Nothing about the request. */
const BUSY_STATUSES: ReadonlySet<number> = new Set([408, 409, 425, 429]);

export function isBusy({ status }: Rejection): boolean {
  return BUSY_STATUSES.has(status);
}

export function outcomeText(outcome: Rejection | Failure): string {
  if (outcome.kind === "rejection") {
    const { status, code, parameter } = outcome;
    const words = [code, parameter === null ? null : `parameter ${parameter}`].filter(
      (w) => w !== null,
    );
    return words.length === 0 ? `HTTP ${status}` : `HTTP ${status} (${words.join(", ")})`;
  }
  return FAILURE_TEXTS[outcome.because];
}

const FAILURE_TEXTS: { readonly [because in Failure["because"]]: string } = {
  timeout: "no whole answer in time",
  connection: "no connection",
  "broken-off": "the answer broke off",
  unreadable: "the answer is not one of the chat API",
  "too-long": "the answer is longer than is read",
  aborted: "ended by ctrl-C",
};
