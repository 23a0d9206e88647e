// What the faults of a scenario do to one request of a count-world: the same kinds as on a simulated server, without the
// server. Slowdowns are no affliction: a slowed version is another version, with a response of its own.
import type { Outcome, Random } from "@slipway/core";
import type { FaultKind } from "../fault.ts";
import { isDuring, type Scenario, type ScenarioFault } from "../scenario/scenario.ts";
import type { Cell, Person } from "./crowd.ts";

export type Affliction = { outcome: Outcome | null; extraMs: number };

type Arm = "stable" | "candidate";

export function isOn({ on }: ScenarioFault, arm: Arm): boolean {
  return on === "both" || on === arm;
}

type Possible = ScenarioFault & {
  /** Of striking a request that it may strike the most. */
  readonly chanceMax: number;
  /** The next request that it may strike, by its number. */
  at: number;
};

/**
 * The faults that strike single requests of an arm at a time. Most requests are struck by none, so it is not asked of
 * each: what is drawn is how many come until the next that might be, and then whether that one is.
 */
export class Strikes {
  readonly #arm: Arm;
  readonly #parameterShare: number;
  readonly #faults: readonly Possible[];
  #request = 0;
  #nextAt = Number.POSITIVE_INFINITY;

  constructor({ faults, traffic }: Scenario, arm: Arm, atMs: number, random: Random) {
    this.#arm = arm;
    this.#parameterShare = traffic.parameterShare;
    this.#faults = faults
      .filter((one) => isOn(one, arm) && isDuring(one, atMs) && isSingle(one.fault))
      .map((one) => {
        const chanceMax = chanceOf(one.fault, traffic.troubledOneIn, traffic.parameterShare);
        return { ...one, chanceMax, at: gap(chanceMax, random) };
      });
    this.#aim();
  }

  /** Whether anything might strike the next request: then `strike` says what does. */
  isNext(): boolean {
    this.#request++;
    return this.#request >= this.#nextAt;
  }

  /** `replica`: the one that serves it. Writes into `into`, which is handed in clean. */
  strike(into: Affliction, person: Person, replica: number, random: Random): void {
    for (const one of this.#faults) {
      if (one.at !== this.#request) continue;
      const { fault, language, replica: only, chanceMax } = one;
      one.at += gap(chanceMax, random);
      if (language !== null && language !== person.language) continue;
      if (only !== null && only !== replica) continue;
      const chance = chanceOf(fault, person.trouble, this.#parameterShare);
      if (random.next() * chanceMax < chance) strike(into, fault, this.#arm);
    }
    this.#aim();
  }

  #aim(): void {
    this.#nextAt = Number.POSITIVE_INFINITY;
    for (const { at } of this.#faults) this.#nextAt = Math.min(this.#nextAt, at);
  }
}

/** Kinds of fault that answer before an engine sees the request. */
const AT_THE_DOOR: ReadonlySet<FaultKind["kind"]> = new Set([
  "errors",
  "garbage",
  "rejects",
  "crash",
]);

/** The share of an arm's requests that no engine sees. */
export function struckBeforeServing(
  { faults, traffic, ...versions }: Scenario,
  arm: Arm,
  atMs: number,
  cells: readonly Cell[],
): number {
  const own = cells.filter((cell) => cell.arm === arm);
  const all = own.reduce((sum, { weight }) => sum + weight, 0);
  let passing = 1;
  for (const one of faults) {
    if (!AT_THE_DOOR.has(one.fault.kind) || !isOn(one, arm) || !isDuring(one, atMs)) continue;
    const { language, replica, fault } = one;
    const spoken = own.filter((cell) => language === null || cell.language === language);
    const there = spoken.reduce((sum, { weight }) => sum + weight, 0) / Math.max(all, 1e-9);
    const part = replica === null ? there : there / versions[arm].replicas;
    passing *= 1 - part * chanceOf(fault, 1, traffic.parameterShare);
  }
  return 1 - passing;
}

/** Requests until one that comes with this chance, that one included. */
function gap(chance: number, random: Random): number {
  if (chance <= 0) return Number.POSITIVE_INFINITY;
  if (chance >= 1) return 1;
  return 1 + Math.floor(Math.log(1 - random.next()) / Math.log(1 - chance));
}

function isSingle({ kind }: FaultKind): boolean {
  return kind !== "slowdown" && kind !== "quota";
}

/** `trouble`: of whoever sends it. */
function chanceOf(fault: FaultKind, trouble: number, parameterShare: number): number {
  if (fault.kind === "errors") return fault.rate * trouble;
  if (fault.kind === "rejects") return parameterShare;
  return "rate" in fault ? fault.rate : 1;
}

/** Of several the first counts; delays add up. */
function strike(into: Affliction, fault: FaultKind, arm: Arm): void {
  if (fault.kind === "slow-tail") {
    into.extraMs += fault.extraMs;
    return;
  }
  into.outcome ??= outcomeOf(fault, arm);
}

/** As a gateway classes it. What stable rejects too is the client's own mistake. */
function outcomeOf(fault: FaultKind, arm: Arm): Outcome | null {
  switch (fault.kind) {
    case "errors":
      return fault.status === 429 ? "rate_limited" : "server_error";
    case "hang":
      return "overdue";
    case "cut":
      return fault.afterTokens === 0 ? "connect" : "truncated";
    case "garbage":
      return "invalid";
    case "error-event":
      return "stream_error";
    case "rejects":
      return arm === "candidate" ? "incompatible" : "client_error";
    case "crash":
      return "connect";
    default:
      return null;
  }
}
