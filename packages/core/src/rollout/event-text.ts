// What a journal's events say to people, in a few words and a sentence. One place, so that every surface says the same.

import type { Freeze, Said } from "../freeze/freeze.ts";
import { scoreText } from "../load/score-text.ts";
import type { Policy } from "../policy.ts";
import { overriddenGatesText } from "../preflight/evidence.ts";
import { counted, durationText, percentText } from "../quantity.ts";
import { tripText } from "../trip/trip.ts";
import type { ControlEvent } from "./controls.ts";
import type { Because, RolloutEvent } from "./event.ts";
import { type Place, stageSharePercent } from "./phase.ts";
import { freezeText } from "./restraint.ts";
import type { Rollout } from "./rollout.ts";
import { neighbourText } from "./shared-pools.ts";

/** The share of a stage, or "bake", "preflight". */
export function placeText(place: Place | "preflight", policy: Policy): string {
  if (typeof place === "string") return place;
  const stage = policy.stages[place];
  return stage === undefined ? `stage ${place + 1}` : `${stage.percent}%`;
}

export type EventText = {
  /** What happened, in a few words. */
  readonly what: string;
  /** Why, or with which numbers. */
  readonly why: string;
};

/** Who is named by what they call themselves, or by what `called` makes of that. */
export function eventText(
  event: RolloutEvent,
  policy: Policy,
  called: (by: string) => string = (by) => by,
): EventText {
  switch (event.type) {
    case "started":
      return { what: "started", why: startText(event, called) };
    case "looked":
      return lookedText(event);
    case "tripped":
      return { what: "tripped", why: tripText(event.trip) };
    case "moved":
      return { what: moveText(event, policy), why: causeText(event, called) };
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
      return controlText(event, policy, called);
  }
}

function besideText({ beside = [] }: Pick<Rollout, "beside">): string {
  return beside.length === 0 ? "" : `, beside ${beside.map(neighbourText).join(" and ")}`;
}

type Called = (by: string) => string;

function startText(
  { rollout }: Extract<RolloutEvent, { type: "started" }>,
  called: Called,
): string {
  const { reason, startedBy, controls } = rollout;
  const [frozen] = controls?.freezes ?? [];
  const overridden = frozen?.overridden ?? null;
  const parts = [
    `${reason} (${called(startedBy)})${besideText(rollout)}`,
    ...(controls?.observing ? ["it only observes"] : []),
    ...(frozen === undefined || overridden === null
      ? []
      : [`although ${frozenText(frozen, called)}: ${overridden.reason}`]),
    ...overriddenGatesText(rollout.gates ?? [], called),
  ];
  return parts.join("; ");
}

/** A look of a rollout that only observes is told as what it would have done. */
function lookedText({ because }: Extract<RolloutEvent, { type: "looked" }>): EventText {
  const would = because.code.startsWith("would-");
  return { what: would ? because.code.replaceAll("-", " ") : "held", why: becauseText(because) };
}

function controlText(event: ControlEvent, policy: Policy, called: Called): EventText {
  switch (event.type) {
    case "approved":
      return { what: `approved ${placeText(event.stage, policy)}`, why: saidText(event, called) };
    case "observed":
      return { what: event.on ? "observes" : "acts again", why: saidText(event, called) };
    case "froze":
      return { what: "frozen", why: frozenText(event.freeze, called) };
    case "thawed":
      return {
        what: "frozen no longer",
        why: event.ended === null ? "its time was over" : saidText(event.ended, called),
      };
    case "overrode":
      return { what: "freeze overridden", why: saidText(event, called) };
    case "acknowledged":
      return {
        what: "page acknowledged",
        why: `${event.codes.join(", ")}: ${saidText(event, called)}`,
      };
  }
}

function saidText({ reason, by }: Pick<Said, "reason" | "by">, called: Called): string {
  return `${reason} (${called(by)})`;
}

function frozenText(freeze: Freeze, called: Called): string {
  return freezeText({ ...freeze, by: freeze.by === null ? null : called(freeze.by) });
}

function expiredText(expired: readonly string[]): string {
  return expired.length === 0 ? "" : `; lease expired: ${expired.join(", ")}`;
}

type Moved = Extract<RolloutEvent, { type: "moved" }>;

export function moveText({ move }: Pick<Moved, "move">, policy: Policy): string {
  switch (move.kind) {
    case "advance":
      return `advanced to ${reachedText(move.stage, policy)}`;
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

/** The stage of 100% is of those who are not held back. */
function reachedText(stage: number, policy: Policy): string {
  const name = placeText(stage, policy);
  const percent = stageSharePercent(stage, policy);
  return percent === policy.stages[stage]?.percent
    ? name
    : `${name} (${percentText(percent / 100)} of users, the others are held back)`;
}

function causeText({ cause }: Moved, called: Called): string {
  if (cause.kind === "evidence") return becauseText(cause.because);
  return `${cause.because.text} (${called(cause.by)})`;
}

/** A reason in one line; what a person must look at now begins with that. */
export function becauseText({ page, text }: Because): string {
  return page === true ? `page: ${text}` : text;
}
