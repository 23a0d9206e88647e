// Where a journal has incidents: which decision opens one, what belongs to it, and what ends the harm. One incident
// takes in whatever follows its opening until the rollout moves forwards again.

import type { Verdict } from "../guards/verdict.ts";
import { apply } from "../rollout/apply.ts";
import { isBlocked } from "../rollout/blocked.ts";
import type { Because, RolloutEvent } from "../rollout/event.ts";
import { candidateSlotsOf, slotsMaxOf } from "../rollout/phase.ts";
import { isForwards } from "../rollout/restraint.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { SLOTS } from "../slots.ts";
import { tripText } from "../trip/trip.ts";

export type RecordedEvent = { readonly sequence: number; readonly event: RolloutEvent };

/**
 * `trip`: a gateway worker left the candidate by itself. `page`: stable got worse, or it is not known yet why. `observed`:
 * it would have moved back, and was only observing.
 */
export type OpeningKind = "roll-back" | "step-back" | "trip" | "page" | "observed";

export type Opening = {
  readonly sequence: number;
  readonly atMs: number;
  readonly kind: OpeningKind;
  readonly because: Because;
  /** Who, where it was an operator's. */
  readonly by: string | null;
  /** Users on the candidate until then. */
  readonly percent: number;
};

export type Mitigation = {
  readonly atMs: number;
  /** `recovered`: nothing was moved, and the reason ended. `went-on`: an operator moved it forwards all the same. */
  readonly how: "rolled-back" | "stepped-back" | "recovered" | "went-on";
  /** From the decision to the last gateway's confirmation; null where nothing was moved. */
  readonly confirmMs: number | null;
  /** Members that did not confirm before their lease expired. */
  readonly expired: readonly string[];
};

export type Episode = {
  readonly opening: Opening;
  /** When what opened it was first seen by a guard. */
  readonly detectedAtMs: number;
  /** When the rollout started, or the incident before had ended: evidence from before says nothing about this one. */
  readonly sinceMs: number;
  /** When the candidate last got more users. */
  readonly stageSinceMs: number;
  /** Null while users are still harmed, as far as the journal knows. */
  readonly mitigated: Mitigation | null;
  /** The last entry that belongs to it. */
  readonly lastSequence: number;
};

type Writable<T> = { -readonly [field in keyof T]: T[field] };

type Reading = {
  rollout: Rollout | null;
  readonly episodes: Writable<Episode>[];
  current: Writable<Episode> | null;
  /** A move back that gateways have not all confirmed yet. */
  back: { readonly how: "rolled-back" | "stepped-back"; readonly table: number } | null;
  /** Guards that fail, and since when. */
  failing: Map<string, number>;
  sinceMs: number;
  stageSinceMs: number;
};

/** The oldest first. */
export function episodesOf(entries: readonly RecordedEvent[]): readonly Episode[] {
  const reading: Reading = {
    rollout: null,
    episodes: [],
    current: null,
    back: null,
    failing: new Map(),
    sinceMs: 0,
    stageSinceMs: 0,
  };
  for (const entry of entries) {
    read(reading, entry);
    reading.rollout = apply(reading.rollout, entry.event);
  }
  return reading.episodes;
}

function read(reading: Reading, entry: RecordedEvent): void {
  const { event } = entry;
  if (event.type === "started") {
    reading.sinceMs = event.atMs;
    reading.stageSinceMs = event.atMs;
    return;
  }
  noteVerdicts(reading.failing, event);
  const opening = reading.rollout === null ? null : openingOf(entry, reading.rollout);
  if (opening !== null) open(reading, opening);
  if (event.type === "moved") onMove(reading, event);
  if (event.type === "confirmed") onConfirmed(reading, event);
  if (event.type === "looked" && opening === null) onQuiet(reading, event.atMs);
  if (reading.current !== null) reading.current.lastSequence = entry.sequence;
  if (isOnwards(event)) close(reading, event.atMs);
}

/** Why an entry opens an incident, or belongs to the one that is open; null where it does neither. */
function openingOf({ sequence, event }: RecordedEvent, rollout: Rollout): Opening | null {
  const { controls, drill, phase, policy } = rollout;
  const slots = candidateSlotsOf(phase, policy);
  if (controls.isReturn || drill === true || slots === 0) return null;
  const { atMs } = event;
  const base = { sequence, atMs, percent: (Math.min(slots, slotsMaxOf(policy)) / SLOTS) * 100 };
  if (event.type === "tripped") {
    const because = { code: "tripped", text: tripText(event.trip) };
    return { ...base, kind: "trip", because, by: null };
  }
  if (event.type === "moved") {
    const { move, cause } = event;
    if (move.kind !== "roll-back" && move.kind !== "step-back") return null;
    const by = cause.kind === "operator" ? cause.by : null;
    return { ...base, kind: move.kind, because: cause.because, by };
  }
  if (event.type !== "looked") return null;
  const { because } = event;
  if (pagesForHarm(because)) return { ...base, kind: "page", because, by: null };
  const isObserved = because.code === "would-roll-back" || because.code === "would-step-back";
  return isObserved ? { ...base, kind: "observed", because, by: null } : null;
}

/** Whether anybody is harmed is what the page of a guard that only blocks asks: if so, somebody rolls back. */
export function pagesForHarm(because: Because): boolean {
  return because.page === true && !isBlocked(because);
}

function open(reading: Reading, opening: Opening): void {
  if (reading.current !== null) {
    // It is not over: what had ended the harm did not.
    reading.current.mitigated = null;
    return;
  }
  const { guard } = opening.because;
  const seen = guard === undefined ? [...reading.failing.values()] : [reading.failing.get(guard)];
  const known = opening.kind === "trip" ? [] : seen.filter((atMs) => atMs !== undefined);
  reading.current = {
    opening,
    detectedAtMs: Math.min(opening.atMs, ...known),
    sinceMs: reading.sinceMs,
    stageSinceMs: reading.stageSinceMs,
    mitigated: null,
    lastSequence: opening.sequence,
  };
  reading.episodes.push(reading.current);
}

function noteVerdicts(failing: Map<string, number>, event: RolloutEvent): void {
  const look = event.type === "looked" || event.type === "moved" ? event.look : null;
  for (const verdict of look?.verdicts ?? []) {
    if (!isGrave(verdict)) failing.delete(verdict.guard);
    else if (!failing.has(verdict.guard)) failing.set(verdict.guard, event.atMs);
  }
}

function isGrave({ status, action }: Verdict): boolean {
  return status === "fail" && action !== "warn";
}

type Moved = Extract<RolloutEvent, { type: "moved" }>;

/** It moves forwards, or goes on from where it was paused. */
export function isOnwards(event: RolloutEvent): boolean {
  return event.type === "moved" && (isForwards(event.move) || event.move.kind === "resume");
}

function onMove(reading: Reading, { move, table }: Moved): void {
  if (reading.current === null) return;
  if (move.kind === "roll-back") reading.back = { how: "rolled-back", table };
  if (move.kind === "step-back") reading.back = { how: "stepped-back", table };
}

function onConfirmed(
  { current, back }: Reading,
  event: Extract<RolloutEvent, { type: "confirmed" }>,
): void {
  if (current === null || back === null || event.table < back.table) return;
  const { atMs, confirmMs, expired } = event;
  current.mitigated ??= { atMs, how: back.how, confirmMs, expired };
}

/** A look that asks for nothing any more. */
function onQuiet({ current, back }: Reading, atMs: number): void {
  if (current === null || back !== null) return;
  current.mitigated ??= { atMs, how: "recovered", confirmMs: null, expired: [] };
}

function close(reading: Reading, atMs: number): void {
  const { current } = reading;
  if (current !== null) {
    current.mitigated ??= { atMs, how: "went-on", confirmMs: null, expired: [] };
    reading.sinceMs = atMs;
  }
  reading.current = null;
  reading.back = null;
  reading.failing = new Map();
  reading.stageSinceMs = atMs;
}
