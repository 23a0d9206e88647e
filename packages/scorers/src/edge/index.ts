// What scorers need of a machine: a matcher with a limit of time, grammars, and isolation.

export { findIsolation } from "./isolation/find-isolation.ts";
export { DEFAULT_LIMITS, type IsolationLimits } from "./isolation/limits.ts";
export { liveInstruments } from "./live-instruments.ts";
export { type LiveScorer, liveScorer } from "./live-scorer.ts";
export { timedPattern } from "./timed-pattern.ts";
export { PARSED_LANGUAGES, treeSitter } from "./tree-sitter.ts";
export { typescriptNames } from "./typescript-names.ts";
