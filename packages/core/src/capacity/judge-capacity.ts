// The capacity gate's verdict: whether what is provisioned carries the peak, by what a model card says of memory and by what
// the load gate measured, with both versions in memory while the rollout is under way.

import { type Demand, type PoolLimit, quotaForecasts } from "../load/quota.ts";
import type { Figure, GateResult } from "../preflight/gate.ts";
import { counted } from "../quantity.ts";
import {
  cacheGiB,
  cacheTokens,
  concurrencyOf,
  kvBytesPerToken,
  type ModelCard,
  type RequestTokens,
  replicasFor,
} from "./model-card.ts";

export type Deployment = {
  readonly version: string;
  readonly card: ModelCard | null;
  /** As declared; null where nobody says, or they come and go with the load. */
  readonly replicas: number | null;
};

export type CapacityQuestion = {
  /** Requests a second that the candidate is to take. */
  readonly perSecond: number;
  readonly tokens: RequestTokens;
  /** How long an answer may be under way. */
  readonly latencyMs: number;
  /** Requests a second that a replica was seen to serve, or is said to; null for neither. */
  readonly perReplica: { readonly perSecond: number; readonly by: "measured" | "declared" } | null;
  readonly candidate: Deployment;
  readonly stable: Deployment;
  /** For both versions together; null where nobody says. */
  readonly gpus: { readonly count: number; readonly by: "declared" | "asked" } | null;
};

export type CapacityJudgement = Pick<GateResult, "outcome" | "because" | "figures">;

type Broken = string | null;

export function judgeCapacity(question: CapacityQuestion): CapacityJudgement {
  const { candidate } = question;
  const { card } = candidate;
  const memory = card === null ? null : memoryOf(card, question);
  const each = perReplicaOf(question, memory);
  // No number of replicas that can do nothing is enough.
  const needed =
    each === null || each.perSecond === 0 ? null : replicasFor(question.perSecond, each.perSecond);
  const figures = [
    ...memoryFigures(card, memory),
    ...replicaFigures(question, each, needed),
    ...gpuFigures(question, needed),
  ];
  const because =
    memoryBroken(card, memory) ??
    replicasBroken(question, each, needed) ??
    gpusBroken(question, needed);
  if (because !== null) return { outcome: "fail", because, figures };
  const missing = missingIn(question, each);
  if (missing !== null) return { outcome: "inconclusive", because: missing, figures };
  return { outcome: "pass", because: passText(question, each, needed), figures };
}

type Memory = { readonly tokens: number; readonly concurrency: number; readonly perSecond: number };

/** With so many at once, each as long under way as it may be, the memory alone would serve so many a second. */
function memoryOf(card: ModelCard, { tokens, latencyMs }: CapacityQuestion): Memory {
  const cached = cacheTokens(card);
  const concurrency = concurrencyOf(cached, tokens);
  return { tokens: cached, concurrency, perSecond: (concurrency * 1_000) / latencyMs };
}

type PerReplica = { readonly perSecond: number; readonly by: "measured" | "declared" | "memory" };

/** What is seen counts, unless the memory holds less. */
function perReplicaOf({ perReplica }: CapacityQuestion, memory: Memory | null): PerReplica | null {
  if (perReplica === null) {
    return memory === null ? null : { perSecond: memory.perSecond, by: "memory" };
  }
  if (perReplica.by === "measured" || memory === null) return perReplica;
  return memory.perSecond < perReplica.perSecond
    ? { perSecond: memory.perSecond, by: "memory" }
    : perReplica;
}

function memoryBroken(card: ModelCard | null, memory: Memory | null): Broken {
  if (card === null || memory === null) return null;
  if (memory.tokens === 0) {
    return `the weights do not fit: ${gib(card.weightsGiB / card.tensorParallel)} of them, and ${gib(card.overheadGiB)} beside them, on a GPU that gives ${gib(card.utilisation * card.gpuMemoryGiB)}`;
  }
  return memory.concurrency === 0 ? "not one request of the usual length fits in the cache" : null;
}

function replicasBroken(
  { candidate, perSecond }: CapacityQuestion,
  each: PerReplica | null,
  needed: number | null,
): Broken {
  if (each === null || needed === null || candidate.replicas === null) return null;
  if (candidate.replicas >= needed) return null;
  return `${rate(perSecond)} take ${counted(needed, "replica")} of ${candidate.version}, and ${candidate.replicas} are there: ${eachText(each)}`;
}

/** Stable keeps all of its own: everybody may have to go back to it. */
function gpusNeeded({ candidate, stable }: CapacityQuestion, needed: number | null): number | null {
  const own = candidate.replicas ?? needed;
  if (own === null || candidate.card === null) return null;
  if (stable.card === null || stable.replicas === null) return null;
  return own * candidate.card.tensorParallel + stable.replicas * stable.card.tensorParallel;
}

function gpusBroken(question: CapacityQuestion, needed: number | null): Broken {
  const wanted = gpusNeeded(question, needed);
  const { gpus } = question;
  if (wanted === null || gpus === null || wanted <= gpus.count) return null;
  return `both versions together take ${counted(wanted, "GPU")} while the rollout is under way, and ${gpus.count} are provisioned`;
}

function missingIn(
  { candidate, gpus, perReplica }: CapacityQuestion,
  each: PerReplica | null,
): string | null {
  if (each === null || perReplica === null) {
    // Memory says what a replica cannot do: how fast it computes is not in it.
    const atMost =
      each === null ? "" : `, only that its memory holds ${rate(each.perSecond)} at most`;
    return `nothing says what a replica of ${candidate.version} can do${atMost}: run the load gate before this one, or write per-replica`;
  }
  if (candidate.replicas !== null || gpus !== null) return null;
  return `nothing says how many replicas of ${candidate.version} there are: write replicas at its upstreams, or gpus`;
}

function passText(
  question: CapacityQuestion,
  each: PerReplica | null,
  needed: number | null,
): string {
  const { candidate, perSecond } = question;
  const have = candidate.replicas === null ? "" : ` of the ${candidate.replicas} that are there`;
  const by = each === null ? "" : `: ${eachText(each)}`;
  return `${rate(perSecond)} take ${counted(needed ?? 0, "replica")}${have}${by}`;
}

const BY: { readonly [by in PerReplica["by"]]: string } = {
  measured: "as the load gate measured",
  declared: "as declared",
  memory: "by what its memory holds",
};

function eachText({ perSecond, by }: PerReplica): string {
  return `${rate(perSecond)} each, ${BY[by]}, of which seven tenths are planned for, and one more`;
}

const PLAIN = { interval: null, limit: null, holds: null, of: null } as const;

function memoryFigures(card: ModelCard | null, memory: Memory | null): readonly Figure[] {
  if (card === null || memory === null) return [];
  const figure = (name: string, value: number, unit: string): Figure => ({
    ...PLAIN,
    name,
    value,
    unit,
  });
  return [
    figure("cache for a token", kvBytesPerToken(card), "bytes a GPU"),
    figure("left for the cache", cacheGiB(card), "GiB a GPU"),
    figure("cache", memory.tokens, "tokens"),
    figure("requests at once", memory.concurrency, ""),
    figure("a replica, by its memory", memory.perSecond, "/s"),
  ];
}

function replicaFigures(
  { candidate, perSecond, perReplica }: CapacityQuestion,
  each: PerReplica | null,
  needed: number | null,
): readonly Figure[] {
  const { replicas } = candidate;
  return [
    { ...PLAIN, name: "load", value: perSecond, unit: "/s" },
    ...(perReplica === null
      ? []
      : [
          {
            ...PLAIN,
            name: `a replica, ${perReplica.by}`,
            value: perReplica.perSecond,
            unit: "/s",
          },
        ]),
    ...(each === null || needed === null
      ? []
      : [
          {
            ...PLAIN,
            name: "replicas needed",
            value: needed,
            unit: "",
            limit: replicas,
            holds: replicas === null ? null : needed <= replicas,
          },
        ]),
  ];
}

/** The figure that says whether stable can stay warm beside the candidate. */
export const GPUS_FOR_BOTH = "GPUs for both versions";

function gpuFigures(question: CapacityQuestion, needed: number | null): readonly Figure[] {
  const value = gpusNeeded(question, needed);
  if (value === null) return [];
  const limit = question.gpus?.count ?? null;
  const holds = limit === null ? null : value <= limit;
  return [{ ...PLAIN, name: GPUS_FOR_BOTH, value, unit: "", limit, holds }];
}

export type HostedQuestion = {
  readonly demands: readonly Demand[];
  readonly limits: readonly PoolLimit[];
};

/** A provider's version has no card: what is used up there is a quota. */
export function judgeHosted({ demands, limits }: HostedQuestion): CapacityJudgement {
  const found = quotaForecasts(demands, limits);
  const figures = found.map(
    ({ pool, unit, needed, limit, verdict }): Figure => ({
      ...PLAIN,
      name: `${unit} a minute`,
      value: needed,
      unit: "",
      limit,
      holds: verdict === "pass",
      of: pool,
    }),
  );
  const over = found.find(({ verdict }) => verdict === "fail");
  if (over !== undefined) {
    const because = `${whole(over.needed)} ${over.unit} a minute at peak, with what is replayed and mirrored, and ${over.pool} allows ${whole(over.limit)}: more than nine tenths would be used`;
    return { outcome: "fail", because, figures };
  }
  const open = demands.find(({ pool }) => !found.some((one) => one.pool === pool));
  if (open !== undefined || found.length === 0) {
    const because = `nobody says what ${open?.pool ?? "its pools"} may be asked for: write pools: with requests-per-minute and tokens-per-minute`;
    return { outcome: "inconclusive", because, figures };
  }
  const most = found.toSorted((a, b) => b.needed / b.limit - a.needed / a.limit)[0];
  const because = `at peak, with what is replayed and mirrored, ${Math.round((100 * (most?.needed ?? 0)) / (most?.limit ?? 1))}% of the quota of ${most?.unit} is used`;
  return { outcome: "pass", because, figures };
}

function rate(perSecond: number): string {
  return `${Number(perSecond.toPrecision(3))}/s`;
}

function gib(value: number): string {
  return `${Number(value.toPrecision(3))} GiB`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
