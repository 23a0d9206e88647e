// What happens in a world, as checkers hear of it: seen from outside the gateways and the controller, at the
// ports where they meet the network, the disk, the model servers and the users.
import type { Change } from "@slipway/controller";
import type { Clock, Command, Table } from "@slipway/core";
import type { Acknowledgement, Frame } from "@slipway/wire";
import type { SeenAnswer } from "../population/seen-answer.ts";

/** One incarnation of a gateway worker. */
export type Worker = {
  readonly incarnation: string;
  readonly gateway: string;
  readonly number: number;
  readonly clock: Clock;
};

export function nameOf(worker: Worker): string {
  return `${worker.gateway}/${worker.number}`;
}

/** How a call to a model server ended, as the gateway was told; `aborted` is the gateway's own doing. */
type AttemptEnd = {
  readonly url: string;
  /** 0 without an answer. */
  readonly status: number;
  readonly hasData: boolean;
  readonly how: "ended" | "failed" | "aborted";
};

export type WorldEvent =
  | {
      readonly kind: "worker-started";
      readonly worker: Worker;
      /** What its disk held. */
      readonly table: Table | null;
    }
  | {
      readonly kind: "worker-stopped";
      readonly worker: Worker;
      readonly how: "crash" | "goodbye";
    }
  | { readonly kind: "diverted"; readonly worker: Worker; readonly on: boolean }
  /** This worker left the candidate of a rollout by itself. */
  | { readonly kind: "tripped"; readonly worker: Worker; readonly rolloutId: string }
  | { readonly kind: "table-delivered"; readonly worker: Worker; readonly table: Table }
  /** `sentMs` is on the worker's monotonic clock. */
  | {
      readonly kind: "frame-sent";
      readonly worker: Worker;
      readonly frame: Frame;
      readonly sentMs: number;
    }
  /** The controller has answered; whether that arrives is another matter. */
  | {
      readonly kind: "ack-issued";
      readonly worker: Worker;
      readonly frame: Frame;
      readonly ack: Acknowledgement;
      readonly sentMs: number;
    }
  | {
      readonly kind: "ack-delivered";
      readonly worker: Worker;
      readonly frame: Frame;
      readonly ack: Acknowledgement;
      readonly sentMs: number;
    }
  /** The changes are on disk, whether or not the controller that made them lives to know. */
  | { readonly kind: "committed"; readonly changes: readonly Change[] }
  | { readonly kind: "controller-started"; readonly life: number }
  | { readonly kind: "controller-crashed"; readonly life: number }
  /** The controller reports trouble that must not happen. */
  | { readonly kind: "controller-failed"; readonly text: string }
  | {
      readonly kind: "command-asked";
      /** Unique: the reason that the operator gives. */
      readonly reason: string;
      readonly command: Command | "start";
    }
  /** `code`: null when it was done. */
  | {
      readonly kind: "command-answered";
      readonly reason: string;
      readonly code: string | null;
    }
  | {
      readonly kind: "received";
      readonly request: number;
      readonly worker: Worker;
      readonly key: string;
    }
  /** The first call that a request causes: where it was assigned. */
  | {
      readonly kind: "assigned";
      readonly request: number;
      readonly worker: Worker;
      readonly key: string;
      readonly url: string;
    }
  | {
      readonly kind: "replayed";
      readonly request: number;
      readonly worker: Worker;
      readonly url: string;
    }
  /** The answer begins with a status of 400 or more; the gateway has not been told yet. */
  | {
      readonly kind: "attempt-refused";
      readonly request: number;
      readonly worker: Worker;
      readonly url: string;
      readonly status: number;
    }
  | ({
      readonly kind: "attempt-ended";
      readonly request: number;
      readonly worker: Worker;
    } & AttemptEnd)
  | { readonly kind: "answered"; readonly request: number; readonly seen: SeenAnswer }
  /** A fault begins or ends, or the world enters another phase. */
  | { readonly kind: "note"; readonly text: string };

/** An event as one line: what the log's hash covers, and what a story shows. */
export function textOf(event: WorldEvent): string {
  switch (event.kind) {
    case "worker-started":
      return `${nameOf(event.worker)} starts as ${event.worker.incarnation}, table ${event.table?.number ?? "none"} on disk`;
    case "worker-stopped":
      return `${nameOf(event.worker)} stops: ${event.how}`;
    case "diverted":
      return `${nameOf(event.worker)} ${event.on ? "is diverted to stable" : "is no longer diverted"}`;
    case "tripped":
      return `${nameOf(event.worker)} trips ${event.rolloutId}`;
    case "table-delivered":
      return `${nameOf(event.worker)} gets table ${event.table.number}`;
    case "frame-sent":
      return `${event.worker.incarnation} sends frame ${event.frame.sequence} as of ${event.frame.asOfMs}, table ${event.frame.confirmedTable}`;
    case "ack-issued":
    case "ack-delivered":
      return `${event.kind} ${event.worker.incarnation} ${event.ack.sequence}, lease ${event.ack.leaseMs}`;
    case "committed":
      return `committed ${event.changes.length} changes: ${event.changes.map(({ kind }) => kind).join(" ")}`;
    case "controller-started":
    case "controller-crashed":
      return `${event.kind} ${event.life}`;
    case "command-asked":
      return `operator: ${event.command} (${event.reason})`;
    case "command-answered":
      return `operator: ${event.reason} ${event.code ?? "done"}`;
    default:
      return requestTextOf(event);
  }
}

function requestTextOf(
  event: Extract<
    WorldEvent,
    {
      kind:
        | "controller-failed"
        | "received"
        | "assigned"
        | "replayed"
        | "attempt-refused"
        | "attempt-ended"
        | "answered"
        | "note";
    }
  >,
): string {
  switch (event.kind) {
    case "controller-failed":
    case "note":
      return event.text;
    case "received":
      return `received ${event.request} ${event.worker.incarnation} ${event.key}`;
    case "assigned":
    case "replayed":
      return `${event.kind} ${event.request} ${event.url}`;
    case "attempt-refused":
      return `attempt-refused ${event.request} ${event.url} ${event.status}`;
    case "attempt-ended":
      return `attempt-ended ${event.request} ${event.url} ${event.status} ${event.how}`;
    case "answered":
      return `answered ${event.request} ${event.seen.status} ${event.seen.error ?? "ok"} ${event.seen.totalMs}`;
  }
}
