// The gate `capacity`: whether what is provisioned carries the peak. Engines of one's own by their model cards and by what the
// load gate measured; a provider's version by its quotas.

import {
  type CapacityQuestion,
  type Demand,
  type Deployment,
  type GateResult,
  judgeCapacity,
  judgeHosted,
} from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import type { CapacityGate } from "@slipway/wire/config";
import { z } from "zod";
import type { Served } from "../endpoint.ts";
import type { Gate, GateContext } from "../gate.ts";
import { enginesOf } from "../load/engines.ts";
import { rateOf, trafficOf } from "../load/traffic.ts";
import { requestTokens } from "./request-tokens.ts";

export const capacityGate: Gate<CapacityGate> = {
  name: "capacity",
  run: async (context) => {
    const { settings, candidate, stable, files, before } = context;
    const { lengths } = await trafficOf(settings.traffic, files);
    const tokens = requestTokens(lengths);
    if (enginesOf(candidate).isHosted && settings.cards[candidate.version.id] === undefined) {
      const judged = judgeHosted({
        demands: demandsOf(context, tokens.mean),
        limits: context.pools.map(({ name, ...limits }) => ({
          pool: name,
          ...limits,
          source: "declared",
        })),
      });
      return { ...judged, details: { hosted: true } };
    }
    const question: CapacityQuestion = {
      perSecond: rateOf(settings.traffic),
      tokens,
      latencyMs: settings.latencyMs,
      perReplica: perReplicaOf(settings, before),
      candidate: deploymentOf(candidate, settings),
      stable: deploymentOf(stable, settings),
      gpus: await gpusOf(context),
    };
    return { ...judgeCapacity(question), details: { hosted: false, requestTokens: tokens } };
  },
};

function deploymentOf({ version }: Served, { cards }: CapacityGate): Deployment {
  const replicas = version.upstreams.map((upstream) => upstream.replicas);
  const isCounted = replicas.every((count) => typeof count === "number");
  return {
    version: version.id,
    card: cards[version.id] ?? null,
    replicas: isCounted ? replicas.reduce((sum, count) => sum + count, 0) : null,
  };
}

const loadDetails = z.object({ capacityPerSecond: z.number().nullable() });

/** What was seen counts more than what is said. */
function perReplicaOf(
  { perReplica }: CapacityGate,
  before: readonly GateResult[],
): CapacityQuestion["perReplica"] {
  const load = before.find(({ gate }) => gate === "load");
  const read = loadDetails.safeParse(load?.details);
  const measured = read.success ? read.data.capacityPerSecond : null;
  // A void run has measured its generator.
  if (measured !== null && load?.outcome !== "inconclusive") {
    return { perSecond: measured, by: "measured" };
  }
  return perReplica === null ? null : { perSecond: perReplica, by: "declared" };
}

/** Each pool gets its upstreams' part of the peak, and what is mirrored and replayed on top. */
function demandsOf(
  { candidate, settings, policy }: GateContext<CapacityGate>,
  tokens: number,
): readonly Demand[] {
  const pools = candidate.version.upstreams.map(({ pool }) => pool);
  const replayed = policy.replay.enabled ? policy.replay.budget : 0;
  const perMinute = 60 * rateOf(settings.traffic) * (1 + settings.mirrored + replayed);
  return [...new Set(pools)].map((pool) => {
    const part = pools.filter((name) => name === pool).length / pools.length;
    const requestsPerMinute = part * perMinute;
    return { pool, requestsPerMinute, tokensPerMinute: requestsPerMinute * tokens };
  });
}

const provisioned = z.object({ gpus: z.number().int().min(0) });

async function gpusOf(context: GateContext<CapacityGate>): Promise<CapacityQuestion["gpus"]> {
  const { settings, http, signal, model, stable, candidate } = context;
  const { webhook, gpus } = settings;
  if (webhook === null) return gpus === null ? null : { count: gpus, by: "declared" };
  const body = { model, stable: stable.version.id, candidate: candidate.version.id };
  const { status, text } = await http({ method: "POST", url: webhook, body, caFile: null, signal });
  const read = provisioned.safeParse(status === 200 ? jsonOf(text) : null);
  if (read.success) return { count: read.data.gpus, by: "asked" };
  throw new SlipwayError({
    code: "webhook_unusable",
    status: 502,
    message: `POST ${webhook} answers with ${status}, and not with how many GPUs there are`,
    fix: 'it answers 200 and {"gpus": 16}',
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
