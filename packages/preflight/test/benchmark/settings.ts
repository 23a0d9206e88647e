// What the gate `benchmark` is set to in tests: no data yet, a margin of five points.
import type { BenchmarkGate } from "@slipway/wire/config";

export const SETTINGS: BenchmarkGate = {
  data: [],
  results: [],
  margin: 0.05,
  alpha: 0.05,
  discordance: 0.1,
  outputTokensMax: 100,
  temperature: 0,
  concurrency: 4,
  timeoutMs: 1_000,
  slowerMax: null,
  judge: null,
};
