// The kinds of turn that a soak's clients take, drawn from a seed: whole and streamed answers of all sizes, slow readers, and
// clients that leave at every point of a request's life.
import type { Plan } from "./turn-shape.ts";

/** What a client does: `leave` ones end the connection themselves, and are owed no answer. */
const WEIGHTS = {
  whole: 40,
  stream: 26,
  large: 3,
  slow: 2,
  models: 5,
  "leave-in-head": 4,
  "leave-in-body": 4,
  "leave-waiting": 5,
  "leave-in-answer": 4,
  "leave-in-stream": 7,
} as const;

export type TurnKind = keyof typeof WEIGHTS;
export const TURN_KINDS = Object.keys(WEIGHTS) as readonly TurnKind[];

export type Turn = {
  readonly kind: TurnKind;
  readonly plan: Plan;
  readonly isStream: boolean;
  readonly promptChars: number;
  /** On a connection of its own, which ends with it. */
  readonly isAlone: boolean;
  /** The kept connections are closed before it. */
  readonly beginsAfresh: boolean;
  /** For those who leave: after so many milliseconds, or chunks. */
  readonly leaveAfter: number;
};

/** From 0 to below 1; any seed gives the same numbers always. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

function kindOf(random: () => number): TurnKind {
  const all = TURN_KINDS.reduce((sum, kind) => sum + WEIGHTS[kind], 0);
  let left = random() * all;
  for (const kind of TURN_KINDS) {
    left -= WEIGHTS[kind];
    if (left < 0) return kind;
  }
  return "whole";
}

const STREAMED: readonly TurnKind[] = ["stream", "slow", "leave-in-stream"];

function planOf(kind: TurnKind, token: string, random: () => number): Plan {
  const upTo = (most: number): number => Math.floor(random() * most);
  const plan = { token, firstMs: upTo(3), gapMs: 0 };
  switch (kind) {
    case "stream":
    case "leave-in-stream":
      return { ...plan, pieces: 5 + upTo(36), pieceChars: 4 + upTo(60), gapMs: upTo(4) };
    case "slow":
      return { ...plan, pieces: 40, pieceChars: 16_000 };
    case "large":
      return { ...plan, pieces: 8, pieceChars: 1_000 + upTo(30_000) };
    case "leave-waiting":
      return { ...plan, pieces: 1, pieceChars: 300, firstMs: 250 };
    case "leave-in-answer":
      return { ...plan, pieces: 4, pieceChars: 2_000, gapMs: 250 };
    default:
      return { ...plan, pieces: 1, pieceChars: 100 + upTo(900) };
  }
}

export function turnOf(token: string, random: () => number): Turn {
  const kind = kindOf(random);
  const isLong = kind === "large" || kind === "leave-in-body";
  return {
    kind,
    plan: planOf(kind, token, random),
    isStream: STREAMED.includes(kind),
    promptChars: isLong ? 20_000 + Math.floor(random() * 300_000) : 800,
    isAlone: random() < 0.2,
    beginsAfresh: random() < 0.05,
    leaveAfter: kind === "leave-in-stream" ? Math.floor(random() * 5) : Math.floor(random() * 30),
  };
}
