// One accepted request on its way through an engine: tokens become text, the engine's ending becomes the
// answer's, and a planted breakage takes over when its moment comes.
import type { Cancel } from "@slipway/core";
import type { EnginePool } from "../engine/pool.ts";
import type { EngineEvents, EngineFailure } from "../engine/sequence.ts";
import type { AnswerWriter, Finish } from "./answer.ts";
import { type ApiError, apiError } from "./api-error.ts";
import type { Call } from "./call.ts";
import type { Reply } from "./exchange.ts";
import type { Breakage } from "./faults.ts";
import type { Prompt } from "./prompt.ts";
import { pseudoToken, REFUSAL_TOKENS } from "./pseudo-code.ts";

export type Job = {
  readonly api: Call["api"];
  readonly prompt: Prompt;
  readonly refused: boolean;
  /** What it says, token by token, whatever its length was to be; null for tokens that are drawn. */
  readonly script: readonly string[] | null;
  readonly breakage: Breakage | undefined;
};

// What a server suggests when its queue is full: by then a few batches have passed.
const QUEUE_RETRY_MS = 1000;

/** Submits the job. Calling the result frees its place; nothing more is written. */
export function runJob(pool: EnginePool, job: Job, writer: AnswerWriter, reply: Reply): Cancel {
  const replica = pool.choose(job.prompt.affinity);
  // Tokens and endings that can break come after `submit` has returned.
  let abort: Cancel = () => {};
  const breakAt = job.breakage?.afterTokens ?? Number.POSITIVE_INFINITY;
  const strike = (): void => {
    abort();
    if (job.breakage?.kind === "cut") reply.cut();
    if (job.breakage?.kind === "error-event") writer.fail(plantedFailure());
  };
  const events: EngineEvents = {
    onToken: (index) => {
      if (index >= breakAt) strike();
      else writer.token(tokenText(job, index));
    },
    onDone: (usage) => {
      // An answer shorter than the breakage's place breaks at its end.
      if (breakAt < Number.POSITIVE_INFINITY) strike();
      else writer.done(finishOf(job), usage);
    },
    onRejected: () => writer.fail(overloaded()),
    onError: (reason) => end(reason, writer, reply),
  };
  abort = pool.submit(replica, engineRequest(job), events);
  return abort;
}

function engineRequest(job: Job): Prompt["request"] {
  const { request } = job.prompt;
  const { refused, script } = job;
  if (refused) {
    return { ...request, outputTokens: Math.min(request.outputTokens, REFUSAL_TOKENS.length) };
  }
  return script === null ? request : { ...request, outputTokens: script.length };
}

function tokenText(job: Job, index: number): string {
  if (job.refused) return REFUSAL_TOKENS[index] ?? "";
  return job.script === null ? pseudoToken(job.prompt.seed, index) : (job.script[index] ?? "");
}

/** A chat refusal has a field of its own; for plain completions the filter says that it cut the answer. */
function finishOf(job: Job): Finish {
  if (job.refused) return job.api === "chat" ? "stop" : "content_filter";
  return job.script === null ? job.prompt.finish : "stop";
}

function end(reason: EngineFailure, writer: AnswerWriter, reply: Reply): void {
  if (reason === "crashed") reply.cut();
  else writer.fail(apiError(400, "The request does not fit this server's memory."));
}

function overloaded(): ApiError {
  return apiError(429, "The engine is currently overloaded, please try again later.", {
    code: "engine_overloaded",
    retryAfterMs: QUEUE_RETRY_MS,
  });
}

function plantedFailure(): ApiError {
  return apiError(500, "The server had an error while processing your request (planted).");
}
