// One call to an upstream: what is to be sent, whom the answer is told, and the connection that it has at present.

import type { Call, Sink, UpstreamFailure } from "../../../ports.ts";

/** What a call does to the connection that carries it. */
type Carrier = { readonly destroy: () => void; readonly resume: () => void };

export class UpstreamCall implements Call {
  readonly sink: Sink;
  /** In latin1. */
  readonly head: string;
  readonly body: Uint8Array;
  /** Its answer has no body, whatever the answer's head says. */
  readonly isHead: boolean;
  connection: Carrier | null = null;
  /** Monotonic time at which it was written; null until then. */
  sentMs: number | null = null;
  /** Something of its answer has come. */
  isHeard = false;
  isOver = false;

  constructor(head: string, body: Uint8Array, isHead: boolean, sink: Sink) {
    this.head = head;
    this.body = body;
    this.isHead = isHead;
    this.sink = sink;
  }

  abort(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.connection?.destroy();
    this.connection = null;
  }

  resume(): void {
    this.connection?.resume();
  }

  fail(failure: UpstreamFailure): void {
    this.isOver = true;
    this.connection = null;
    this.sink.onError(failure);
  }
}
