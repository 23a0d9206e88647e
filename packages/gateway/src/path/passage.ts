// One request on its way, from its assignment to its measurement: what the later steps of the path share.

import type { ServingArm } from "@slipway/core";
import type { AnswerScan } from "../answer/answer-scan.ts";
import { type Api, isRepeatable } from "../api.ts";
import type { Observed } from "../evidence/observed.ts";
import type { Exchange } from "../ports.ts";
import type { Destination } from "../table/routing.ts";
import type { Balancer } from "../upstream/balancer.ts";
import type { Priority } from "../upstream/priority.ts";
import type { Admitted } from "./admit.ts";
import type { Attempt } from "./attempt.ts";
import type { Context } from "./context.ts";
import type { Failure } from "./failure.ts";
import type { Identified } from "./identify.ts";

/** How the candidate failed, and where, before the request went to stable. */
export type Replayed = { readonly failure: Failure; readonly attempt: Attempt };

type Content = Pick<Identified, "body" | "scan">;

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
  readonly streamed: boolean;
  readonly priority: Priority;
  /** Monotonic time at which the whole request had been received; latencies count from here. */
  readonly startedMs: number;
  /** Monotonic time by which the answer must have ended. */
  readonly deadlineMs: number;
  /** Null for what is no evidence. */
  observed: Observed | null = null;
  attempt: Attempt | null = null;
  replayed: Replayed | null = null;
  /** Looks at the answer that is being relayed; null until it begins, or when it is an error. */
  scan: AnswerScan | null = null;
  /** The answer has begun: what is sent cannot be taken back. */
  isCommitted = false;
  isOver = false;
  #content: Content | null;

  constructor(context: Context, admitted: Admitted, identified: Identified, arm: ServingArm) {
    this.context = context;
    this.exchange = admitted.exchange;
    this.id = admitted.id;
    this.api = admitted.api;
    this.path = admitted.path;
    const { body, destination, scan } = identified;
    this.destination = destination;
    this.#content = { body, scan };
    const isRepeated = isRepeatable(this.api, this.exchange.method, this.path);
    this.hasSideEffects = !isRepeated || scan?.hasSideEffects === true;
    this.arm = arm;
    this.streamed = scan?.stream === true;
    this.priority = identified.priority;
    this.startedMs = context.ports.clock.mono();
    this.deadlineMs = this.startedMs + destination.route.deadlineMs;
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

  /** The arm that gives, or gave, the answer. */
  get answeringArm(): ServingArm {
    return this.replayed === null ? this.arm : "stable";
  }

  get answeringBalancer(): Balancer {
    const { candidate, stable } = this.destination;
    return this.answeringArm === "candidate" && candidate !== null ? candidate : stable;
  }
}
