// Why a rollout's decision at a moment was what it was: its state then, made again from the journal and the consumed
// ticks, and decided again.

import {
  decide,
  emptyGuardEvidence,
  groundsOf,
  isFinished,
  isSequential,
  missingIn,
  type Rollout,
  type RolloutEvent,
  representationOf,
  splitOf,
} from "@slipway/core";
import type { ExplainedGuard, Explanation, RecordedDecision } from "@slipway/wire";
import { startFrom } from "../journal/checkpoint.ts";
import { entriesOf, type Replayed, replay } from "../journal/replay.ts";
import { lookProblem } from "../journal/verify.ts";
import type { Digest } from "../ports.ts";
import { unknownRollout } from "../refusal.ts";
import type { StoredEntry, StoreReader } from "../store/store.ts";

export type ExplainAsk = {
  readonly rolloutId: string;
  /** Null: now, and of a rollout that has ended, its last decision. */
  readonly atMs: number | null;
  readonly nowMs: number;
};

type State = NonNullable<Replayed>;
type Decided = Extract<RolloutEvent, { type: "looked" | "moved" }>;
type Standing = { readonly entry: StoredEntry; readonly event: Decided };

export async function explain(
  reader: StoreReader,
  digest: Digest,
  ask: ExplainAsk,
): Promise<Explanation> {
  const { rolloutId } = ask;
  const untilMs = ask.atMs ?? ask.nowMs;
  const standing = await standingAt(reader, rolloutId, untilMs);
  const start = startFrom(await reader.checkpoint(rolloutId));
  // What was known at the standing decision must be made again too: a later checkpoint has forgotten it.
  const watermark = standing?.event.look?.watermark ?? -1;
  const from = start !== null && start.evidence.watermark <= watermark ? start.evidence : null;
  let before: Replayed = null;
  let replayed = "no decision was recorded";
  const onEntry = (entry: StoredEntry, event: RolloutEvent, state: Replayed): void => {
    if (entry.sequence !== standing?.entry.sequence) return;
    before = state;
    replayed = lookProblem(event, state, digest) ?? "an operator's, decided on no evidence";
  };
  const state = await replay(reader, rolloutId, { observer: { onEntry }, from, untilMs });
  if (state === null) throw unknownRollout(rolloutId);
  const recorded = standing === null ? null : recordedOf(standing, replayed);
  // Once it moves back, or has ended, nothing is judged any more: what was judged last says why.
  const then = isJudged(state.rollout) || standing === null ? state : (before ?? state);
  const atMs = then === state ? untilMs : (standing?.event.atMs ?? untilMs);
  return { ...explanationOf(then, atMs), recorded };
}

/** The newest journal entry by then that holds a decision on evidence. */
async function standingAt(
  reader: StoreReader,
  rolloutId: string,
  untilMs: number,
): Promise<Standing | null> {
  let standing: Standing | null = null;
  for await (const entry of entriesOf(reader, rolloutId)) {
    const event = JSON.parse(entry.text) as RolloutEvent;
    if (event.atMs > untilMs) break;
    if ((event.type === "looked" || event.type === "moved") && event.look !== null) {
      standing = { entry, event };
    }
  }
  return standing;
}

function isJudged({ phase }: Rollout): boolean {
  return !isFinished(phase) && phase.kind !== "rolling-back";
}

function recordedOf({ entry, event }: Standing, replayed: string): RecordedDecision {
  const cause = event.type === "moved" ? event.cause : null;
  return {
    sequence: entry.sequence,
    atMs: event.atMs,
    decided: event.type === "moved" ? event.move.kind : "hold",
    because: event.type === "moved" ? event.cause.because : event.because,
    by: cause?.kind === "operator" ? cause.by : null,
    replayed,
  };
}

function explanationOf(state: State, atMs: number): Omit<Explanation, "recorded"> {
  const { rollout, evidence } = state;
  const { decision, verdicts, requirements, trends } = decide(state, atMs);
  const split = splitOf(rollout, evidence);
  const { guards, stages, lessons } = rollout.policy;
  const missing = guards.flatMap((guard) => missingIn(guard, rollout, evidence));
  return {
    rolloutId: rollout.id,
    model: rollout.model,
    from: rollout.from,
    to: rollout.to,
    atMs,
    phase: rollout.phase,
    stages: stages.map(({ percent }) => percent),
    evidence: {
      watermark: evidence.watermark,
      endMs: evidence.endMs,
      missing: [...new Set(missing)].sort(),
    },
    decision,
    requirements,
    ...(rollout.gates === undefined ? {} : { gates: rollout.gates }),
    trends,
    split,
    ...(lessons === undefined ? {} : { lessons }),
    representation: split === null ? null : representationOf(rollout, evidence),
    guards: verdicts.flatMap((verdict, index): readonly ExplainedGuard[] => {
      const guard = guards[index];
      if (guard === undefined) return [];
      const { action } = guard;
      if (!isSequential(guard)) return [{ action, verdict, grounds: null }];
      const isSame = evidence.evidenceFrom === rollout.evidenceFrom;
      const own = (isSame ? evidence.tests[guard.id] : undefined) ?? emptyGuardEvidence(guard);
      return [{ action, verdict, grounds: groundsOf(guard, own, rollout.policy) }];
    }),
  };
}
