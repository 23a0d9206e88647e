// Mirrors: copies of real requests to a version, after the request itself is on its way. A copy has limits of its own, and
// is the first that goes when the worker has enough to do: it can never slow, fail or bill the request that it is a copy of.

import type { Cancel, Clock, Ineligible, Mirror, MirrorDrop, MirrorRow } from "@slipway/core";
import type { Identified } from "../path/identified.ts";
import type { Passage } from "../path/passage.ts";
import { type MirrorAnswer, MirrorLedger } from "./mirror-ledger.ts";
import { Pair } from "./pair.ts";
import { copiesFor, isSentAgain } from "./sampling.ts";
import { ShadowCall } from "./shadow-call.ts";

const CHECK_EVERY_MS = 250;
/** Bodies that copies keep at once. */
const BYTES_MAX = 64 * 2 ** 20;
/** Bodies of requests that the worker keeps, as a share of its room for them: above, no copy is made. */
const BODY_ROOM_SHARE_MAX = 0.5;

export type MirrorEvents = {
  readonly answered: (passage: Passage, to: string, answer: MirrorAnswer) => void;
  readonly dropped: (model: string, why: MirrorDrop) => void;
};

/** Where a copy goes: to the version that is mirrored to, or to stable once more. */
type Leg = "shadow" | "again";

/** What a mirror has open, and has sent in this minute. */
type Use = { open: number; minute: number; sent: number };

export class Mirrors {
  readonly #clock: Clock;
  readonly #events: MirrorEvents;
  readonly #bodyRoomBytesMax: number;
  readonly #ledger = new MirrorLedger();
  readonly #uses = new Map<string, Use>();
  readonly #open = new Set<ShadowCall>();
  #bytes = 0;
  #timer: Cancel | null = null;
  #isClosing = false;

  constructor(clock: Clock, bodyBytesOpenMax: number, events: MirrorEvents) {
    this.#clock = clock;
    this.#bodyRoomBytesMax = BODY_ROOM_SHARE_MAX * bodyBytesOpenMax;
    this.#events = events;
  }

  /** Copies a request that is on its way, or counts why not. */
  offer(passage: Passage, identified: Identified): void {
    const { mirror } = passage.destination.route;
    if (mirror === null || identified.modelless) return;
    const row = this.#ledger.row(mirror.id);
    row.requests++;
    const why = ineligible(passage, identified, mirror);
    if (why !== null) {
      row.ineligible[why] = (row.ineligible[why] ?? 0) + 1;
      return;
    }
    const copies = copiesFor(passage.id, mirror);
    if (copies === 0) return;
    row.sampled++;
    const pair = new Pair((id) => this.#ledger.row(id), mirror.id, passage.streamed);
    for (let copy = 0; copy < copies; copy++) {
      if (!this.#copy(passage, identified, mirror, pair, "shadow")) continue;
      row.sent++;
      passage.pair = pair;
    }
    const isStables = passage.answeringArm === "stable" && passage.pair !== null;
    if (isStables && isSentAgain(passage.id, mirror)) {
      this.#copy(passage, identified, mirror, pair, "again");
    }
  }

  /** False where it was dropped. */
  #copy(passage: Passage, identified: Identified, mirror: Mirror, pair: Pair, leg: Leg): boolean {
    const use = this.#useOf(mirror);
    const why = this.#refusal(passage, identified, mirror, use);
    if (why !== null || !this.#send(passage, identified, mirror, pair, leg)) {
      this.#drop(passage, mirror, why ?? "busy");
      return false;
    }
    use.sent++;
    return true;
  }

  #send(
    passage: Passage,
    { body, scan }: Identified,
    mirror: Mirror,
    pair: Pair,
    leg: Leg,
  ): boolean {
    const { shadow, stable } = passage.destination;
    const balancer = leg === "again" ? stable : shadow;
    const { kept } = passage;
    if (balancer === null) return false;
    const { api, exchange, path, streamed } = passage;
    const request = { api, exchange, path, streamed, body, scan };
    const use = this.#useOf(mirror);
    const call = new ShadowCall(passage, request, balancer, (over, answer) => {
      this.#bytes -= body.length;
      use.open--;
      this.#open.delete(over);
      if (answer === null) return;
      const version = balancer.version.id;
      this.#events.answered(passage, version, answer);
      pair[leg](answer);
      if (kept === null || over.capture === null) return;
      passage.context.answers.shadow(kept, { version, mirror: mirror.id, answer }, over.capture);
    });
    this.#bytes += body.length;
    use.open++;
    this.#open.add(call);
    if (!call.start()) {
      this.#bytes -= body.length;
      use.open--;
      this.#open.delete(call);
      return false;
    }
    this.#arm();
    return true;
  }

  #refusal(passage: Passage, { body }: Identified, mirror: Mirror, use: Use): MirrorDrop | null {
    if (this.#isClosing || passage.context.isClosed()) return "closing";
    const { candidate, stable } = passage.destination;
    const isCrowded = stable.queued + (candidate?.queued ?? 0) > 0;
    if (passage.isOver || isCrowded) return "busy";
    if (passage.context.bodies.bytes > this.#bodyRoomBytesMax) return "busy";
    if (use.open >= mirror.inFlightMax) return "in-flight";
    if (mirror.perMinuteMax !== null && use.sent >= mirror.perMinuteMax) return "per-minute";
    return this.#bytes + body.length > BYTES_MAX ? "memory" : null;
  }

  #useOf(mirror: Mirror): Use {
    const minute = Math.floor(this.#clock.mono() / 60_000);
    const use = this.#uses.get(mirror.id) ?? { open: 0, minute, sent: 0 };
    this.#uses.set(mirror.id, use);
    if (use.minute !== minute) Object.assign(use, { minute, sent: 0 });
    return use;
  }

  #drop(passage: Passage, mirror: Mirror, why: MirrorDrop): void {
    const { dropped } = this.#ledger.row(mirror.id);
    dropped[why] = (dropped[why] ?? 0) + 1;
    this.#events.dropped(passage.destination.route.model, why);
  }

  /** Those of a mirror that has ended are cut off: what is not wanted any more must not cost. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#uses.keys()) if (!ids.has(id)) this.#uses.delete(id);
    for (const call of this.#open) if (!ids.has(call.mirrorId)) call.abandon();
  }

  /** Nothing is copied any more, and what is open is cut off: a shutdown waits for users alone. */
  close(): void {
    this.#isClosing = true;
    for (const call of this.#open) call.abandon();
    this.#timer?.();
    this.#timer = null;
  }

  /** For the next frame. */
  take(): readonly MirrorRow[] {
    return this.#ledger.take();
  }

  #arm(): void {
    if (this.#timer !== null) return;
    this.#timer = this.#clock.after(CHECK_EVERY_MS, () => {
      this.#timer = null;
      const nowMs = this.#clock.mono();
      for (const call of this.#open) if (nowMs >= call.deadlineMs) call.timeOut();
      if (this.#open.size > 0) this.#arm();
    });
  }
}

function ineligible(passage: Passage, identified: Identified, mirror: Mirror): Ineligible | null {
  if (passage.exchange.method !== "POST" || passage.api === "other") return "api";
  // What an upstream keeps, it would keep twice.
  if (passage.hasSideEffects || passage.makesObject) return "side-effects";
  if (identified.object !== null) return "object";
  if (identified.scan !== null && identified.scan.toolUse !== "nothing") return "hosted-tools";
  return passage.answeringBalancer.version.id === mirror.to.id ? "same-version" : null;
}
