// The gate `capacity` as slipway.yaml writes it: what the versions are made of, and what is provisioned for them.

import type { ModelCard } from "@slipway/core";
import { z } from "zod";
import { readBaseUrl } from "../fields/base-url.ts";
import { choice, count, duration, field, number, share } from "../fields/field.ts";
import { type GateTraffic, trafficSchema } from "./traffic-fields.ts";

export type CapacityGate = {
  readonly traffic: GateTraffic;
  /** By version. */
  readonly cards: { readonly [version: string]: ModelCard };
  readonly latencyMs: number;
  /** Requests a second of a replica, where the load gate has not measured them; null for nobody knows. */
  readonly perReplica: number | null;
  readonly gpus: number | null;
  /** Asked for the GPUs instead; null for none. */
  readonly webhook: string | null;
  /** Of the peak, what is sent once more to a provider's version: mirrors, and replays. */
  readonly mirrored: number;
};

const GIB_MAX = 100_000;

const gib = (description: string): z.ZodType<number> =>
  number(description, { min: 0, above: true, max: GIB_MAX });

const card: z.ZodType<ModelCard> = z
  .strictObject({
    layers: count("Layers of the model.", { min: 1, max: 10_000 }),
    "kv-heads": count("Heads of keys and values in a layer.", { min: 1, max: 10_000 }),
    "head-dim": count("Values of a head.", { min: 1, max: 100_000 }),
    "kv-dtype": choice("How the cache keeps a value.", {
      bf16: 2,
      fp16: 2,
      fp8: 1,
      fp32: 4,
    }).prefault("bf16"),
    "tensor-parallel": count("GPUs that a replica is spread over.", {
      min: 1,
      max: 1_024,
    }).prefault(1),
    "gpu-memory-gib": gib("Memory of each GPU, in GiB."),
    "weights-gib": gib("The weights of the whole model, in GiB."),
    utilisation: share("Of a GPU's memory, what the engine may use.", {
      min: 0,
      above: true,
    }).prefault("92%"),
    "overhead-gib": number("On each GPU, activations and what the runtime takes, in GiB.", {
      min: 0,
      max: GIB_MAX,
    }).prefault(2),
  })
  .meta({ title: "a model card", description: "What a replica's memory is made of." })
  .transform(
    (written): ModelCard => ({
      layers: written.layers,
      kvHeads: written["kv-heads"],
      headDim: written["head-dim"],
      kvBytes: written["kv-dtype"],
      tensorParallel: written["tensor-parallel"],
      gpuMemoryGiB: written["gpu-memory-gib"],
      utilisation: written.utilisation,
      weightsGiB: written["weights-gib"],
      overheadGiB: written["overhead-gib"],
    }),
  );

export const capacityGate: z.ZodType<CapacityGate> = z
  .strictObject({
    traffic: trafficSchema,
    cards: z
      .record(z.string().min(1), card)
      .meta({ description: "Model cards, by version." })
      .prefault({}),
    latency: duration("How long an answer may be under way.", { min: 1, max: 3_600_000 }),
    "per-replica": number(
      "Requests a second that a replica can do. What the load gate has measured counts instead.",
      { min: 0, above: true, max: 1_000_000 },
    ).optional(),
    gpus: count("GPUs that are provisioned for both versions together.", {
      min: 1,
      max: 1_000_000,
    }).optional(),
    webhook: field(readBaseUrl, {
      type: "string",
      pattern: "^https?://",
      description:
        'Asked, by POST, how many GPUs there are; it answers {"gpus": 16}, and that counts instead of gpus.',
    }).optional(),
    mirrored: share(
      "At a provider: of the peak, what is sent once more, as mirrors and replays.",
    ).prefault("10%"),
  })
  .meta({
    title: "the gate capacity",
    description: "Whether what is provisioned carries the peak, with both versions in memory.",
  })
  .transform(
    (gate): CapacityGate => ({
      traffic: gate.traffic,
      cards: gate.cards,
      latencyMs: gate.latency,
      perReplica: gate["per-replica"] ?? null,
      gpus: gate.gpus ?? null,
      webhook: gate.webhook ?? null,
      mirrored: gate.mirrored,
    }),
  );
