// What several tests of this package start from: an engine small enough to reason about by hand.
import type {
  EngineEvents,
  EngineParameters,
  EngineRequest,
  EngineUsage,
} from "@slipway/simulator";

export const tinyEngine: EngineParameters = {
  baseMs: 10,
  perSequenceMs: 1,
  perContextTokenMs: 0,
  perPrefillTokenMs: 0.1,
  iterationMsMin: 0,
  tokensPerStep: 1,
  iterationTokensMax: 64,
  sequencesMax: 8,
  waitingMax: 1000,
  blockTokens: 16,
  blocksMax: 1000,
};

export function tinyRequest(overrides: Partial<EngineRequest> = {}): EngineRequest {
  return { promptTokens: 32, outputTokens: 4, prefixKeys: [], ...overrides };
}

type Ending =
  | { readonly kind: "done"; readonly usage: EngineUsage }
  | { readonly kind: "rejected" }
  | { readonly kind: "failed"; readonly reason: string };

export type Recorded = EngineEvents & {
  readonly endings: Ending[];
  readonly tokenTimesMs: number[];
};

/** Events that remember what came, and when by `now`. */
export function record(now: () => number = () => 0): Recorded {
  const endings: Ending[] = [];
  const tokenTimesMs: number[] = [];
  return {
    endings,
    tokenTimesMs,
    onToken: () => tokenTimesMs.push(now()),
    onDone: (usage) => endings.push({ kind: "done", usage }),
    onRejected: () => endings.push({ kind: "rejected" }),
    onError: (reason) => endings.push({ kind: "failed", reason }),
  };
}
