// Ninety daily looks at a hosted version through the gate `drift` and a controller: unchanged, though its answers differ from day to day,
// or another model from some day on.
import { createHash } from "node:crypto";
import { createController, createMemoryStore } from "@slipway/controller";
import {
  createRandom,
  type DriftProbe,
  type GateResult,
  murmur3,
  type Random,
} from "@slipway/core";
import {
  type Ask,
  type Drifting,
  gates,
  probesFrom,
  runGates,
  type Surroundings,
} from "@slipway/preflight";
import { VirtualClock } from "@slipway/simulator";
import type { ModelDocument } from "@slipway/wire";
import type { GateSettings } from "@slipway/wire/config";

const DAYS = 90;
const PROBES = 20;
/** How often a probe gets its usual answer: each day has its own, within the margin. */
const STEADY = { low: 0.88, high: 0.95 } as const;
/** Of the probes, those that the other model answers otherwise; it comes on a day of the second month. */
const CHANGED = 0.6;
const CHANGED_DAY = 45;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export type Season = {
  readonly document: ModelDocument;
  readonly settings: GateSettings;
  readonly around: Omit<Surroundings, "ask" | "clock" | "drifting">;
};

/** The first failure, or else what the last look came to. `changes`: whether another model comes. */
export async function season(seed: number, changes: boolean, of: Season): Promise<GateResult> {
  const { document, settings, around } = of;
  const clock = new VirtualClock();
  const drifting = await watched(document, clock);
  const random = createRandom(murmur3(`${seed} season`));
  let last: GateResult | null = null;
  for (let day = 0; day <= DAYS; day++) {
    const steady = STEADY.low + (STEADY.high - STEADY.low) * random.next();
    const ask = asks(random, steady, changes && day >= CHANGED_DAY);
    const [result] = await runGates({
      ...{ gates, names: ["drift"], settings, surroundings: { ...around, ask, clock, drifting } },
      ...{ started: () => {}, progress: () => {}, ended: () => {} },
    });
    if (result === undefined) throw new Error("the gate says something each day");
    last = result;
    if (result.outcome !== "fail") continue;
    const isEarly = changes && day < CHANGED_DAY;
    return isEarly ? { ...result, outcome: "inconclusive" } : result;
  }
  if (last === null) throw new Error("a season has days");
  return last;
}

function asks(random: Random, steady: number, isOther: boolean): Ask {
  return ({ body }) => {
    const probe = JSON.stringify(body["messages"]);
    const isChanged = isOther && murmur3(probe) / 2 ** 32 < CHANGED;
    const isUsual = random.next() < steady;
    return Promise.resolve({
      kind: "answer",
      text: `${isChanged ? "new" : "old"} ${probe} ${isUsual ? "" : random.next()}`,
      refusal: null,
      toolCalls: [],
      finishReason: "stop",
      usage: { promptTokens: 9, completionTokens: 20, cachedTokens: 0 },
      ttftMs: 1,
      totalMs: 1,
      gapMsMax: 0,
      pieces: 1,
    });
  };
}

/** A controller of its own, with nothing but the watch. */
async function watched(document: ModelDocument, clock: VirtualClock): Promise<Drifting> {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const ids = { next: () => "id" };
  const store = createMemoryStore("season");
  const controller = createController({ clock, ids, digest: sha256, log, store });
  await controller.open();
  const by = "the bench";
  await controller.apply({ models: [document], clients: null, pools: [], by });
  const { name } = document;
  return {
    view: () => Promise.resolve(controller.drift(name)),
    takeBaseline: (request) => controller.takeDriftBaseline(name, { ...request, by }),
    look: (request) => controller.lookForDrift(name, { ...request, by }),
  };
}

/** Twenty, short. */
export function seasonProbes(): readonly DriftProbe[] {
  const line = (at: number): string => JSON.stringify({ id: `probe-${at}`, user: `probe ${at}` });
  const text = Array.from({ length: PROBES }, (_, at) => line(at)).join("\n");
  return probesFrom([{ file: "probes.jsonl", text }], true);
}
