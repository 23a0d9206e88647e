// One thing that is measured of every peer in turn, and how its samples become columns. A column may look at what the
// other peers had in the same cycle, and never further: the machine's speed drifts.
import type { LoadOrder } from "./load/request.ts";
import type { Usage } from "./usage.ts";

export type Target = {
  readonly folder: string;
  readonly order: LoadOrder;
  readonly pid: number | null;
  /** What a program that calls the upstream itself needs to trust it. */
  readonly env: Readonly<Record<string, string>>;
};

export type Sample = {
  /** By name; NaN where the run gave no such figure. */
  readonly values: Readonly<Record<string, number>>;
  readonly usage: Usage;
  /** Answers that were wrong or missing. */
  readonly errors: number;
  /** Why the sample says nothing about the peer: the generator itself was late, say. Null when it does. */
  readonly isVoid: string | null;
};

/** By peer, the samples of one cycle. */
export type Cycle = ReadonlyMap<string, Sample>;

export type Column = {
  readonly head: string;
  readonly digits: number;
  /** NaN where there is no figure. */
  readonly of: (sample: Sample, cycle: Cycle) => number;
};

export type Measurement = {
  /** As in --only. */
  readonly topic: "throughput" | "latency" | "stream";
  readonly title: string;
  readonly run: (target: Target) => Promise<Sample>;
  readonly columns: readonly Column[];
};

export function value(name: string): Column["of"] {
  return ({ values }) => values[name] ?? Number.NaN;
}

/** How many times what another peer had in the same cycle. */
export function times(name: string, peer: string): Column["of"] {
  return ({ values }, cycle) =>
    (values[name] ?? Number.NaN) / (cycle.get(peer)?.values[name] ?? Number.NaN);
}

/** How much more than the direct call had in the same cycle. */
export function added(name: string): Column["of"] {
  return ({ values }, cycle) =>
    (values[name] ?? Number.NaN) - (cycle.get("direct")?.values[name] ?? Number.NaN);
}

/** What was added, as a multiple of what nginx added. */
export function addedOfNginx(name: string): Column["of"] {
  const more = added(name);
  return (sample, cycle) => {
    const nginx = cycle.get("nginx");
    return nginx === undefined ? Number.NaN : more(sample, cycle) / more(nginx, cycle);
  };
}
