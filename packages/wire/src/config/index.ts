// slipway.yaml: what a team writes, read into the documents that cross processes.

export type { Problem, Severity } from "./document/problem.ts";
export { problemsText, problemText } from "./document/problem-text.ts";
export { type Reading, readDuration, readShare } from "./document/quantity.ts";
export { type DocumentSource, type ReadDocument, readDocument } from "./document/read-document.ts";
export { count, duration, type Limits, number, share } from "./fields/field.ts";
export { type ConfigSource, type LoadedConfig, loadConfig } from "./load.ts";
export { type LoadedPolicies, loadPolicies } from "./load-policy.ts";
export {
  type BenchmarkGate,
  type ImportedResults,
  ITEMS_OF_LESSONS,
} from "./preflight/benchmark-gate.ts";
export type { CapacityGate } from "./preflight/capacity-gate.ts";
export type { CommandGate } from "./preflight/command-gate.ts";
export type { DriftGate } from "./preflight/drift-gate.ts";
export { DRILL_OF_LESSONS } from "./preflight/drill-gate.ts";
export type { ConfiguredGate, GateSettings } from "./preflight/gate-settings.ts";
export type { JudgeModel } from "./preflight/judge-fields.ts";
export type { LoadBudget } from "./preflight/load-fields.ts";
export type { LoadGate } from "./preflight/load-gate.ts";
export type { PlanGate } from "./preflight/plan-gate.ts";
export { CONFIGURED_GATES, isConfigured } from "./preflight/preflight-schema.ts";
export { PROMPTS_OF_LESSONS, type PromptsGate } from "./preflight/prompts-gate.ts";
export type { Amplified, ShadowGate, ShadowJudge } from "./preflight/shadow-gate.ts";
export type { SoakGate } from "./preflight/soak-gate.ts";
export type { GateTraffic } from "./preflight/traffic-fields.ts";
export { configJsonSchema, type JsonSchema } from "./schema.ts";
export { NAME_PATTERN } from "./schemas/version-schema.ts";
