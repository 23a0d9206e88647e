// Asks model servers through undici. What a server says that is not an answer is never shown: of an error only its
// status and the short words of its envelope leave this file.

import { Agent, type Dispatcher, request } from "undici";
import type { Ask, Failure, Outcome, Question } from "../ask.ts";
import { authorities } from "./authorities.ts";
import { type AnswerParts, partsOfChunk, partsOfCompletion, rejectionOf } from "./chat-shapes.ts";
import { eventData } from "./event-data.ts";

const CONNECT_MS_MAX = 10_000;
const CONNECTIONS_MAX = 1_024;
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const ERROR_BYTES_MAX = 64 * 1024;
const END_OF_STREAM = "[DONE]";

export type ClosableAsk = { readonly ask: Ask; readonly close: () => Promise<void> };

export function chatClient(): ClosableAsk {
  const agents = new Map<string | null, Agent>();
  const agentOf = (caFile: string | null): Agent => {
    const agent = agents.get(caFile) ?? newAgent(caFile);
    agents.set(caFile, agent);
    return agent;
  };
  return {
    ask: async (question) => await asked(agentOf(question.endpoint.caFile), question),
    close: async () => {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function newAgent(caFile: string | null): Agent {
  const connect = { timeout: CONNECT_MS_MAX, ...authorities(caFile) };
  // Time is counted from the sending, by the question's own limit.
  return new Agent({ connections: CONNECTIONS_MAX, connect, bodyTimeout: 0, headersTimeout: 0 });
}

async function asked(agent: Agent, question: Question): Promise<Outcome> {
  const sentMs = performance.now();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), question.timeoutMs);
  const signal = AbortSignal.any([late.signal, question.signal]);
  let answering = false;
  try {
    const response = await request(`${question.endpoint.baseUrl}/chat/completions`, {
      dispatcher: agent,
      method: "POST",
      headers: { ...question.endpoint.headers, "content-type": "application/json" },
      body: JSON.stringify(bodyOf(question)),
      signal,
    });
    answering = true;
    return await outcomeOf(response, question.stream, sentMs);
  } catch {
    const because = question.signal.aborted
      ? "aborted"
      : late.signal.aborted
        ? "timeout"
        : answering
          ? "broken-off"
          : "connection";
    return failed(because, sentMs);
  } finally {
    clearTimeout(timer);
  }
}

function bodyOf({ body, endpoint, stream }: Question): object {
  return {
    ...body,
    model: endpoint.model,
    stream,
    ...(stream ? { stream_options: { include_usage: true } } : {}),
  };
}

function failed(because: Failure["because"], sentMs: number): Failure {
  return { kind: "failure", because, totalMs: performance.now() - sentMs };
}

async function outcomeOf(
  response: Dispatcher.ResponseData,
  stream: boolean,
  sentMs: number,
): Promise<Outcome> {
  const { statusCode, headers, body } = response;
  if (statusCode !== 200) {
    const text = await textOf(body, ERROR_BYTES_MAX);
    const retryAfterMs = retryAfterMsOf(headers["retry-after"], Date.now());
    return {
      ...rejectionOf(statusCode, text ?? ""),
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
      totalMs: performance.now() - sentMs,
    };
  }
  return stream ? await streamed(body, sentMs) : await whole(body, sentMs);
}

/** In seconds, or as a date; null for neither. */
function retryAfterMsOf(header: string | string[] | undefined, nowMs: number): number | null {
  if (typeof header !== "string") return null;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1_000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

/** Null where it is longer than is read. */
async function textOf(body: AsyncIterable<Buffer>, bytesMax: number): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > bytesMax) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

async function whole(body: AsyncIterable<Buffer>, sentMs: number): Promise<Outcome> {
  const text = await textOf(body, ANSWER_BYTES_MAX);
  if (text === null) return failed("too-long", sentMs);
  const parts = partsOfCompletion(text);
  if (parts === null) return failed("unreadable", sentMs);
  const totalMs = performance.now() - sentMs;
  return { kind: "answer", ...parts, ttftMs: totalMs, totalMs, gapMsMax: 0, pieces: 1 };
}

async function streamed(body: AsyncIterable<Buffer>, sentMs: number): Promise<Outcome> {
  const heard = new HeardAnswer(sentMs);
  for await (const data of eventData(body, ANSWER_BYTES_MAX)) {
    if (data === null) return failed("too-long", sentMs);
    if (data === END_OF_STREAM) return heard.answer();
    const parts = partsOfChunk(data);
    if (parts === null) return failed("unreadable", sentMs);
    heard.add(parts);
  }
  return failed("broken-off", sentMs);
}

/** An answer as its pieces arrive, with the time that each took. */
class HeardAnswer {
  readonly #sentMs: number;
  #parts: AnswerParts = { text: "", refusal: null, toolCalls: [], finishReason: null, usage: null };
  #firstMs: number | null = null;
  #lastMs = 0;
  #gapMsMax = 0;
  #pieces = 0;

  constructor(sentMs: number) {
    this.#sentMs = sentMs;
  }

  add(parts: AnswerParts): void {
    const before = this.#parts;
    this.#parts = {
      text: before.text + parts.text,
      refusal: parts.refusal === null ? before.refusal : (before.refusal ?? "") + parts.refusal,
      toolCalls: merged(before.toolCalls, parts.toolCalls),
      finishReason: parts.finishReason ?? before.finishReason,
      usage: parts.usage ?? before.usage,
      ...identityOf(before),
      ...identityOf(parts),
    };
    if (parts.text === "" && parts.refusal === null && parts.toolCalls.length === 0) return;
    const nowMs = performance.now();
    if (this.#firstMs === null) this.#firstMs = nowMs;
    else this.#gapMsMax = Math.max(this.#gapMsMax, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#pieces++;
  }

  answer(): Outcome {
    const totalMs = performance.now() - this.#sentMs;
    return {
      kind: "answer",
      ...this.#parts,
      ttftMs: this.#firstMs === null ? totalMs : this.#firstMs - this.#sentMs,
      totalMs,
      gapMsMax: this.#gapMsMax,
      pieces: this.#pieces,
    };
  }
}

function identityOf({ servedModel, backend }: AnswerParts): Partial<AnswerParts> {
  return {
    ...(servedModel === undefined ? {} : { servedModel }),
    ...(backend === undefined ? {} : { backend }),
  };
}

/** Pieces of tool calls carry the place of their call; a place that is new begins one. */
function merged(
  before: AnswerParts["toolCalls"],
  pieces: AnswerParts["toolCalls"],
): AnswerParts["toolCalls"] {
  const calls = [...before];
  for (const piece of pieces) {
    const at = calls.findIndex(({ index }) => index === piece.index);
    const known = calls[at];
    if (known === undefined) calls.push(piece);
    else {
      calls[at] = {
        index: known.index,
        name: known.name + piece.name,
        arguments: known.arguments + piece.arguments,
      };
    }
  }
  return calls;
}
