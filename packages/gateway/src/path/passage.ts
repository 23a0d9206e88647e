// One request on its way, from its assignment to its measurement: what the later steps of the path share.

import type { ServingArm, Via } from "@slipway/core";
import type { AnswerScan } from "../answer/answer-scan.ts";
import type { Kept } from "../answers/answers.ts";
import { type Api, isRepeatable, operationOf } from "../api.ts";
import type { Caller } from "../client/caller.ts";
import type { Observed, Turn } from "../evidence/observed.ts";
import type { Pair } from "../mirror/pair.ts";
import { makesObject } from "../objects/object-call.ts";
import type { ObjectIdScan } from "../objects/object-id-scan.ts";
import type { Exchange } from "../ports.ts";
import type { Destination } from "../table/routing.ts";
import type { Balancer } from "../upstream/balancer.ts";
import type { Priority } from "../upstream/priority.ts";
import type { Admitted } from "./admitted.ts";
import type { Attempt } from "./attempt.ts";
import type { Context } from "./context.ts";
import { estimatedTokens } from "./estimated-tokens.ts";
import type { Failure } from "./failure.ts";
import type { Identified } from "./identified.ts";
import { ANYWHERE, type Place, type Placement } from "./placement.ts";
import type { RequestTrace } from "./tracing.ts";
import type { Watched } from "./watched.ts";

/** Where a request sets no limit of its own. */
const OUTPUT_TOKENS_EXPECTED = 256;

/** How the candidate failed, and where, before the request went to stable. */
export type Replayed = { readonly failure: Failure; readonly attempt: Attempt };

type Content = Pick<Identified, "body" | "form" | "scan">;

export class Passage {
  readonly context: Context;
  readonly exchange: Exchange;
  readonly id: string;
  readonly api: Api;
  /** What follows `/v1`, query included. */
  readonly path: string;
  readonly destination: Destination;
  /** Sending it twice may do something twice: known by its body, or not known not to by its method and path. */
  readonly hasSideEffects: boolean;
  /** The arm that serves it first. */
  readonly arm: ServingArm;
  /** Where the object that it names may be; null when it names none. */
  readonly placement: Placement | null;
  /** The object that it names, and the user; null for none. */
  readonly object: string | null;
  readonly key: string | null;
  readonly segment: string;
  /** Its answer may name an object that later calls come back to. */
  readonly makesObject: boolean;
  readonly streamed: boolean;
  readonly priority: Priority;
  /** Expected until the answer tells; the input's were taken from the caller's tokens beforehand. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Monotonic time at which the whole request had been received; latencies count from here. */
  readonly startedMs: number;
  /** Monotonic time by which the answer must have ended. */
  readonly deadlineMs: number;
  /** Whose key it carries; null where everyone may call. */
  readonly caller: Caller | null;
  /** Null where nobody wants traces. */
  readonly trace: RequestTrace | null;
  /** How it came to its arm, where that is evidence. */
  via: Via | null = null;
  turn: Turn | null = null;
  /** Null for what is no evidence. */
  observed: Observed | null = null;
  /** Null where no candidate can trip. */
  watched: Watched | null = null;
  /** Set where a copy of it was sent. */
  pair: Pair | null = null;
  /** Null where nobody keeps its answer. */
  kept: Kept | null = null;
  attempt: Attempt | null = null;
  replayed: Replayed | null = null;
  /** Looks at the answer that is being relayed; null until it begins, or when it is an error. */
  scan: AnswerScan | null = null;
  /** Looks for the object that the answer made; null when there is none to look for. */
  idScan: ObjectIdScan | null = null;
  /** How many places that do not know the object have been asked. */
  #placesAsked = 0;
  /** The answer has begun: what is sent cannot be taken back. */
  isCommitted = false;
  isOver = false;
  #content: Content | null;

  constructor(
    context: Context,
    admitted: Admitted,
    identified: Identified,
    arm: ServingArm,
    placement: Placement | null,
  ) {
    this.context = context;
    this.exchange = admitted.exchange;
    this.id = admitted.id;
    this.api = admitted.api;
    this.path = admitted.path;
    const { body, destination, form, key, object, scan } = identified;
    this.placement = placement;
    this.object = object;
    this.key = key;
    this.segment = identified.segmented.segment;
    this.makesObject = makesObject(this.api, this.exchange.method, this.path, scan);
    this.destination = destination;
    this.#content = { body, form, scan };
    const isRepeated = isRepeatable(this.api, this.exchange.method, this.path);
    this.hasSideEffects = !isRepeated || scan?.hasSideEffects === true;
    this.arm = arm;
    this.streamed = (scan ?? form)?.stream === true;
    this.priority = identified.priority;
    this.inputTokens = estimatedTokens(body.length);
    const generates = this.api !== "other" && this.api !== "embeddings";
    this.outputTokens = generates ? (scan?.outputTokensMax ?? OUTPUT_TOKENS_EXPECTED) : 0;
    this.startedMs = context.ports.clock.mono();
    this.deadlineMs = this.startedMs + destination.route.deadlineMs;
    this.caller = admitted.caller;
    this.trace =
      context.tracing?.begin({
        operation: operationOf(this.api),
        model: destination.route.model,
        headers: this.exchange.headers,
      }) ?? null;
  }

  /** Null once it has been forgotten. */
  get content(): Content | null {
    return this.#content;
  }

  /** It will not be sent again: its memory is better used for another request. */
  forgetBody(): void {
    if (this.#content === null) return;
    this.context.bodies.giveBack(this.#content.body.length);
    this.#content = null;
  }

  /** Where it is sent, or was last. */
  get place(): Place {
    if (this.replayed !== null) return ANYWHERE.stable;
    return this.placement?.places[this.#placesAsked] ?? ANYWHERE[this.arm];
  }

  /** On to the next place that the object may be at; false when there is none. */
  nextPlace(): boolean {
    if (this.#placesAsked + 1 >= (this.placement?.places.length ?? 0)) return false;
    this.#placesAsked++;
    return true;
  }

  /** The arm that gives, or gave, the answer. */
  get answeringArm(): ServingArm {
    return this.place.arm;
  }

  get answeringBalancer(): Balancer {
    const { candidate, stable } = this.destination;
    return this.answeringArm === "candidate" && candidate !== null ? candidate : stable;
  }
}
