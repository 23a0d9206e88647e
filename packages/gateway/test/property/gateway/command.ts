// What may happen to a gateway, one thing after the other: clients, upstreams, tables, the controller and time.

import fc from "fast-check";

export type Table = {
  readonly split: "none" | "half" | "all" | "back";
  readonly rollout: "r1" | "r2";
  readonly limited: boolean;
  readonly replays: boolean;
  readonly cuts: boolean;
  readonly keeps: boolean;
  /** One of the two upstreams of each version is not there. */
  readonly halved: boolean;
};

export type Ask = {
  readonly kind: "ask";
  readonly path: string;
  /** The number of a user; null for nobody in particular. */
  readonly user: number | null;
  readonly streamed: boolean;
  /** Whether the upstream is to keep it; null where it does not say. */
  readonly stores: boolean | null;
  readonly uploads: boolean;
  /** How the first call fails before it is even returned. */
  readonly fails: "connect" | "unsent" | "stale" | null;
};

/** What one open call to an upstream says. `pick` stands for one of those it may be, modulo how many they are. */
export type Speak =
  | { readonly kind: "answer"; readonly pick: number; readonly status: number }
  | {
      readonly kind: "head";
      readonly pick: number;
      readonly status: number;
      readonly bounded: boolean;
    }
  | { readonly kind: "chunk"; readonly pick: number; readonly breaks: boolean }
  | { readonly kind: "error-event" | "finish" | "end"; readonly pick: number }
  | { readonly kind: "error"; readonly pick: number; readonly how: Failing };

export type Failing = "connect" | "protocol" | "stale" | "unsent";
export type ShadowDoes = "answer" | "refuse" | "head" | "cut";

export type Command =
  | Ask
  | Speak
  | { readonly kind: "send-body" | "break-off"; readonly pick: number }
  | { readonly kind: "leave" | "slow" | "drain"; readonly pick: number }
  | { readonly kind: "shadow"; readonly pick: number; readonly does: ShadowDoes }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "controller"; readonly says: "nothing" | "a long lease" | "a short lease" }
  | { readonly kind: "divert"; readonly on: boolean };

const PATHS = [
  "/v1/chat/completions",
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/responses",
  "/v1/messages",
  "/v1/embeddings",
  "/v1/rerank",
  "/v1/something/else",
];
const STATUSES = [200, 200, 200, 204, 302, 304, 400, 401, 404, 422, 429, 500, 503];

const pick = fc.nat(7);
const status = fc.constantFrom(...STATUSES);
const ask: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant("ask" as const),
  path: fc.constantFrom(...PATHS),
  user: fc.option(fc.nat(9), { nil: null, freq: 6 }),
  streamed: fc.boolean(),
  stores: fc.constantFrom(false, false, false, true, null, null),
  uploads: fc.nat(7).map((n) => n === 0),
  fails: fc.option(fc.constantFrom("connect" as const, "unsent" as const, "stale" as const), {
    nil: null,
    freq: 8,
  }),
});

const table: fc.Arbitrary<Table> = fc.record({
  split: fc.constantFrom("none", "half", "all", "all", "back"),
  rollout: fc.constantFrom("r1", "r1", "r1", "r2"),
  limited: fc.boolean(),
  replays: fc.nat(4).map((n) => n > 0),
  cuts: fc.boolean(),
  keeps: fc.boolean(),
  halved: fc.nat(3).map((n) => n === 0),
});

const picked = <Kind extends string>(
  ...kinds: readonly Kind[]
): fc.Arbitrary<{ readonly kind: Kind; readonly pick: number }> =>
  fc.record({ kind: fc.constantFrom(...kinds), pick });

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 10, arbitrary: ask },
  { weight: 2, arbitrary: picked("send-body", "break-off") },
  { weight: 3, arbitrary: picked("leave", "slow") },
  { weight: 3, arbitrary: picked("drain") },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("answer" as const), pick, status }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("head" as const),
      pick,
      status,
      bounded: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("chunk" as const), pick, breaks: fc.boolean() }),
  },
  { weight: 4, arbitrary: picked("error-event", "finish", "end") },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("error" as const),
      pick,
      how: fc.constantFrom("connect", "protocol", "stale", "unsent"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("shadow" as const),
      pick,
      does: fc.constantFrom("answer", "refuse", "head", "cut"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(0, 30, 200, 1_000, 5_200, 10_500),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("table" as const), table }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("controller" as const),
      says: fc.constantFrom("nothing", "a long lease", "a short lease"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("divert" as const), on: fc.boolean() }) },
);

export const commands: fc.Arbitrary<readonly Command[]> = fc.array(command, {
  maxLength: 60,
  size: "max",
});
