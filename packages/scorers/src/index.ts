// What an answer is worth, by rules that need no machine: those that do take it as a port.

export { fencedBlock, fencedLanguage, spliced } from "./code-block.ts";
export { scoreSchema } from "./json-schema.ts";
export {
  type JudgedPair,
  type Judgement,
  judgedScores,
  judgeMessages,
  judgementOf,
  type Said,
} from "./judge.ts";
export { type LiveInstruments, liveScores } from "./live.ts";
export { type CheckNames, scoreNames } from "./names.ts";
export { type ParseCode, type ParsedCode, type ParseExpectation, scoreParse } from "./parse.ts";
export { type Match, type MatchPattern, scorePattern } from "./pattern.ts";
export { type Refusal, refusalOf, scoreRefusal } from "./refusal.ts";
export {
  isCutOff,
  type JsonSchema,
  SCORERS,
  type Score,
  type ScoredAnswer,
  type ScorerName,
} from "./score.ts";
export { scoreContains, scoreExact } from "./text.ts";
export {
  type Isolation,
  type Sandbox,
  type SandboxEnd,
  scoreTests,
  type TestsExpectation,
} from "./unit-tests.ts";
