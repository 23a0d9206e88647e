// What a team declares: models, their versions and the upstreams that serve them.

import { canonicalJson } from "./canonical-json.ts";
import type { DriftOrder } from "./drift/drift.ts";
import type { DrillOrder } from "./drill/drill-order.ts";
import type { FreezeWindow } from "./freeze/freeze-window.ts";
import type { Policy } from "./policy.ts";
import type { PreflightPolicy } from "./preflight/policy.ts";
import type { Prices } from "./prices.ts";

/** Where a version is served: one base URL that speaks the OpenAI API. */
export type Upstream = {
  /** Unique within its version; names the replica in evidence. */
  readonly id: string;
  /** Base URL up to and with `/v1`, without a slash at the end. */
  readonly url: string;
  /** The model id that this upstream knows; spliced into the body in place of the client's. */
  readonly model: string;
  /** Name of the environment variable, read by the gateway, that holds the API key; null for none. */
  readonly keyEnv: string | null;
  /** PEM file, read by the gateway, of the authorities that may vouch for this server; the public ones where absent. */
  readonly caFile?: string;
  /** What upstreams share: an account, a quota, hardware. */
  readonly pool: string;
  /** Requests in flight, all gateways together; more wait in the queues. */
  readonly inFlightMax: number;
  /** Whether `inFlightMax` is the limit, or its ceiling: the gateway then finds the limit itself. */
  readonly concurrency: "fixed" | "adaptive";
  /** Engines behind the URL; `elastic` where they come and go with the load; absent where nobody says. */
  readonly replicas?: number | "elastic";
};

/** The quota of a pool, all gateways together; null where there is none, or nobody knows it. */
export type Pool = {
  readonly name: string;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
};

/** What a version may declare that it will change: by at most which factor. */
export const EXPECTED = [
  "latency",
  "ttft",
  "tpot",
  "input-tokens",
  "output-tokens",
  "cost",
] as const;
export type Expectation = { readonly [of in (typeof EXPECTED)[number]]?: number };

/** An immutable revision of a model. */
export type Version = {
  readonly id: string;
  readonly upstreams: readonly Upstream[];
  /** What else shapes its answers: weights, tokenizer, chat template, engine flags, prompt set. */
  readonly identity: Readonly<Record<string, string>>;
  /** Absent where nobody has declared them. */
  readonly prices?: Prices;
  /** Tokens of prompt and answer together that it takes; absent where nobody has declared them. */
  readonly contextTokensMax?: number;
  /** What it is meant to change as the candidate of a rollout; its guards then judge by that. */
  readonly expect?: Expectation;
  /** SHA-256 (hex) over everything that shapes its answers, see `fingerprintText`. */
  readonly fingerprint: string;
};

/** The name that clients call. */
export type Model = {
  readonly name: string;
  /** The version that serves when no rollout is under way. */
  readonly stable: string;
  readonly versions: readonly Version[];
  readonly policy: Policy;
  /** When its rollouts do not move forwards; never where absent. */
  readonly freeze?: readonly FreezeWindow[];
  /** What must have been proven before a rollout starts; nothing where absent. */
  readonly preflight?: PreflightPolicy;
  /** How its way back is rehearsed; only when somebody asks where absent. */
  readonly drill?: DrillOrder;
  /** How its versions are watched for change under an unchanged name; not at all where absent. */
  readonly drift?: DriftOrder;
  /** The model that this one stands in for, in a drill; its users are synthetic. */
  readonly drillOf?: string;
};

/** The text whose SHA-256 is a version's fingerprint. Keys, pools, limits and prices do not shape answers. */
export function fingerprintText(version: Pick<Version, "identity" | "upstreams">): string {
  return canonicalJson({
    identity: version.identity,
    upstreams: version.upstreams.map(({ url, model }) => ({ url, model })),
  });
}
