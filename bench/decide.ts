// What one tick of one rollout costs a controller's processor: the rules alone, without a store, a socket or a clock.
// npm run bench:decide -- [--quick] [--json] [--only TEXT]
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import {
  absorb,
  apply,
  canonicalJson,
  createRandom,
  decide,
  type Evidence,
  emptyEvidence,
  type Policy,
  type Rollout,
  type Tick,
} from "@slipway/core";
import { type DecideCase, decideCases } from "./decide/cases.ts";
import { drawnRows } from "./decide/drawn-rows.ts";
import { thisMachine } from "./machine.ts";

/** Enough that every window is full and the compiler has seen what there is to see. */
const WARM_TICKS = 60;
const TICKS = 600;
const TICKS_QUICK = 60;
/** The state of a rollout is hashed when a look is stored, not at every tick. */
const LOOK_EVERY = 20;

const PARTS = ["parse", "canonical", "hash", "absorb", "decide", "look"] as const;
type Part = (typeof PARTS)[number];

type Figures = {
  readonly name: string;
  readonly guards: number;
  readonly rows: number;
  readonly ticks: number;
  /** Milliseconds of the processor a tick; `look` is one look's. */
  readonly partsMs: { readonly [part in Part]: number };
  readonly stateBytes: number;
  /** Absorbing and deciding, with what the controller does besides: reading, writing and hashing the tick. */
  readonly ticksPerSecond: number;
  /** Absorbing and deciding, in units of JSON.parse of the same rows. */
  readonly parses: number;
};

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A stage of 25%, so that both arms have something to be compared by. */
function rolloutOf(policy: Policy): Rollout {
  const who = { id: "r", model: "m", from: "a", to: "b", startedBy: "bench", reason: "" };
  const started = apply(null, { type: "started", atMs: 0, table: 1, rollout: { ...who, policy } });
  const cause = { kind: "evidence" as const, because: { code: "bench", text: "" } };
  const move = { kind: "advance" as const, stage: 1 };
  const moved = apply(started, { type: "moved", atMs: 0, move, cause, table: 2, look: null });
  const confirmed = { atMs: 0, table: 2, members: 1, expired: [], confirmMs: 0 };
  return apply(moved, { type: "confirmed", ...confirmed });
}

/** The parts' time on this thread's processor: other programs on the machine do not count. */
class Stopwatch {
  readonly #spentUs = new Map<Part, number>();
  readonly #times = new Map<Part, number>();

  time<T>(part: Part, work: () => T): T {
    const before = process.threadCpuUsage();
    const result = work();
    const { user, system } = process.threadCpuUsage(before);
    this.#spentUs.set(part, (this.#spentUs.get(part) ?? 0) + user + system);
    this.#times.set(part, (this.#times.get(part) ?? 0) + 1);
    return result;
  }

  partsMs(): Figures["partsMs"] {
    const of = (part: Part): number =>
      (this.#spentUs.get(part) ?? 0) / 1_000 / Math.max(1, this.#times.get(part) ?? 0);
    return {
      parse: of("parse"),
      canonical: of("canonical"),
      hash: of("hash"),
      absorb: of("absorb"),
      decide: of("decide"),
      look: of("look"),
    };
  }
}

function figuresOf({ name, policy, traffic }: DecideCase, ticks: number): Figures {
  const random = createRandom(17);
  const rollout = rolloutOf(policy);
  let evidence: Evidence = emptyEvidence(rollout.table);
  let watch = new Stopwatch();
  let rows = 0;
  let stateBytes = 0;
  for (let number = 0; number < WARM_TICKS + ticks; number++) {
    if (number === WARM_TICKS) watch = new Stopwatch();
    const endMs = (number + 1) * policy.evidence.tickMs;
    const place = { rolloutId: rollout.id, table: rollout.table, tick: number };
    const drawn = drawnRows(traffic, place, random);
    rows = drawn.length;
    const seen: Tick = { rolloutId: rollout.id, tick: number, endMs, missing: [], rows: drawn };
    const text = watch.time("canonical", () => canonicalJson(seen));
    watch.time("hash", () => sha256(text));
    const tick = watch.time("parse", () => JSON.parse(text) as Tick);
    const before = evidence;
    evidence = watch.time("absorb", () => absorb(before, rollout, tick));
    const state = { rollout, evidence };
    watch.time("decide", () => decide(state, endMs));
    if (number % LOOK_EVERY !== 0) continue;
    stateBytes = watch.time("look", () => {
      const stateText = canonicalJson(state);
      sha256(stateText);
      return stateText.length;
    });
  }
  const partsMs = watch.partsMs();
  const rulesMs = partsMs.absorb + partsMs.decide;
  const tickMs = rulesMs + partsMs.parse + partsMs.canonical + partsMs.hash;
  return {
    name,
    guards: policy.guards.length,
    rows,
    ticks,
    partsMs,
    stateBytes,
    ticksPerSecond: 1_000 / tickMs,
    parses: rulesMs / partsMs.parse,
  };
}

function told({
  name,
  guards,
  rows,
  partsMs,
  stateBytes,
  ticksPerSecond,
  parses,
}: Figures): string {
  const lines = PARTS.map(
    (part) => `  ${part.padEnd(12)}${partsMs[part].toFixed(3).padStart(9)} ms`,
  );
  const kib = Math.round(stateBytes / 1_024);
  return [
    `${name}: ${guards} guards, ${rows} rows a tick, a state of ${kib} KiB`,
    ...lines,
    `  ${Math.round(ticksPerSecond)} ticks a second; absorb and decide cost ${parses.toFixed(2)} times JSON.parse of the same rows`,
  ].join("\n");
}

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const chosen = decideCases().filter(({ name }) => name.includes(values.only));
const figures = chosen.map((one) => figuresOf(one, values.quick ? TICKS_QUICK : TICKS));
if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), figures })}\n`);
else process.stdout.write(`${figures.map(told).join("\n\n")}\n`);
