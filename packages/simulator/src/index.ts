// The simulator without a network: engines, versions, users and worlds, in real or virtual time.
export { AnswerPool, inFlightAt } from "./counts/answer-pool.ts";
export { ArmCounter } from "./counts/arm-counter.ts";
export { pourInto } from "./counts/bin-counts.ts";
export { CountWorld, type CountWorldOptions } from "./counts/count-world.ts";
export type { Course, CourseEnd, CourseStep, CourseTick } from "./counts/course.ts";
export {
  type ArmPoint,
  CourseSeries,
  type GuardPoint,
  SERIES_POINTS_MAX,
  type SeriesPoint,
} from "./counts/course-series.ts";
export { columnsOf, countArrival, Named, type Person } from "./counts/crowd.ts";
export { endsAs, isStopped } from "./counts/ending.ts";
export { reportOdd } from "./counts/odd-request.ts";
export { PlainRequests } from "./counts/plain-requests.ts";
export {
  type Ask,
  type Rehearsal,
  type RehearsedMove,
  rehearsalTicks,
  rehearse,
} from "./counts/rehearsal.ts";
export type { Answer } from "./counts/response.ts";
export { RowCounter } from "./counts/row-counter.ts";
export { Surfaces, type SurfacesOptions } from "./counts/surfaces.ts";
export { type Decider, stagesOf, Trials } from "./counts/trial.ts";
export { Engine, type EngineStats } from "./engine/engine.ts";
export { type EngineParameters, type IterationWork, iterationMs } from "./engine/parameters.ts";
export { EnginePool } from "./engine/pool.ts";
export { type PromptSpan, spanBlockKeys, textBlockKeys } from "./engine/prefix.ts";
export type {
  EngineEvents,
  EngineFailure,
  EngineRequest,
  EngineUsage,
} from "./engine/sequence.ts";
export type { Fault, FaultKind, FaultTime } from "./fault.ts";
export { type ArgoCondition, type ArgoSettings, argo } from "./peers/argo.ts";
export { type FlaggerSettings, flagger } from "./peers/flagger.ts";
export { type Classification, classify, type KayentaSettings, kayenta } from "./peers/kayenta.ts";
export { type Shift, shiftOf } from "./peers/mann-whitney.ts";
export type { ArmMinute, Baseline, Minute, Rule, RuleRun, Saying } from "./peers/rule.ts";
export { type ZTestSettings, zTest } from "./peers/z-test.ts";
export { type AnswerCheck, checkAnswer } from "./population/answer-check.ts";
export {
  AnswerReader,
  type AnswerReaderOptions,
  type HeaderLookup,
} from "./population/answer-reader.ts";
export { type Arrival, type Arrivals, takeUntil } from "./population/arrival.ts";
export {
  Load,
  type LoadOptions,
  type LoadReport,
  type Post,
  type SendPost,
} from "./population/load.ts";
export { createPicker, type Picker } from "./population/picker.ts";
export { type PopulationOptions, startPopulation } from "./population/population.ts";
export { type RequestBody, requestBody } from "./population/request-body.ts";
export type { ErrorKind, SeenAnswer } from "./population/seen-answer.ts";
export { type SyntheticOptions, synthetic } from "./population/synthetic.ts";
export { type ArmSummary, type Journey, Tally, type TallySummary } from "./population/tally.ts";
export {
  compress,
  type ReplayOptions,
  ratePerSecond,
  replay,
  type Trace,
} from "./population/trace.ts";
export {
  type SimulatedRequest,
  type Surface,
  Users,
  type UsersOptions,
  usersDefault,
} from "./population/users.ts";
export { type PresetName, presets } from "./presets.ts";
export { readScenario } from "./scenario/read-scenario.ts";
export { recordedLengths, withRecordedRate } from "./scenario/recorded-traffic.ts";
export {
  CAUSES,
  ENDINGS,
  type Ending,
  type Scenario,
  type ScenarioCause,
} from "./scenario/scenario.ts";
export type { Reply, ServerRequest } from "./server/exchange.ts";
export { ModelServer, type ModelServerOptions } from "./server/model-server.ts";
export { REFERENCE_CHARACTERS_PER_TOKEN, type SimulatedVersion } from "./version.ts";
export { type ChatOutcome, type ChatQuestion, VirtualChat } from "./virtual/chat.ts";
export { type Settling, VirtualClock, type VirtualClockOptions } from "./virtual/clock.ts";
export { type ExchangeHandler, gatewaySend } from "./virtual/gateway-client.ts";
export { runTrial, type TrialOptions, type TrialReport } from "./virtual/trial.ts";
export { type VirtualUpstreamOptions, virtualUpstream } from "./virtual/upstream.ts";
export type { WorldEvent } from "./world/event.ts";
export type { CandidateKind } from "./world/fleet.ts";
export { type Conditions, Network } from "./world/network.ts";
export { type CommitTrouble, planOf, type WorldFault, type WorldPlan } from "./world/plan.ts";
export { ProcessClock } from "./world/process-clock.ts";
export type { Violation } from "./world/record.ts";
export { commandOf, type Reduction, reducedPlan, troublesOf, WHOLE } from "./world/reduction.ts";
export { runWorld, type WorldReport } from "./world/run.ts";
export {
  playScenario,
  type ScenarioRun,
  type ScenarioWorldOptions,
} from "./world/scenario-world.ts";
export { type ShrinkOptions, shrunk } from "./world/shrink.ts";
export type { Tampering, WorldOptions } from "./world/world.ts";
export { World } from "./world/world.ts";
