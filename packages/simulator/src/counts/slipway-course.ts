// A rollout under Slipway's own decisions: core absorbs the ticks of a count-world as they mature, and decides.
import {
  absorb,
  apply,
  type Because,
  candidateSlotsOf,
  decide,
  type Evidence,
  emptyEvidence,
  heldFor,
  isBlocked,
  isFinished,
  type Judgement,
  learn,
  letsPass,
  type Move,
  type Policy,
  questionIn,
  type Requirement,
  type Rollout,
  type RolloutEvent,
  SLOTS,
  slotsMaxOf,
} from "@slipway/core";
import { isDuring, type OutageKind, type Scenario } from "../scenario/scenario.ts";
import type { CountTick, CountWorld } from "./count-world.ts";
import { type Course, type CourseEnd, type CourseStep, type CourseTick, Harm } from "./course.ts";
import { Forecaster } from "./forecaster.ts";

export type SlipwayCourseOptions = {
  readonly world: CountWorld;
  readonly policy: Policy;
  readonly rolloutId: string;
  readonly scenario: Scenario;
  readonly worked: WorkedOut;
};

/**
 * What is worked out of a rollout. `all`: as a controller does, for whoever looks on tick by tick. `decisive`: what decisions
 * hang on: not who was affected, and of the forecasts that are due the few that may decide. It ends as it would with all, hours sooner
 * to whoever waits for a thousand rollouts.
 */
export type WorkedOut = "all" | "decisive";

/** A tick as the controller gets it. */
type Reported = CountTick & { readonly missing: readonly string[] };

const NOTHING_DRAWN: CountTick = {
  tick: -1,
  endMs: 0,
  rows: [],
  counts: { stable: { requests: 0, harmed: 0 }, candidate: { requests: 0, harmed: 0 } },
  settledMs: 0,
};

/** What is held for one of these is neither left nor asked about, whatever a forecast says. */
const UNMET: ReadonlySet<string> = new Set<Requirement["code"]>([
  "hold",
  "requests",
  "fresh",
  "covered",
  "share",
  "split",
  "representative",
  "guard",
]);

/** Of two gateways, the one that outages strike. */
const CUT_OFF = ["gateway-2"];
const EVERY_GATEWAY = ["gateway-1", ...CUT_OFF];

export function slipwayCourse(options: SlipwayCourseOptions): Course {
  const ticks = courseTicks(options);
  for (;;) {
    const next = ticks.next();
    if (next.done === true) return next.value;
  }
}

/** The same tick by tick, for whoever wants to look on. */
export function* courseTicks(options: SlipwayCourseOptions): Generator<CourseTick, Course> {
  const run = new Run(options);
  const ticks = (options.scenario.traffic.hours * 3_600_000) / options.policy.evidence.tickMs;
  for (let tick = 0; tick < ticks; tick++) {
    const end = run.tick(tick === ticks - 1);
    yield run.seen;
    if (end !== null) return run.course(end);
  }
  return run.course(run.isLeft ? "held" : "unfinished");
}

class Run {
  readonly #options: SlipwayCourseOptions;
  readonly #harm = new Harm();
  readonly #steps: CourseStep[] = [];
  /** Ticks that are drawn and not mature yet, oldest first. */
  readonly #open: Reported[] = [];
  readonly #forecaster: Forecaster;
  /** What the last tick brought, for observers. */
  #drawn: CountTick = NOTHING_DRAWN;
  #drawnShare = 0;
  #judgement: Judgement | null = null;
  #events: RolloutEvent[] = [];
  #rollout: Rollout;
  #evidence: Evidence;
  #nowMs = 0;
  #allUsersMs: number | null = null;
  #shareMax = 0;
  #asked = false;
  #heldFor: string | null = null;
  #by: string | null = null;
  /** Whether it waits for a person now: it asks, or a guard blocks it. */
  isLeft = false;

  constructor(options: SlipwayCourseOptions) {
    this.#options = options;
    const began = startOf(options.policy, options.rolloutId);
    this.#events.push(began);
    this.#rollout = apply(null, began);
    this.#evidence = emptyEvidence(this.#rollout.table);
    this.#forecaster = new Forecaster(options.scenario);
    this.#move({ kind: "advance", stage: 0 }, { code: "world", text: "started" });
  }

  /** How the rollout ended in this tick; null while it goes on. `isLast`: nobody looks at it any longer. */
  tick(isLast: boolean): CourseEnd | null {
    this.#draw();
    this.#judgement = null;
    if (this.#isOut("controller-down") !== null) return null;
    this.#absorbMature();
    const { decision } = this.#judge(isLast);
    if (decision.kind === "hold") {
      this.#rollout = heldFor(this.#rollout, decision.because, this.#nowMs);
      this.#heldFor = decision.because.code;
      const { because } = decision;
      this.isLeft = isBlocked(because) || questionIn(because) !== null;
      this.#asked ||= because.code === "ask";
      return null;
    }
    this.#by = decision.because.guard ?? decision.because.code;
    this.#move(decision.move, decision.because);
    if (this.#rollout.phase.kind === "rolled-back") return "rolled-back";
    return this.#rollout.phase.kind === "completed" ? "completed" : null;
  }

  #draw(): void {
    const { world, policy } = this.#options;
    const startMs = this.#nowMs;
    const lost = this.#isOut("evidence-lost") !== null;
    const cutOff = this.#isOut("half-cut-off");
    const reported = lost ? 0 : cutOff === null ? 1 : 0.5;
    this.#drawnShare = (100 * this.#slots) / SLOTS;
    const tick = world.next(this.#slots, this.#rollout.table, reported);
    this.#drawn = tick;
    this.#harm.add(tick);
    // A member whose lease has lapsed is expected to say nothing more.
    const isAwaited = cutOff !== null && cutOff <= policy.lease.durationMs;
    this.#open.push({ ...tick, missing: lost ? EVERY_GATEWAY : isAwaited ? CUT_OFF : [] });
    this.#nowMs = startMs + policy.evidence.tickMs;
  }

  /** For how long such an outage has lasted now; null while there is none. */
  #isOut(kind: OutageKind): number | null {
    const atMs = this.#nowMs;
    const outage = this.#options.scenario.outages.find(
      (one) => one.kind === kind && isDuring(one, atMs),
    );
    if (outage === undefined) return null;
    const { fromMs, everyMs } = outage;
    return everyMs === null ? atMs - fromMs : (atMs - fromMs) % everyMs;
  }

  /** The tick that was drawn last, and what it brought. Told once: events begin anew. */
  get seen(): CourseTick {
    const events = this.#events;
    this.#events = [];
    return {
      drawn: this.#drawn,
      share: this.#drawnShare,
      rollout: this.#rollout,
      evidence: this.#evidence,
      judgement: this.#judgement,
      events,
    };
  }

  course(end: CourseEnd): Course {
    return {
      end,
      endMs: this.#nowMs,
      allUsersMs: this.#allUsersMs,
      shareMax: this.#shareMax,
      asked: this.#asked,
      heldFor: this.#heldFor,
      by: end === "rolled-back" ? this.#by : null,
      requests: this.#harm.requests,
      harmed: this.#harm.harmed,
      steps: this.#steps,
    };
  }

  get #slots(): number {
    return candidateSlotsOf(this.#rollout.phase, this.#options.policy);
  }

  /** In order, as a controller does: a tick waits for the answers that are open, and for the ticks before it. */
  #absorbMature(): void {
    for (;;) {
      const [next] = this.#open;
      if (next === undefined || next.settledMs > this.#nowMs) return;
      this.#open.shift();
      const { tick, endMs, rows, missing } = next;
      const mature = { rolloutId: this.#options.rolloutId, tick, endMs, missing, rows };
      const take = this.#options.worked === "all" ? absorb : learn;
      this.#evidence = take(this.#evidence, this.#rollout, mature);
      this.#forecaster.absorbed(mature, this.#rollout);
    }
  }

  /** A controller's forecast takes a moment; here it is there at once. */
  #judge(isLast: boolean): Judgement {
    const judged = (): Judgement =>
      decide({ rollout: this.#rollout, evidence: this.#evidence }, this.#nowMs);
    const isDue = this.#forecaster.isDue(this.#rollout, this.#evidence, this.#nowMs);
    if (isDue && this.#options.worked === "all") this.#foresee();
    let judgement = judged();
    if (isDue && this.#options.worked === "decisive" && this.#hangsOnForecast(judgement, isLast)) {
      this.#foresee();
      judgement = judged();
    }
    this.#judgement = judgement;
    return judgement;
  }

  /**
   * All else is met, or a person would be asked about what is not. Once one was, whether that still is the question tells only
   * how a rollout ends that nobody answers.
   */
  #hangsOnForecast(judgement: Judgement, isLast: boolean): boolean {
    const { decision, standings } = judgement;
    if (decision.kind === "hold" && UNMET.has(decision.because.code)) return false;
    if (!standings.every(letsPass)) {
      const { phase, policy } = this.#rollout;
      const sinceMs = phase.kind === "stage" ? phase.confirmedAtMs : null;
      const isOver = sinceMs !== null && this.#nowMs - sinceMs >= policy.stageLimitMs;
      return isOver && (isLast || !this.#asked);
    }
    return judgement.requirements.every(({ met, code }) => met || code === "forecast");
  }

  #foresee(): void {
    const made = this.#forecaster.made(
      this.#rollout,
      this.#options.worked === "all" ? "whole" : "verdict",
    );
    this.#apply({ type: "forecasted", atMs: this.#nowMs, forecast: made });
  }

  /** Gateways confirm at once. */
  #move(move: Move, because: Because): void {
    const atMs = this.#nowMs;
    const cause = { kind: "evidence" as const, because };
    const table = this.#rollout.table + 1;
    this.#apply({ type: "moved", atMs, move, cause, table, look: null });
    if (!isFinished(this.#rollout.phase)) {
      this.#apply({ type: "confirmed", atMs, table, members: 1, expired: [], confirmMs: 0 });
    }
    const share = (100 * this.#slots) / SLOTS;
    this.#shareMax = Math.max(this.#shareMax, share);
    if (this.#slots >= slotsMaxOf(this.#options.policy)) this.#allUsersMs ??= atMs;
    this.#steps.push({ atMs, share, because: because.text });
  }

  #apply(event: RolloutEvent): void {
    this.#rollout = apply(this.#rollout, event);
    this.#events.push(event);
  }
}

function startOf(policy: Policy, id: string): RolloutEvent {
  return {
    type: "started",
    atMs: 0,
    table: 1,
    rollout: {
      id,
      model: "m",
      from: "stable",
      to: "candidate",
      policy,
      startedBy: "world",
      reason: "a rehearsal",
    },
  };
}
