// Sends evidence to the controller, one frame at a time: the next goes out only when the last is acknowledged,
// and an unanswered one is sent again unchanged, but for rows that a controller refuses. Acknowledgements renew the
// lease and tell the controller's time.

import type { Cancel, EvidenceRow } from "@slipway/core";
import type { Acknowledgement, Frame, Member } from "@slipway/wire";
import type { GatewayPorts } from "../ports.ts";
import type { Lease } from "../table/lease.ts";
import type { CandidateFlights } from "./candidate-flights.ts";
import type { ControllerTime } from "./controller-time.ts";
import type { Spool } from "./spool.ts";

const FRAME_EVERY_MS = 1_000;
/** More rows go in several frames: after an outage the one that is to renew the lease must not be the largest. */
const ROWS_PER_SEND_MAX = 200;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 2_000;
/** A goodbye that fails so often is given up: the lease tells the controller soon enough. */
const GOODBYE_FAILURES_MAX = 3;

export type ReporterParts = {
  readonly ports: Pick<GatewayPorts, "clock" | "link" | "log" | "random">;
  readonly member: Member;
  readonly spool: Spool;
  readonly time: ControllerTime;
  readonly lease: Lease;
  readonly flights: CandidateFlights;
  /** The live workers that share what is limited for all, and this one's place among them. */
  readonly reshare: (members: number, rank: number) => void;
  /** Judges what is overdue by now, so that a frame leaves nothing out. */
  readonly settle: () => void;
  /** What happened to mirrored requests since it was last asked. */
  readonly mirrored: () => Frame["mirrored"];
  readonly standing: () => Pick<
    Frame,
    "confirmedTable" | "storeId" | "diverted" | "tripped" | "told"
  >;
};

export class Reporter {
  readonly #parts: ReporterParts;
  #sequence = 0;
  /** Rows that are to go out before any newer ones; as many as a spool holds, at most. */
  #outbox: readonly EvidenceRow[] = [];
  /** What is covered once the outbox is empty, and what is covered so far. */
  #outboxAsOfMs = 0;
  #asOfMs = 0;
  #unacknowledged: Frame | null = null;
  #failures = 0;
  #cancelSend: Cancel | null = null;
  #cancelTimer: Cancel | null = null;
  #urgent = false;
  #hadLease = false;
  #wasBehind = false;
  #onGoodbye: (() => void) | null = null;
  #stopped = false;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#next();
  }

  /** Sends the next frame as soon as the last is acknowledged, not when its second is over. */
  hurry(): void {
    this.#urgent = true;
    if (this.#cancelTimer !== null) this.#next();
  }

  /** Sends what is left as the last frame; `done` once it is acknowledged, or given up. */
  goodbye(done: () => void): void {
    this.#onGoodbye = done;
    this.#failures = 0;
    this.hurry();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelSend?.();
    this.#cancelTimer = null;
    this.#cancelSend = null;
  }

  /** Sends in a row that were not acknowledged. */
  get failures(): number {
    return this.#failures;
  }

  #next(): void {
    if (this.#unacknowledged === null) {
      this.#unacknowledged = this.#frame();
      this.#urgent = false;
    }
    this.#send(this.#unacknowledged);
  }

  #send(frame: Frame): void {
    const { clock, link } = this.#parts.ports;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const sentMs = clock.mono();
    this.#cancelSend = link.report(frame, (ack, why) => {
      this.#cancelSend = null;
      if (this.#stopped) return;
      if (why === "refused") this.#refused(frame);
      else if (ack === null || !this.#accepts(frame, ack)) this.#retry();
      else this.#acknowledged(frame, ack, sentMs);
    });
  }

  /** Evidence that the controller will never take must not cost the lease: the frame goes on without its rows. */
  #refused(frame: Frame): void {
    const { length } = frame.rows;
    if (length === 0 && frame.mirrored.length === 0) {
      this.#retry();
      return;
    }
    const fields = { sequence: frame.sequence, rows: length };
    this.#parts.ports.log.error(fields, "the controller refuses the rows of a frame; left out");
    const rowsDropped = frame.rowsDropped + length;
    this.#unacknowledged = { ...frame, rows: [], mirrored: [], rowsDropped };
    this.#next();
  }

  #accepts(frame: Frame, ack: Acknowledgement): boolean {
    if (frame.storeId !== null && ack.storeId !== frame.storeId) {
      const fields = { storeId: frame.storeId, offered: ack.storeId };
      this.#parts.ports.log.warn(fields, "an acknowledgement of another store renews nothing");
      return false;
    }
    return ack.sequence >= frame.sequence;
  }

  #acknowledged(frame: Frame, ack: Acknowledgement, sentMs: number): void {
    const { lease, time } = this.#parts;
    const first = !time.isKnown;
    this.#unacknowledged = null;
    this.#failures = 0;
    if (!this.#isBehind(frame, ack)) lease.renew(sentMs, ack.leaseMs);
    time.learn(sentMs, ack.nowMs);
    this.#parts.reshare(ack.members, ack.rank);
    this.#watchLease();
    if (frame.goodbye) {
      this.stop();
      this.#onGoodbye?.();
    } else if (this.#urgent || first || this.#outbox.length > 0) {
      this.#next();
    } else {
      this.#wait(Math.max(0, FRAME_EVERY_MS - (this.#parts.ports.clock.mono() - sentMs)));
    }
  }

  /** A controller that was set back to an older store does not know the table this worker follows. */
  #isBehind(frame: Frame, ack: Acknowledgement): boolean {
    const isBehind = frame.confirmedTable !== null && ack.table < frame.confirmedTable;
    if (isBehind && !this.#wasBehind) {
      this.#parts.ports.log.error(
        { table: frame.confirmedTable, offered: ack.table },
        "the controller's newest table is older than this gateway's: nothing is leased; if its store was restored from a backup, stop this gateway, remove its table files and start it again",
      );
    }
    this.#wasBehind = isBehind;
    return isBehind;
  }

  #retry(): void {
    const { random } = this.#parts.ports;
    this.#failures++;
    this.#watchLease();
    if (this.#onGoodbye !== null && this.#failures >= GOODBYE_FAILURES_MAX) {
      this.stop();
      this.#onGoodbye();
      return;
    }
    const backoffMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(this.#failures, 10));
    this.#wait(backoffMs * (0.5 + random.next() / 2));
  }

  #wait(delayMs: number): void {
    this.#cancelTimer = this.#parts.ports.clock.after(delayMs, () => {
      this.#cancelTimer = null;
      this.#next();
    });
  }

  #watchLease(): void {
    const { lease, ports } = this.#parts;
    const hasLease = lease.isValid(ports.clock.mono());
    if (hasLease === this.#hadLease) return;
    this.#hadLease = hasLease;
    if (hasLease) ports.log.info({}, "lease held");
    else ports.log.warn({ failures: this.#failures }, "lease lapsed: serving stable only");
  }

  #frame(): Frame {
    const { flights, member, standing } = this.#parts;
    const dropped = this.#outbox.length === 0 ? this.#fillOutbox() : 0;
    const rows = this.#outbox.slice(0, ROWS_PER_SEND_MAX);
    this.#outbox = this.#outbox.slice(ROWS_PER_SEND_MAX);
    const isLast = this.#outbox.length === 0;
    if (isLast) this.#asOfMs = this.#outboxAsOfMs;
    this.#sequence++;
    return {
      member,
      sequence: this.#sequence,
      asOfMs: this.#asOfMs,
      ...standing(),
      candidateInFlight: flights.running(),
      candidateEndedAtMs: flights.endedAtMs(),
      rowsDropped: dropped,
      rows,
      goodbye: this.#onGoodbye !== null && isLast,
      mirrored: this.#parts.mirrored(),
    };
  }

  /** Returns the number of rows that were dropped meanwhile. */
  #fillOutbox(): number {
    const { settle, spool, time } = this.#parts;
    // Before its time is known a worker has judged nothing, and covers nothing. Taken before the overdue are
    // judged, so that whatever is overdue by then is among these rows.
    this.#outboxAsOfMs = time.isKnown ? time.now() : 0;
    settle();
    const { rows, dropped } = spool.take();
    this.#outbox = rows;
    return dropped;
  }
}
