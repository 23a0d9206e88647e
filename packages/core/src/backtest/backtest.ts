// A recorded rollout under another policy. Both courses go together while they decide alike; at the first decision that
// differs the tried one leaves the record, and from then on sees of the evidence no more than its own share would
// have brought.

import { absorb } from "../evidence/absorb.ts";
import { type Evidence, emptyEvidence } from "../evidence/evidence.ts";
import type { Tick } from "../evidence/tick.ts";
import type { Policy } from "../policy.ts";
import { createRandom, type Random } from "../random.ts";
import { apply } from "../rollout/apply.ts";
import { decide } from "../rollout/decide.ts";
import type { Decision } from "../rollout/decision.ts";
import type { Because, Move, RolloutEvent } from "../rollout/event.ts";
import { candidateSlotsOf, isFinished } from "../rollout/phase.ts";
import { wouldText } from "../rollout/restraint.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { SLOTS } from "../slots.ts";
import { emptyHarm, type Harm, plusTick } from "./harm.ts";
import { type Share, seenUnder } from "./seen-tick.ts";
import { triedPolicy } from "./tried-policy.ts";

/** What a controller did in one turn, in order. Times are milliseconds since the epoch, on its clock. */
export type RecordedItem =
  | { readonly kind: "tick"; readonly atMs: number; readonly tick: Tick }
  | { readonly kind: "event"; readonly atMs: number; readonly event: RolloutEvent };

export type Step = {
  readonly atMs: number;
  readonly move: Move;
  /** Users on the candidate after it. */
  readonly percent: number;
  readonly because: Because;
  /** Who, where it was an operator's. */
  readonly by: string | null;
};

/** Where the tried course left the recorded one. */
export type Fork = {
  readonly atMs: number;
  readonly recorded: { readonly did: string; readonly because: Because | null };
  readonly tried: { readonly did: string; readonly because: Because };
};

/** Changed in place, item by item: a rollout has hundreds of thousands. */
export type Backtest = {
  readonly policy: Policy;
  readonly isOwn: boolean;
  readonly notes: readonly string[];
  readonly random: Random;
  real: Rollout | null;
  tried: Rollout | null;
  evidence: Evidence;
  fork: Fork | null;
  readonly realSteps: Step[];
  readonly triedSteps: Step[];
  readonly harm: { readonly real: Harm; readonly tried: Harm };
  /** The recorded shares by table, oldest first. */
  readonly realShares: Share[];
  /** The tried shares since the fork, oldest first. */
  readonly triedShares: Share[];
  /** How long gateways took to confirm the recorded rollout's last table. */
  confirmMs: number;
  /** Of evidence that a larger share would have brought, in milliseconds of ticks. */
  beyondMs: number;
  /** Without anybody on stable in the record, though somebody would have been. */
  aloneMs: number;
  /** What happened to the recorded rollout after the fork and was no decision of its policy. */
  readonly apart: string[];
  /** When the record has nothing more to say of the candidate; null while it has. */
  endedAtMs: number | null;
  /** Decisions on evidence that the journal has, and that came out the same. */
  same: number;
};

export function startBacktest(recorded: Policy, other: Policy, seed: number): Backtest {
  return {
    ...triedPolicy(recorded, other),
    random: createRandom(seed),
    real: null,
    tried: null,
    evidence: emptyEvidence(0),
    fork: null,
    realSteps: [],
    triedSteps: [],
    harm: { real: emptyHarm(), tried: emptyHarm() },
    realShares: [],
    triedShares: [],
    confirmMs: 0,
    beyondMs: 0,
    aloneMs: 0,
    apart: [],
    endedAtMs: null,
    same: 0,
  };
}

/** One turn of the controller that recorded it: everything of one moment. */
export function backtestTurn(test: Backtest, items: readonly RecordedItem[]): void {
  const isCommanded = items.some((item) => item.kind === "event" && isCommand(item.event));
  let mayDecide = false;
  for (const item of items) {
    if (item.kind === "tick") {
      onTick(test, item.tick);
      mayDecide = true;
    } else if (isDecision(item.event)) {
      onDecision(test, item.event);
      mayDecide = false;
    } else {
      onEvent(test, item.event);
      mayDecide ||= item.event.type === "confirmed";
    }
  }
  const atMs = items[0]?.atMs ?? 0;
  if (test.fork !== null)
    followTried(
      test,
      atMs,
      items.some(({ kind }) => kind === "tick"),
    );
  else if (mayDecide && !isCommanded) decideAlone(test, atMs);
}

type Moved = Extract<RolloutEvent, { type: "moved" }>;
type Decided = Moved | Extract<RolloutEvent, { type: "looked" }>;

function isDecision(event: RolloutEvent): event is Decided {
  return event.type === "looked" || (event.type === "moved" && event.cause.kind === "evidence");
}

function isCommand(event: RolloutEvent): boolean {
  if (event.type === "moved") return event.cause.kind === "operator";
  return !["looked", "confirmed", "drained"].includes(event.type);
}

function onTick(test: Backtest, tick: Tick): void {
  const { tried, fork, policy } = test;
  if (tried === null) return;
  plusTick(test.harm.real, tick, null);
  const startMs = tick.endMs - policy.evidence.tickMs;
  if (fork === null || startMs < fork.atMs) {
    test.evidence = absorb(test.evidence, tried, tick);
    plusTick(test.harm.tried, tick, null);
    return;
  }
  if (isFinished(tried.phase)) return;
  const seen = seenUnder(tick, startMs, test);
  if (seen === null) {
    test.endedAtMs ??= startMs;
    return;
  }
  if (seen.isBeyond) test.beyondMs += policy.evidence.tickMs;
  if (seen.isAlone) test.aloneMs += policy.evidence.tickMs;
  test.evidence = absorb(test.evidence, tried, seen.tick);
  plusTick(test.harm.tried, seen.tick, tick);
}

function onEvent(test: Backtest, event: RolloutEvent): void {
  applyReal(test, event);
  if (event.type === "started") {
    // An other policy acts by itself, though the recorded rollout only observed.
    const controls = event.rollout.controls;
    const acting =
      test.isOwn || controls === undefined ? {} : { controls: { ...controls, observing: null } };
    const rollout = { ...event.rollout, ...acting, policy: test.policy };
    test.tried = apply(null, { ...event, rollout });
    test.evidence = emptyEvidence(test.tried.table);
    return;
  }
  if (event.type === "confirmed") test.confirmMs = event.confirmMs;
  if (test.tried === null) return;
  if (test.fork === null) followCommand(test, test.tried, event);
  else if (!isFinished(test.tried.phase)) afterFork(test, test.tried, event);
}

/** Together with the record: whatever happened to it happened to both. */
function followCommand(test: Backtest, tried: Rollout, event: RolloutEvent): void {
  if (event.type === "observed" && !test.isOwn) return;
  if (event.type === "moved" && event.cause.kind === "operator") {
    if (!isSameMove(test, event.move, event.move)) {
      const because = {
        code: "operator",
        text: "an operator moved it where this policy has no stage",
      };
      leave(test, event.atMs, event, { kind: "hold", because });
      return;
    }
    const percent = percentOf(apply(tried, event));
    test.triedSteps.push(stepOf(event, percent));
  }
  test.tried = apply(tried, event);
}

/** What the calendar did counts for both; what people did, they did to the recorded one. */
function afterFork(test: Backtest, tried: Rollout, event: RolloutEvent): void {
  if (["froze", "thawed", "overrode", "tripped"].includes(event.type)) {
    if (event.type === "tripped" && !test.policy.trip.enabled) return;
    if (event.type === "tripped")
      test.apart.push("a gateway worker tripped; it is taken to have done so here too");
    test.tried = apply(tried, event);
  } else if (event.type === "moved" && event.cause.kind === "operator") {
    const { by, command, because } = event.cause;
    test.apart.push(
      `${by} gave ${command} to the recorded rollout (${because.text}), and not to this one`,
    );
  }
}

/** A decision that the journal has: is it made here too? */
function onDecision(test: Backtest, event: Decided): void {
  const { tried, fork } = test;
  if (tried !== null && fork === null) {
    const { decision } = decide({ rollout: tried, evidence: test.evidence }, event.atMs);
    if (agrees(test, event, decision)) {
      test.same++;
      const { because } = decision;
      // What it holds for is its own.
      const next = apply(tried, event.type === "looked" ? { ...event, because } : event);
      if (event.type === "moved") {
        test.triedSteps.push({ ...stepOf(event, percentOf(next)), because });
      }
      test.tried = next;
    } else leave(test, event.atMs, event, decision);
  }
  applyReal(test, event);
}

function agrees(test: Backtest, event: Decided, decision: Decision): boolean {
  if (event.type === "looked") return decision.kind === "hold";
  return decision.kind === "move" && isSameMove(test, event.move, decision.move);
}

/** The same step, to a stage with the same users. */
function isSameMove({ policy, real }: Backtest, recorded: Move, tried: Move): boolean {
  if (recorded.kind !== tried.kind) return false;
  if (!("stage" in recorded) || !("stage" in tried)) return true;
  const [was, is] = [real?.policy.stages[recorded.stage], policy.stages[tried.stage]];
  return recorded.stage === tried.stage && was !== undefined && was.percent === is?.percent;
}

/** A turn in which the recorded policy left no entry: it held as before. */
function decideAlone(test: Backtest, atMs: number): void {
  const { tried } = test;
  if (tried === null) return;
  const { decision } = decide({ rollout: tried, evidence: test.evidence }, atMs);
  if (decision.kind === "move") leave(test, atMs, null, decision);
}

function leave(test: Backtest, atMs: number, event: Decided | null, decision: Decision): void {
  const recorded = test.real?.policy ?? test.policy;
  test.fork = {
    atMs,
    recorded: {
      did: event?.type === "moved" ? wouldText(event.move, recorded) : "hold",
      because: event === null ? null : event.type === "moved" ? event.cause.because : event.because,
    },
    tried: {
      did: decision.kind === "hold" ? "hold" : wouldText(decision.move, test.policy),
      because: decision.because,
    },
  };
  const last = test.realShares.at(-1);
  if (last !== undefined) test.triedShares.push({ ...last, sinceMs: atMs });
  if (decision.kind === "move") moveTried(test, atMs, decision);
}

/** The course of its own: gateways confirm as they did, and decisions are made when ticks are consumed. */
function followTried(test: Backtest, atMs: number, hasTick: boolean): void {
  const { tried, confirmMs } = test;
  if (tried === null || isFinished(tried.phase) || test.endedAtMs !== null) return;
  const waits =
    tried.phase.kind === "stage" || tried.phase.kind === "bake"
      ? tried.phase.confirmedAtMs === null
      : tried.phase.kind === "stepping-back" || tried.phase.kind === "rolling-back";
  const dueMs = tried.phase.sinceMs + confirmMs;
  if (waits && dueMs <= atMs) {
    test.tried = apply(tried, {
      type: "confirmed",
      atMs: dueMs,
      table: tried.table,
      members: 0,
      expired: [],
      confirmMs,
    });
  }
  if (!hasTick || test.tried === null) return;
  const { decision } = decide({ rollout: test.tried, evidence: test.evidence }, atMs);
  if (decision.kind === "move") moveTried(test, atMs, decision);
}

function moveTried(
  test: Backtest,
  atMs: number,
  decision: Extract<Decision, { kind: "move" }>,
): void {
  const { tried } = test;
  if (tried === null) return;
  const { move, because } = decision;
  const table =
    Math.max(tried.table, ...test.realShares.map((share) => share.table)) + TABLES_APART;
  const event: RolloutEvent = {
    type: "moved",
    atMs,
    move,
    cause: { kind: "evidence", because },
    table,
    look: null,
  };
  const next = apply(tried, event);
  test.tried = next;
  test.triedSteps.push({ atMs, move, percent: percentOf(next), because, by: null });
  test.triedShares.push({ table, sinceMs: atMs, slots: candidateSlotsOf(next.phase, next.policy) });
}

/** Numbers that no recorded table has. */
const TABLES_APART = 1_000_000;

function applyReal(test: Backtest, event: RolloutEvent): void {
  const real = apply(test.real, event);
  test.real = real;
  if (event.type !== "started" && event.type !== "moved") return;
  const slots = candidateSlotsOf(real.phase, real.policy);
  if (event.type === "moved") test.realSteps.push(stepOf(event, (slots / SLOTS) * 100));
  test.realShares.push({ table: real.table, sinceMs: event.atMs, slots });
}

function stepOf(
  { atMs, move, cause }: Extract<RolloutEvent, { type: "moved" }>,
  percent: number,
): Step {
  return {
    atMs,
    move,
    percent,
    because: cause.because,
    by: cause.kind === "operator" ? cause.by : null,
  };
}

function percentOf({ phase, policy }: Rollout): number {
  return (candidateSlotsOf(phase, policy) / SLOTS) * 100;
}
