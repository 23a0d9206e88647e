// A scenario tried: its worlds seed by seed, under Slipway's policy or under a rule, with one set of measured servers.
import { type Policy, SLOTS, slotsOfPercent, wantedOf } from "@slipway/core";
import type { Rule } from "../peers/rule.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { CountWorld, type CountWorldOptions } from "./count-world.ts";
import type { Course, CourseTick } from "./course.ts";
import { ruleCourse } from "./rule-course.ts";
import {
  courseTicks,
  type SlipwayCourseOptions,
  slipwayCourse,
  type WorkedOut,
} from "./slipway-course.ts";
import { EVERYBODY, Surfaces, type SurfacesOptions } from "./surfaces.ts";

/** What decides over a rollout. */
export type Decider =
  | { readonly kind: "slipway"; readonly policy: Policy }
  | { readonly kind: "rule"; readonly rule: Rule; readonly stages: readonly number[] };

/** A rule's metrics come in minutes of as many ticks as a policy's defaults have. */
const RULE_TICK_MS = 10_000;
const RULE_HORIZON_MS = 60_000;
/** A request that takes more than so many times stable's P99 is harmed. */
const SLOW_FACTOR = 2;

export class Trials {
  readonly #surfaces: Surfaces;
  readonly #slowMs = new Map<string, number>();

  constructor(options: SurfacesOptions) {
    this.#surfaces = new Surfaces(options);
  }

  /** One rollout. The same seed gives every decider the same users. */
  course(scenario: Scenario, seed: number, decider: Decider): Course {
    const { hours } = scenario.traffic;
    if (decider.kind === "slipway") {
      return slipwayCourse(this.#slipway(scenario, seed, decider.policy, "decisive"));
    }
    const { rule, stages } = decider;
    const times = { tickMs: RULE_TICK_MS, horizonMs: RULE_HORIZON_MS };
    const world = this.#world(scenario, seed, { ...times, rolloutId: rule.name, detail: "counts" });
    return ruleCourse({ world, rule, stages, tickMs: RULE_TICK_MS, hours });
  }

  /** The same under Slipway, tick by tick. */
  ticks(scenario: Scenario, seed: number, policy: Policy): Generator<CourseTick, Course> {
    return courseTicks(this.#slipway(scenario, seed, policy, "all"));
  }

  #slipway(
    scenario: Scenario,
    seed: number,
    policy: Policy,
    worked: WorkedOut,
  ): SlipwayCourseOptions {
    const { tickMs, horizonMs } = policy.evidence;
    const rolloutId = `${scenario.name}-${seed}`;
    // Whoever looks on tick by tick may look at everything.
    const decisive = {
      ...wantedOf(policy.guards),
      stableSamples: false,
      segmentUsers: false,
    };
    const seen = worked === "decisive" ? { wanted: decisive } : {};
    const detail = isToldLanguages(policy) ? "languages" : "whole";
    const world = this.#world(scenario, seed, { tickMs, horizonMs, rolloutId, detail, ...seen });
    return { world, policy, rolloutId, scenario, worked };
  }

  /** Stable's P99 on an ordinary minute, in milliseconds: what fixed limits are set by. */
  p99Ms(scenario: Scenario): number {
    const known = this.#slowMs.get(scenario.name);
    if (known !== undefined) return known;
    const surface = this.#surfaces.at(scenario, "stable", 0, EVERYBODY);
    const measured = surface.quantileMs(scenario.traffic.perMinute / 60, 0.99);
    this.#slowMs.set(scenario.name, measured);
    return measured;
  }

  #world(
    scenario: Scenario,
    seed: number,
    options: Pick<CountWorldOptions, "tickMs" | "horizonMs" | "rolloutId" | "detail" | "wanted">,
  ): CountWorld {
    const slowMs = SLOW_FACTOR * this.p99Ms(scenario);
    return new CountWorld({ scenario, seed, surfaces: this.#surfaces, slowMs, ...options });
  }
}

/** Scenarios tell requests apart by language, and a policy judges by its first dimension: by another, they are all alike. */
function isToldLanguages({ evidence }: Policy): boolean {
  return evidence.segments[0]?.name === "language";
}

/** A policy's stages as a rule has them: shares in percent, with everybody as the last. */
export function stagesOf({ stages }: Policy): readonly number[] {
  const shares = stages.map(({ percent }) => percent);
  return slotsOfPercent(shares.at(-1) ?? 0) === SLOTS ? shares : [...shares, 100];
}
