// What the faults of a scenario do to one request of a count-world: the same kinds as on a simulated server, without the
// server. Slowdowns are no affliction: a slowed version is another version, with a response of its own.
import type { Outcome, Random } from "@slipway/core";
import type { FaultKind } from "../fault.ts";
import { isDuring, type Scenario, type ScenarioFault } from "../scenario/scenario.ts";
import type { Person } from "./crowd.ts";

export type Affliction = { outcome: Outcome | null; extraMs: number };

/** `replica`: the one that serves it. Writes into `into`, which is handed in clean. */
export type Afflict = (into: Affliction, person: Person, replica: number, random: Random) => void;

type Arm = "stable" | "candidate";

export function isOn({ on }: ScenarioFault, arm: Arm): boolean {
  return on === "both" || on === arm;
}

/** The faults that strike single requests of an arm at a time; null where there are none. */
export function afflictionsAt(scenario: Scenario, arm: Arm, atMs: number): Afflict | null {
  const active = scenario.faults.filter(
    (one) => isOn(one, arm) && isDuring(one, atMs) && isSingle(one.fault),
  );
  if (active.length === 0) return null;
  const { parameterShare } = scenario.traffic;
  return (into, person, replica, random) => {
    for (const { fault, language, replica: only } of active) {
      if (language !== null && language !== person.language) continue;
      if (only !== null && only !== replica) continue;
      if (random.next() < chanceOf(fault, person, parameterShare)) strike(into, fault, arm);
    }
  };
}

function isSingle({ kind }: FaultKind): boolean {
  return kind !== "slowdown" && kind !== "quota";
}

function chanceOf(fault: FaultKind, { trouble }: Person, parameterShare: number): number {
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
