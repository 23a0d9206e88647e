// One copy of a request, at a version whose answer nobody sees: sent when a slot is free at once, read, judged and thrown
// away.

import type { Outcome } from "@slipway/core";
import type { AnswerScan } from "../answer/answer-scan.ts";
import { scanOf } from "../answer/scan-of.ts";
import { Capture } from "../answers/capture.ts";
import { spliced } from "../body/spliced.ts";
import { outcomeOfStatus } from "../path/failure.ts";
import type { Identified } from "../path/identified.ts";
import type { Passage } from "../path/passage.ts";
import { upstreamHeaders } from "../path/upstream-headers.ts";
import type { Call, RawHeaders, Sink, UpstreamFailure } from "../ports.ts";
import type { Balancer, Waiter } from "../upstream/balancer.ts";
import type { Sent } from "../upstream/pool.ts";
import type { Replica } from "../upstream/replica.ts";
import type { MirrorAnswer } from "./mirror-ledger.ts";

/** A longer answer is cut off. */
const ANSWER_BYTES_MAX = 16 * 2 ** 20;

/** What a copy takes from its request, which may be over long before. */
export type ShadowRequest = Pick<Passage, "api" | "exchange" | "path" | "streamed"> &
  Pick<Identified, "body" | "scan">;

export class ShadowCall implements Sink, Waiter {
  readonly priority = "shadow";
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly shunnedPool = null;
  readonly request: ShadowRequest;
  readonly mirrorId: string;
  readonly deadlineMs: number;
  /** Null where its answer is not kept. */
  readonly capture: Capture | null;
  readonly #passage: Passage;
  readonly #balancer: Balancer;
  readonly #onOver: (call: ShadowCall, answer: MirrorAnswer | null) => void;
  readonly #startedMs: number;
  #replica: Replica | null = null;
  #poolSent: Sent | null = null;
  #call: Call | null = null;
  #scan: AnswerScan | null = null;
  #status = 0;
  #bytes = 0;
  #firstByteMs: number | null = null;
  #isOver = false;

  constructor(
    passage: Passage,
    request: ShadowRequest,
    balancer: Balancer,
    onOver: (call: ShadowCall, answer: MirrorAnswer | null) => void,
  ) {
    this.#passage = passage;
    this.mirrorId = passage.destination.route.mirror?.id ?? "";
    this.request = request;
    this.inputTokens = passage.inputTokens;
    this.outputTokens = passage.outputTokens;
    this.#balancer = balancer;
    const isKept = passage.destination.route.mirror?.keep === true && passage.kept !== null;
    this.capture = isKept ? new Capture() : null;
    this.#onOver = onOver;
    this.#startedMs = this.#now();
    this.deadlineMs = this.#startedMs + passage.destination.route.deadlineMs;
  }

  /** False when no slot is free: it is never sent then. */
  start(): boolean {
    const place = this.#balancer.place(this, this.#now());
    if (place.kind === "queued") this.#balancer.leave(this);
    if (place.kind === "replica") this.granted(place.replica);
    return place.kind === "replica";
  }

  granted(replica: Replica): void {
    this.#replica = replica;
    this.#poolSent = replica.pool.sent;
    const { api, body, exchange, path, scan } = this.request;
    const { ports } = this.#passage.context;
    const call = ports.upstream.send(
      {
        method: exchange.method,
        baseUrl: replica.upstream.url,
        path,
        // A client must not pay for what it did not ask for, nor have its own request taken for the copy.
        headers: upstreamHeaders(
          exchange.headers,
          { api, caller: null, makesObject: false, isCopy: true },
          replica,
        ),
        body: scan === null ? body : spliced(body, scan, replica.model),
        ...(replica.upstream.caFile === undefined ? {} : { caFile: replica.upstream.caFile }),
      },
      this,
    );
    if (this.#isOver) call.abort();
    else this.#call = call;
  }

  /** It takes too long. */
  timeOut(): void {
    this.#call?.abort();
    this.#end("timeout");
  }

  /** Ends it uncounted. */
  abandon(): void {
    this.#call?.abort();
    this.#end(null);
  }

  onHead(status: number, headers: RawHeaders): void {
    this.#status = status;
    const { clock } = this.#passage.context.ports;
    const sent = this.#poolSent ?? this.#replica?.pool.sent;
    if (sent !== undefined) this.#replica?.hear(status, headers, sent, this.#startedMs, clock);
    const { api, streamed } = this.request;
    if (status < 400) this.#scan = scanOf(api, streamed, headers);
  }

  onData(chunk: Uint8Array): boolean {
    if (this.#isOver || chunk.length === 0) return true;
    this.#firstByteMs ??= this.#now();
    this.#bytes += chunk.length;
    this.#scan?.push(chunk);
    this.capture?.push(chunk);
    if (this.#bytes > ANSWER_BYTES_MAX) {
      this.#call?.abort();
      this.#end("truncated");
    }
    return true;
  }

  onEnd(): void {
    this.#end(this.#scan?.outcome() ?? this.#refused());
  }

  onError(failure: UpstreamFailure): void {
    this.#end(this.#outcomeOf(failure));
  }

  #refused(): Outcome {
    return outcomeOfStatus(this.#status, this.#replica?.upstream.keyEnv != null);
  }

  #outcomeOf({ kind }: UpstreamFailure): Outcome {
    if (this.#status >= 400) return this.#refused();
    if (this.#scan?.isComplete() === true) return "ok";
    if (this.#status !== 0) return "truncated";
    return kind === "connect" ? "connect" : "invalid";
  }

  #end(outcome: Outcome | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#call = null;
    const nowMs = this.#now();
    const totalMs = nowMs - this.#startedMs;
    if (this.#replica !== null) this.#balancer.release(this.#replica, totalMs, nowMs);
    const ttftMs = this.#firstByteMs === null ? null : this.#firstByteMs - this.#startedMs;
    const usage = this.#scan?.usage() ?? null;
    const ending = this.#scan?.ending() ?? null;
    // A failed answer costs no tokens; of one that does not tell, what was expected is the best guess.
    if (usage !== null || this.#status >= 400) {
      this.#replica?.pool.settle(this, usage ?? { inputTokens: 0, outputTokens: 0 });
    }
    this.#onOver(this, outcome === null ? null : { outcome, totalMs, ttftMs, usage, ending });
  }

  #now(): number {
    return this.#passage.context.ports.clock.mono();
  }
}
