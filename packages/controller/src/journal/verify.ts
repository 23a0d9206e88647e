// Verifying what is stored: every journal's hash chain and sequence, every consumed tick's, and every decision,
// which is made again from the journal and the ticks and must come out the same.

import {
  canonicalJson,
  decide,
  type Evidence,
  type Judgement,
  type RolloutEvent,
  type Verdict,
} from "@slipway/core";
import type { VerifyResult } from "@slipway/wire";
import type { Digest } from "../ports.ts";
import type { StoredEntry, StoredTick, StoreReader } from "../store/store.ts";
import { checkpointText } from "./checkpoint.ts";
import { chainHash, tickChainText } from "./journal.ts";
import { lookText } from "./journal-tail.ts";
import { stateHashOf } from "./look.ts";
import { type Replayed, replay } from "./replay.ts";

type Problem = VerifyResult["problems"][number];
type Report = { entries: number; replayed: number; readonly problems: Problem[] };

/** Problems listed at most; a damaged store has as many as it has entries. */
const PROBLEMS_MAX = 100;

export async function verifyJournals(reader: StoreReader, digest: Digest): Promise<VerifyResult> {
  const rollouts = await reader.rollouts(null, Number.MAX_SAFE_INTEGER);
  const report: Report = { entries: 0, replayed: 0, problems: [] };
  for (const { id } of rollouts) await verifyRollout(reader, id, digest, report);
  report.problems.push(...(await remarkProblems(reader, digest)));
  const problems = report.problems.slice(0, PROBLEMS_MAX);
  const { entries, replayed } = report;
  return { ok: problems.length === 0, rollouts: rollouts.length, entries, replayed, problems };
}

/** What was said of incidents is chained by itself, subject by subject. */
async function remarkProblems(reader: StoreReader, digest: Digest): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  let before = { subject: "", sequence: 0, hash: "" };
  for (const remark of await reader.latestRemarks(Number.MAX_SAFE_INTEGER)) {
    const { subject, sequence, text, hash } = remark;
    if (subject !== before.subject) before = { subject, sequence: 0, hash: "" };
    if (sequence !== before.sequence + 1 || chainHash(digest, before.hash, text) !== hash) {
      const problem = `remark ${sequence} does not follow from the one before it`;
      problems.push({ rolloutId: subject, sequence, problem });
    }
    before = { subject, sequence, hash };
  }
  return problems;
}

async function verifyRollout(
  reader: StoreReader,
  rolloutId: string,
  digest: Digest,
  report: Report,
): Promise<void> {
  const chain = { hash: "", sequence: 0, tickHash: "", tick: -1 };
  const complain = (problem: string): void => {
    report.problems.push({ rolloutId, sequence: chain.sequence, problem });
  };
  const onEntry = (entry: StoredEntry, event: RolloutEvent, before: Replayed): void => {
    report.entries++;
    if (entry.sequence !== chain.sequence + 1) {
      complain(`entry ${entry.sequence} follows entry ${chain.sequence}`);
    }
    chain.sequence = entry.sequence;
    if (chainHash(digest, chain.hash, entry.text) !== entry.hash) {
      complain("its hash is not that of the entry before and its own text");
    }
    chain.hash = entry.hash;
    const found = lookProblem(event, before, digest);
    if (found === "same") report.replayed++;
    else if (found !== null) complain(found);
  };
  const onTick = (stored: StoredTick): void => {
    if (chain.tick >= 0 && stored.tick !== chain.tick + 1) {
      complain(`tick ${stored.tick} follows tick ${chain.tick}`);
    }
    chain.tick = stored.tick;
    const text = tickChainText(stored);
    if (chainHash(digest, chain.tickHash, text) !== stored.hash) {
      complain(`the hash of tick ${stored.tick} is not that of the tick before and its own text`);
    }
    chain.tickHash = stored.hash;
  };
  const checkpoint = await reader.checkpoint(rolloutId);
  let isCompared = checkpoint === null;
  const onAbsorbed = ({ tick, hash }: StoredTick, evidence: Evidence): void => {
    if (tick !== checkpoint?.tick) return;
    isCompared = true;
    if (checkpoint.tickHash === hash && checkpoint.text === checkpointText(evidence)) return;
    complain(`the checkpoint of tick ${tick} is not what the ticks up to it give`);
  };
  try {
    const end = await replay(reader, rolloutId, { observer: { onEntry, onTick, onAbsorbed } });
    if (end === null) complain("its journal is empty");
    else if (!isCompared)
      complain(`its checkpoint is of tick ${checkpoint?.tick}, which is not stored`);
  } catch (error) {
    complain(`replay stops: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** "same" where a decision was made again and came out the same; null where none was recorded. */
export function lookProblem(event: RolloutEvent, before: Replayed, digest: Digest): string | null {
  if (event.type !== "looked" && event.type !== "moved") return null;
  const { look } = event;
  if (look === null) return null;
  if (before === null) return "a look before the rollout started";
  if (look.watermark !== before.evidence.watermark) {
    return `it looked at ticks up to ${look.watermark}, but ${before.evidence.watermark} were consumed`;
  }
  if (look.stateHash !== stateHashOf(before, digest)) {
    return "the state that it decided on is not the one that its journal and ticks give";
  }
  const judgement = decide(before, event.atMs);
  return differenceOf(event, judgement) ?? "same";
}

function differenceOf(
  event: Extract<RolloutEvent, { type: "looked" | "moved" }>,
  { decision, standings }: Judgement,
): string | null {
  if (event.type === "moved" && event.cause.kind === "operator") return null;
  const because = event.type === "looked" ? event.because : event.cause.because;
  const expected = event.type === "looked" ? "hold" : canonicalJson(event.move);
  const actual = decision.kind === "hold" ? "hold" : canonicalJson(decision.move);
  if (actual !== expected) return `it decided ${expected}, but made again it is ${actual}`;
  const then = lookText(because, event.look?.verdicts ?? []);
  const now = lookText(decision.because, standings);
  if (then !== now) return `it saw "${then}", but made again it is "${now}"`;
  return (
    numberApart(because, asStored(decision.because), "because") ??
    numbersProblem(event.look?.verdicts ?? [], standings)
  );
}

/** Numbers alone: words may be others after an upgrade. */
function numbersProblem(
  stored: readonly Verdict[],
  standings: Judgement["standings"],
): string | null {
  for (const [place, verdict] of stored.entries()) {
    const again = standings[place]?.verdict();
    const found = numberApart(verdict, asStored(again ?? null), verdict.guard);
    if (found !== null) return found;
  }
  return null;
}

/** JSON has no infinity, and no negative zero. */
function asStored(value: object | null): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The first number in which they differ, and where it is. */
function numberApart(stored: unknown, made: unknown, path: string): string | null {
  if (typeof stored === "number" || typeof made === "number") {
    return stored === made ? null : `it saw ${path} = ${stored}, but made again it is ${made}`;
  }
  if (!isTree(stored)) return null;
  for (const [name, value] of Object.entries(stored)) {
    const found = numberApart(value, isTree(made) ? made[name] : null, `${path}.${name}`);
    if (found !== null) return found;
  }
  return null;
}

function isTree(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}
