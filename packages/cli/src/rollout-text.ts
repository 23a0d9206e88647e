// Phases, moves and journal entries as people read them. One place, so that every command says the same.

import {
  type Because,
  type ControlEvent,
  candidateSlotsOf,
  durationText,
  freezeText,
  neighbourText,
  type Phase,
  type Place,
  type Policy,
  type Rollout,
  type RolloutEvent,
  type Said,
  scoreText,
  slotsMaxOf,
  tripText,
} from "@slipway/core";
import type { JournalEntry, RolloutView } from "@slipway/wire";

/** The share of a stage, or "bake". */
function placeText(place: Place | "preflight", policy: Policy): string {
  if (typeof place === "string") return place;
  const stage = policy.stages[place];
  return stage === undefined ? `stage ${place + 1}` : `${stage.percent}%`;
}

export function phaseText(view: Pick<RolloutView, "phase" | "policy" | "to" | "from">): string {
  const { phase, policy, from, to } = view;
  switch (phase.kind) {
    case "preflight":
      return "preflight: nobody is on the candidate yet";
    case "stage":
      return `stage ${phase.stage + 1} of ${policy.stages.length}: ${placeText(phase.stage, policy)} of users on ${to}${heldBackText(view)}`;
    case "bake":
      return `bake: everybody is on ${to}${heldBackText(view)}, ${from} stays warm`;
    case "paused":
      return `paused at ${placeText(phase.at, policy)}`;
    case "stepping-back":
      return `stepping back to ${placeText(phase.stage, policy)}, then paused`;
    case "rolling-back":
      return `rolling back from ${placeText(phase.from, policy)}: every gateway returns to ${from}`;
    case "rolled-back":
      return `rolled back from ${placeText(phase.from, policy)} in ${durationText(phase.confirmMs)}: everybody is on ${from}`;
    case "completed":
      return `completed: everybody is on ${to}`;
  }
}

/** Who is not on the candidate although all stages are behind it. */
function heldBackText({ phase, policy, from }: Parameters<typeof phaseText>[0]): string {
  const { holdbackPercent } = policy;
  const isLast = candidateSlotsOf(phase, policy) === slotsMaxOf(policy);
  if (holdbackPercent === undefined || !isLast) return "";
  return ` but for ${holdbackPercent}%, held back on ${from} as a control until bake ends`;
}

/** 2026-01-15 09:30 UTC. */
export function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** How a rollout ended; null while it is under way. */
export function outcomeOf(phase: Phase["kind"]): "completed" | "rolled-back" | null {
  return phase === "completed" || phase === "rolled-back" ? phase : null;
}

export type EntryText = {
  /** What happened, in a few words. */
  readonly what: string;
  /** Why, or with which numbers. */
  readonly why: string;
};

export function entryText(entry: JournalEntry, policy: Policy): EntryText {
  const { event } = entry;
  switch (event.type) {
    case "started":
      return { what: "started", why: startText(event) };
    case "looked":
      return lookedText(event);
    case "tripped":
      return { what: "tripped", why: tripText(event.trip) };
    case "moved":
      return { what: moveText(event, policy), why: causeText(event) };
    case "confirmed":
      return {
        what: "confirmed",
        why: `by ${counted(event.members, "gateway worker")} in ${durationText(event.confirmMs)}${expiredText(event.expired)}`,
      };
    case "drained":
      return {
        what: "drained",
        why: `the candidate's last answer ended after ${durationText(event.drainedMs)}`,
      };
    case "forecasted":
      return { what: "forecast", why: event.forecast.text };
    case "forecast-scored":
      return { what: "scored", why: scoreText(event.score) };
    default:
      return controlText(event, policy);
  }
}

function besideText({ beside = [] }: Pick<Rollout, "beside">): string {
  return beside.length === 0 ? "" : `, beside ${beside.map(neighbourText).join(" and ")}`;
}

function startText({ rollout }: Extract<RolloutEvent, { type: "started" }>): string {
  const { reason, startedBy, controls } = rollout;
  const [frozen] = controls?.freezes ?? [];
  const overridden = frozen?.overridden ?? null;
  const parts = [
    `${reason} (${startedBy})${besideText(rollout)}`,
    ...(controls?.observing ? ["it only observes"] : []),
    ...(frozen === undefined || overridden === null
      ? []
      : [`although ${freezeText(frozen)}: ${overridden.reason}`]),
  ];
  return parts.join("; ");
}

/** A look of a rollout that only observes is told as what it would have done. */
function lookedText({ because }: Extract<RolloutEvent, { type: "looked" }>): EntryText {
  const would = because.code.startsWith("would-");
  return { what: would ? because.code.replaceAll("-", " ") : "held", why: becauseText(because) };
}

function controlText(event: ControlEvent, policy: Policy): EntryText {
  switch (event.type) {
    case "approved":
      return { what: `approved ${placeText(event.stage, policy)}`, why: saidText(event) };
    case "observed":
      return { what: event.on ? "observes" : "acts again", why: saidText(event) };
    case "froze":
      return { what: "frozen", why: freezeText(event.freeze) };
    case "thawed":
      return {
        what: "frozen no longer",
        why: event.ended === null ? "its time was over" : saidText(event.ended),
      };
    case "overrode":
      return { what: "freeze overridden", why: saidText(event) };
  }
}

function saidText({ reason, by }: Pick<Said, "reason" | "by">): string {
  return `${reason} (${by})`;
}

export function counted(n: number, noun: string, plural: string = `${noun}s`): string {
  return `${n.toLocaleString("en-US")} ${n === 1 ? noun : plural}`;
}

function expiredText(expired: readonly string[]): string {
  return expired.length === 0 ? "" : `; lease expired: ${expired.join(", ")}`;
}

type Moved = Extract<RolloutEvent, { type: "moved" }>;

export function moveText({ move }: Pick<Moved, "move">, policy: Policy): string {
  switch (move.kind) {
    case "advance":
      return `advanced to ${placeText(move.stage, policy)}`;
    case "bake":
      return "bake began";
    case "complete":
      return "completed";
    case "pause":
      return "paused";
    case "resume":
      return "resumed";
    case "step-back":
      return `stepped back to ${placeText(move.stage, policy)}`;
    case "roll-back":
      return "rolled back";
  }
}

function causeText({ cause }: Moved): string {
  if (cause.kind === "evidence") return becauseText(cause.because);
  return `${cause.because.text} (${cause.by})`;
}

/** A reason in one line; what a person must look at now begins with that. */
export function becauseText({ page, text }: Because): string {
  return page === true ? `page: ${text}` : text;
}

/** 64,000 ms → "1m 04s": how long ago, or how long since. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (n: number): string => String(n).padStart(2, "0");
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m ${two(seconds % 60)}s`;
  if (hours < 48) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d`;
}
