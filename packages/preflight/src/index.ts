// The gates before the first user, and what runs them.

export {
  type Answer,
  type Ask,
  type Failure,
  type Outcome,
  outcomeText,
  type Question,
  type Rejection,
  type Usage,
} from "./ask.ts";
export { type DriftAsking, lookedAt, rebased } from "./drift/asking.ts";
export type { Drifting } from "./drift/drifting.ts";
export { probesFrom } from "./drift/probes.ts";
export type { Drilling } from "./drill/drilling.ts";
export { type Rehearsing, rehearsed } from "./drill/rehearsal.ts";
export type { Endpoint, Served } from "./endpoint.ts";
export type { Files } from "./files.ts";
export type { Gate, GateContext, GateFinding, Gates } from "./gate.ts";
export { gates } from "./gates.ts";
export type { Http, HttpCall } from "./http.ts";
export { type GeneratorPorts, shoot } from "./load/generator.ts";
export { metricIn, metricsUrlOf } from "./load/memory-watch.ts";
export type { Shoot, Volley, VolleyWatch } from "./load/volley.ts";
export { patient } from "./patience.ts";
export type { AskedPrompt, Side } from "./prompts/asked.ts";
export { malformation } from "./prompts/format.ts";
export { readPrompts } from "./prompts/prompt-file.ts";
export { breaks, promptsNeeded, testsOf } from "./prompts/worse.ts";
export type { CommandEnd, CommandRun, RunCommand } from "./run-command.ts";
export { type GateProgress, type GateRun, runGates, type Surroundings } from "./run-gates.ts";
export type { ScoringPorts } from "./scoring.ts";
export {
  type DigestPorts,
  driftFiles,
  type SettingsDigest,
  settingsDigest,
} from "./settings-digest.ts";
export type { MirrorAsked, Mirroring } from "./shadow/mirroring.ts";
