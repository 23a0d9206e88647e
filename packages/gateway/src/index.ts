// The data plane, over ports: an OpenAI-compatible gateway that follows a routing table under a lease.

export type { Usage } from "./answer/usage.ts";
export type { Api } from "./api.ts";
export { operationOf } from "./api.ts";
export { countJudgement, type Judged, type Judgement } from "./evidence/count-judgement.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export type { Observation, Observe } from "./path/observe.ts";
export type * from "./ports.ts";
export { UNNAMED_SEGMENT, WHOLE_SEGMENT } from "./segment/segments-of.ts";
export type { GatewaySnapshot, UpstreamState, VersionState } from "./snapshot.ts";
export type { PoolState } from "./upstream/pool.ts";
