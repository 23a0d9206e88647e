// The simulated versions that the load gate is held against: those of the forecasts, as one replica each, that differ as
// one replica; and how they are served.
import type { TracedRequest } from "@slipway/core";
import { createRandom } from "@slipway/core";
import type { SimulatedVersion } from "@slipway/simulator";
import { SETTINGS } from "../forecast/settings.ts";
import type { Setting } from "../forecast/world.ts";

/** The same engines again, with more replicas or other ways to answer. */
const ALIKE = new Set(["70B, chat, 4 replicas", "70B, chat, half of it whole"]);

export const LOAD_SETTINGS: readonly Setting[] = SETTINGS.filter(({ name }) => !ALIKE.has(name));

export const IN_FLIGHT_MAX = 256;
const REQUESTS = 20_000;

export function versionOf({ engine }: Setting): SimulatedVersion {
  return {
    model: "bench",
    engine,
    replicas: 1,
    charactersPerToken: 4,
    contextTokensMax: 1_000_000,
    outputFactor: 1,
    refusals: {},
    faults: [],
  };
}

/** What its users ask for, as a trace. */
export function requestsOf({ prompt, output }: Setting, seed: number): readonly TracedRequest[] {
  const random = createRandom(seed);
  return Array.from({ length: REQUESTS }, (_, i) => ({
    atMs: i,
    promptTokens: prompt(random),
    outputTokens: output(random),
    blocks: [],
  }));
}
