// A rollout under another tool's rule: told one minute after the other, moved as it says.
import {
  badOf,
  emptyHistogram,
  mergeInto,
  type ServingArm,
  SLOTS,
  slotsOfPercent,
} from "@slipway/core";
import type { ArmMinute, Rule, RuleRun, Saying } from "../peers/rule.ts";
import type { CountTick, CountWorld } from "./count-world.ts";
import { type Course, type CourseEnd, type CourseStep, Harm } from "./course.ts";

export type RuleCourseOptions = {
  readonly world: CountWorld;
  readonly rule: Rule;
  /** In percent of users; the last one is everybody. */
  readonly stages: readonly number[];
  readonly tickMs: number;
  readonly hours: number;
};

const MINUTE_MS = 60_000;

export function ruleCourse(options: RuleCourseOptions): Course {
  const run = new Run(options);
  for (let minute = 1; minute <= options.hours * 60; minute++) {
    const end = run.minute(minute * MINUTE_MS);
    if (end !== null) return run.course(end);
  }
  return run.course("unfinished");
}

class Run {
  readonly #options: RuleCourseOptions;
  readonly #look: RuleRun;
  readonly #harm = new Harm();
  readonly #steps: CourseStep[];
  #stage = 0;
  #nowMs = 0;
  #allUsersMs: number | null = null;

  constructor(options: RuleCourseOptions) {
    this.#options = options;
    this.#look = options.rule.begin();
    this.#steps = [{ atMs: 0, share: this.#share, because: "started" }];
  }

  /** How the rollout ended with this minute; null while it goes on. */
  minute(endMs: number): CourseEnd | null {
    const { world, tickMs } = this.#options;
    const slots = slotsOfPercent(this.#share);
    const ticks = Array.from({ length: MINUTE_MS / tickMs }, () => world.next(slots, 1));
    for (const tick of ticks) this.#harm.add(tick);
    this.#nowMs = endMs;
    const shown = { candidate: sumOf(ticks, "candidate"), stable: sumOf(ticks, "stable") };
    return this.#follow(this.#look(shown, this.#stage));
  }

  course(end: CourseEnd): Course {
    return {
      end,
      endMs: this.#nowMs,
      allUsersMs: this.#allUsersMs,
      shareMax: this.#share,
      asked: end === "held",
      // A rule that goes on looking has only not seen enough yet.
      heldFor: "hold",
      by: end === "rolled-back" ? this.#options.rule.name : null,
      requests: this.#harm.requests,
      harmed: this.#harm.harmed,
      steps: this.#steps,
    };
  }

  get #share(): number {
    return this.#options.stages[this.#stage] ?? 100;
  }

  #follow(saying: Saying): CourseEnd | null {
    switch (saying) {
      case "hold":
        return null;
      case "pause":
        return "held";
      case "roll-back":
        this.#steps.push({ atMs: this.#nowMs, share: 0, because: this.#options.rule.name });
        return "rolled-back";
      case "advance":
        return this.#advance();
    }
  }

  /** With everybody on the candidate these tools are done: there is nobody left to compare with, and nobody compares. */
  #advance(): CourseEnd | null {
    this.#stage++;
    this.#steps.push({ atMs: this.#nowMs, share: this.#share, because: "passed" });
    if (slotsOfPercent(this.#share) < SLOTS) return null;
    this.#allUsersMs = this.#nowMs;
    return "completed";
  }
}

function sumOf(ticks: readonly CountTick[], arm: ServingArm): ArmMinute {
  const rows = ticks.flatMap((tick) => tick.rows.filter((row) => row.arm === arm));
  const latency = emptyHistogram();
  for (const row of rows) mergeInto(latency, row.latency.total);
  return {
    requests: rows.reduce((sum, row) => sum + row.judged, 0),
    failures: rows.reduce((sum, row) => sum + badOf(row), 0),
    latency,
  };
}
