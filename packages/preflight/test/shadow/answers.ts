// Kept answers as gateways write them, and what the gate shadow is set to, for its tests.

import type { AnswerRecord, MirrorSideView, MirrorView } from "@slipway/wire";
import type { ShadowGate } from "@slipway/wire/config";

export const SETTINGS: ShadowGate = {
  pairs: 100,
  withinMs: 60_000,
  share: 1,
  again: 1,
  coverageMin: 0.5,
  margin: 0.1,
  alpha: 0.05,
  lengthRatioMax: 1.5,
  slowerMax: 1.5,
  gatewayDir: "gateway",
  recorded: ["answers.jsonl"],
  judge: null,
  amplify: null,
};

export type Said = Partial<
  Pick<AnswerRecord, "answer" | "ending" | "outcome" | "totalMs" | "request" | "segment">
>;

/** What each of the three made of a request; null where stable was not asked twice. */
export type Thrice = {
  readonly stable: Said;
  readonly candidate: Said;
  readonly again: Said | null;
};

export function linesOf(requests: readonly Thrice[]): string {
  return requests
    .flatMap(({ stable, candidate, again }, index) => [
      recordOf(index, { version: "v1", arm: "stable", mirror: null }, stable),
      recordOf(index, { version: "v2", arm: "shadow", mirror: "mirror-1" }, candidate),
      ...(again === null
        ? []
        : [recordOf(index, { version: "v1", arm: "shadow", mirror: "mirror-1" }, again)]),
    ])
    .map((record) => `${JSON.stringify(record)}\n`)
    .join("");
}

function recordOf(
  index: number,
  whose: Pick<AnswerRecord, "version" | "arm" | "mirror">,
  said: Said,
): AnswerRecord {
  return {
    atMs: index,
    id: `request-${index}`,
    model: "coder",
    segment: "all",
    api: "chat.completions",
    outcome: "ok",
    ending: "answered",
    totalMs: 100,
    ttftMs: 10,
    outputTokens: 10,
    request: "{}",
    answer: "a word or two",
    ...whose,
    ...said,
  };
}

const NO_SIDE: MirrorSideView = {
  judged: 0,
  bad: 0,
  outcomes: {},
  p50Ms: null,
  p99Ms: null,
  p99Bounds: null,
  ttftP50Ms: null,
  ttftP99Ms: null,
  inputTokens: 0,
  outputTokens: 0,
};

export function sideOf(judged: number, changes: Partial<MirrorSideView> = {}): MirrorSideView {
  return { ...NO_SIDE, judged, outcomes: { ok: judged }, ...changes };
}

/** So many requests, all copied and answered by both. */
export function viewOf(
  requests: number,
  changes: Partial<MirrorView> & { readonly seen?: Partial<MirrorView["coverage"]> } = {},
): MirrorView {
  const { seen, ...others } = changes;
  return {
    id: "mirror-1",
    model: "coder",
    to: "v2",
    share: 1,
    copies: 1,
    again: 1,
    inFlightMax: 16,
    perMinuteMax: null,
    keep: true,
    startedAtMs: 0,
    endsAtMs: null,
    startedBy: "ann",
    reason: "",
    stopped: null,
    shadow: sideOf(requests),
    primary: sideOf(requests),
    stableAgain: sideOf(requests),
    ...others,
    coverage: {
      requests,
      eligible: requests,
      ineligible: {},
      sampled: requests,
      sent: requests,
      dropped: {},
      ...seen,
    },
  };
}
