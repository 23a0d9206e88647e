// A request of a count-world that failed, was refused, or was struck by a fault, as a gateway would report it: counted by
// the gateway's own code, one by one, since it may be odd in any way.
import type { EvidenceRow, Outcome, Random } from "@slipway/core";
import { countJudgement } from "@slipway/gateway";
import { countArrival, type Named, type Person } from "./crowd.ts";
import type { Answer } from "./response.ts";

type OddRequest = {
  readonly person: Person;
  readonly replica: string;
  /** At its replica: a balancer spreads them. */
  readonly inFlight: number;
  readonly outcome: Outcome;
  readonly totalMs: number;
  /** The model, or its filter, said no. */
  readonly isRefused: boolean;
};

/** Nobody is replayed here, and no gateway adds its own time. */
export function reportOdd(
  row: EvidenceRow,
  request: OddRequest,
  answer: Answer,
  named: Named,
  random: Random,
): void {
  const { person, replica, inFlight, outcome, totalMs, isRefused } = request;
  const { ttftMs, tpotMs, inputTokens, estimatedTokens, outputTokens } = answer;
  countArrival(row, person, named);
  const isOk = outcome === "ok";
  countJudgement(
    row,
    {
      bucket: person.isKeyless ? null : person.bucket,
      streamed: ttftMs !== null,
      estimatedTokens,
      slices: [],
    },
    {
      outcome,
      ending: !isOk ? null : isRefused ? "refused" : answer.ending,
      spared: false,
      totalMs,
      ttftMs: ttftMs === null ? null : ttftMs + (totalMs - answer.totalMs),
      tpotMs,
      overheadMs: null,
      usage: isOk ? { inputTokens, cachedTokens: 0, outputTokens } : null,
      replica,
      inFlight,
      inFlightMs: isOk ? totalMs : 0,
    },
    random,
  );
}
