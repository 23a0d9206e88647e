// Evidence of gates, kept until a rollout starts: what a gate found about two versions, whether it still counts, and
// what a rollout lacks that needs it.

import type { DriftEntry } from "../drift/drift.ts";
import type { Said } from "../freeze/freeze.ts";
import { durationText } from "../quantity.ts";
import type { GateName, GateResult } from "./gate.ts";
import type { PreflightPolicy } from "./policy.ts";

/**
 * What it is made of. A: item by item, of both versions alike; B: item by item, with something unknown; C: sums alone,
 * which can keep a rollout from starting and cannot let it.
 */
export const GRADES_OF_EVIDENCE = ["A", "B", "C"] as const;
export type EvidenceGrade = (typeof GRADES_OF_EVIDENCE)[number];

/** A version as it was when a gate looked at it. */
export type SeenVersion = { readonly version: string; readonly fingerprint: string };

export type GateEvidence = {
  readonly from: SeenVersion;
  readonly to: SeenVersion;
  readonly result: GateResult;
  readonly grade: EvidenceGrade;
  /** Hash of the settings, and of the files, that it was taken with; null where a file could not be read. */
  readonly settings: string | null;
  /** When the preflight ended that it is of. Milliseconds since the epoch. */
  readonly atMs: number;
  readonly by: string;
  /** Of the Slipway that made it. */
  readonly slipwayVersion: string;
};

/** What a rollout started with, of a gate that it needed: kept in its journal. */
export type GateAtStart = {
  readonly gate: GateName;
  /** As evidence had it; null where there was none. */
  readonly outcome: GateResult["outcome"] | null;
  readonly because: string;
  readonly atMs: number | null;
  /** Who had it start all the same; null where the gate lets it. */
  readonly overridden: Said | null;
};

export type Starting = {
  readonly from: SeenVersion;
  readonly to: SeenVersion;
  readonly atMs: number;
  /** What has happened to watches for drift: an alarm voids what was found of that version before. */
  readonly drift: readonly DriftEntry[];
};

/** Of every gate that the policy needs, what evidence says. Why it is not enough is in `lacks`; null where it is. */
export type GateStanding = GateAtStart & { readonly lacks: string | null };

export function standingsOf(
  policy: PreflightPolicy,
  evidence: readonly GateEvidence[],
  starting: Starting,
): readonly GateStanding[] {
  return policy.required.map((gate): GateStanding => {
    const ofGate = evidence.filter(({ result }) => result.gate === gate);
    const newest = ofGate
      .filter((one) => isOf(one, starting))
      .reduce<GateEvidence | null>((a, b) => (a === null || b.atMs >= a.atMs ? b : a), null);
    if (newest === null) {
      const learnt = policy.lessons?.[gate] ?? [];
      const asks = learnt.length === 0 ? "" : `, and is asked for by ${learnt.join(", ")}`;
      const so =
        ofGate.length === 0 ? "has not run" : "has not run with these versions as they are now";
      const because = `${so}${asks}`;
      return { gate, outcome: null, because, atMs: null, overridden: null, lacks: because };
    }
    const { result, atMs } = newest;
    const lacks = driftedSince(newest, starting.drift) ?? lackOf(newest, policy, starting.atMs);
    return {
      gate,
      outcome: result.outcome,
      because: result.because,
      atMs,
      overridden: null,
      lacks,
    };
  });
}

/** The same names with another fingerprint are other versions. */
function isOf({ from, to }: GateEvidence, starting: Starting): boolean {
  return (
    from.fingerprint === starting.from.fingerprint && to.fingerprint === starting.to.fingerprint
  );
}

/** Under an unchanged name it is another version since. */
function driftedSince(
  { from, to, atMs }: GateEvidence,
  drift: readonly DriftEntry[],
): string | null {
  const alarm = drift.find(
    ({ kind, fingerprint, atMs: alarmMs }) =>
      kind === "alarm" &&
      alarmMs >= atMs &&
      [from.fingerprint, to.fingerprint].includes(fingerprint),
  );
  return alarm === undefined
    ? null
    : `has not run since ${alarm.version} changed under its name: ${alarm.text}`;
}

function lackOf(
  { result, grade, settings, atMs }: GateEvidence,
  policy: PreflightPolicy,
  nowMs: number,
): string | null {
  const { evidenceAgeMsMax } = policy;
  const applied = policy.settings?.[result.gate];
  if (applied !== undefined && applied !== settings) {
    return "has not run with its settings, and what is in its files, as they were applied";
  }
  const { outcome, because } = result;
  if (outcome === "fail") return `failed: ${because}`;
  if (outcome === "inconclusive") return `could not tell: ${because}`;
  const looked = new Set((result.lessons ?? []).map(({ id }) => id));
  const unseen = (policy.lessons?.[result.gate] ?? []).filter((id) => !looked.has(id));
  if (unseen.length > 0) return `has not run with what was learnt: ${unseen.join(", ")}`;
  const ageMs = nowMs - atMs;
  if (ageMs > evidenceAgeMsMax) {
    return `passed ${durationText(ageMs)} ago, and evidence counts for ${durationText(evidenceAgeMsMax)}`;
  }
  return grade === "C" && outcome === "pass"
    ? "passed with sums alone (grade C), which cannot let a rollout start"
    : null;
}

/** "the gate prompts failed: … " as history and postmortems tell it of a rollout that started all the same. */
export function overriddenGatesText(
  gates: readonly GateAtStart[],
  called: (by: string) => string,
): readonly string[] {
  return gates.flatMap(({ gate, outcome, because, overridden }) =>
    overridden === null
      ? []
      : [
          `although the gate ${gate} ${outcome === null ? because : `${OUTCOME_TEXTS[outcome]} (${because})`}, by ${called(overridden.by)}: ${overridden.reason}`,
        ],
  );
}

const OUTCOME_TEXTS: { readonly [outcome in GateResult["outcome"]]: string } = {
  pass: "passed with evidence that does not count",
  fail: "failed",
  inconclusive: "could not tell",
  "not-applicable": "does not apply",
};
