// Counts answers per arm, and follows users from arm to arm: what a demonstration shows, and what tests hold
// the gateway's own evidence against.
import { emptyHistogram, type Histogram, quantile, record } from "@slipway/core";
import type { ErrorKind, SeenAnswer } from "./seen-answer.ts";

export type ArmSummary = {
  readonly requests: number;
  readonly ok: number;
  readonly errors: { readonly [kind in ErrorKind]?: number };
  /** Requests that another arm had failed before this one answered. */
  readonly replayed: number;
  /** Requests by version; an arm has one at a time, but not over several rollouts. */
  readonly versions: { readonly [version: string]: number };
  /** Of good answers; null without any. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly ttftP50Ms: number | null;
  readonly ttftP99Ms: number | null;
  readonly users: number;
};

export type Journey = {
  /** Arms in the order in which the user met them, without repetition in a row. */
  readonly arms: readonly string[];
};

export type TallySummary = {
  readonly requests: number;
  readonly ok: number;
  /** Errors that users saw, over all arms. */
  readonly errors: number;
  readonly arms: { readonly [arm: string]: ArmSummary };
  /** How often a user went from one arm to another, as "stable>candidate". */
  readonly moves: { readonly [fromTo: string]: number };
};

type Arm = {
  requests: number;
  ok: number;
  replayed: number;
  readonly errors: { [kind in ErrorKind]?: number };
  readonly versions: { [version: string]: number };
  readonly total: Histogram;
  readonly ttft: Histogram;
  readonly users: Set<string>;
};

type Path = { lastIndex: number; readonly arms: string[] };

/** A path longer than this is cut at its beginning: a user never moves that often. */
const PATH_MAX = 64;

export class Tally {
  readonly #arms = new Map<string, Arm>();
  readonly #paths = new Map<string, Path>();
  readonly #moves: { [fromTo: string]: number } = {};

  count(seen: SeenAnswer): void {
    const arm = this.#arm(seen.arm);
    arm.requests++;
    arm.versions[seen.version] = (arm.versions[seen.version] ?? 0) + 1;
    if (seen.replayedFrom !== null) arm.replayed++;
    arm.users.add(seen.user);
    if (seen.error === null) {
      arm.ok++;
      record(arm.total, seen.totalMs);
      if (seen.ttftMs !== null) record(arm.ttft, seen.ttftMs);
    } else {
      arm.errors[seen.error] = (arm.errors[seen.error] ?? 0) + 1;
    }
    // Without a head nobody knows the arm.
    if (seen.status > 0) this.#follow(seen);
  }

  /** Users who met more than one arm. */
  journeys(): ReadonlyMap<string, Journey> {
    const moved = [...this.#paths].filter(([, path]) => path.arms.length > 1);
    return new Map(moved.map(([user, path]) => [user, { arms: [...path.arms] }]));
  }

  summary(): TallySummary {
    const arms: { [arm: string]: ArmSummary } = {};
    let requests = 0;
    let ok = 0;
    for (const [name, arm] of this.#arms) {
      arms[name] = summaryOf(arm);
      requests += arm.requests;
      ok += arm.ok;
    }
    return { requests, ok, errors: requests - ok, arms, moves: { ...this.#moves } };
  }

  #arm(name: string): Arm {
    let arm = this.#arms.get(name);
    if (arm === undefined) {
      arm = {
        requests: 0,
        ok: 0,
        replayed: 0,
        errors: {},
        versions: {},
        total: emptyHistogram(),
        ttft: emptyHistogram(),
        users: new Set(),
      };
      this.#arms.set(name, arm);
    }
    return arm;
  }

  #follow(seen: SeenAnswer): void {
    const path = this.#paths.get(seen.user);
    if (path === undefined) {
      this.#paths.set(seen.user, { lastIndex: seen.index, arms: [seen.arm] });
      return;
    }
    // Answers overtake each other: one to an earlier request says nothing about where the user is now.
    if (seen.index < path.lastIndex) return;
    path.lastIndex = seen.index;
    const from = path.arms.at(-1) ?? "none";
    if (from === seen.arm) return;
    const move = `${from}>${seen.arm}`;
    this.#moves[move] = (this.#moves[move] ?? 0) + 1;
    path.arms.push(seen.arm);
    if (path.arms.length > PATH_MAX) path.arms.shift();
  }
}

function summaryOf(arm: Arm): ArmSummary {
  return {
    requests: arm.requests,
    ok: arm.ok,
    replayed: arm.replayed,
    errors: { ...arm.errors },
    versions: { ...arm.versions },
    p50Ms: quantile(arm.total, 0.5),
    p99Ms: quantile(arm.total, 0.99),
    ttftP50Ms: quantile(arm.ttft, 0.5),
    ttftP99Ms: quantile(arm.ttft, 0.99),
    users: arm.users.size,
  };
}
