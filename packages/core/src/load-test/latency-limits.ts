// What an answer must keep to in a load test.

/** What an answer must keep to, to count as a good one. Null where nobody says. */
export type LatencyLimits = {
  readonly totalMsMax: number | null;
  readonly ttftMsMax: number | null;
  readonly tpotMsMax: number | null;
};
