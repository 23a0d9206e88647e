// Nothing advances on evidence that is not there: a consumed tick holds every request of every member that it does not
// call missing, judged as the users saw it, and what moves a rollout forwards is what such ticks say.
import type { Change } from "@slipway/controller";
import {
  apply,
  badOf,
  type EvidenceRow,
  type Rollout,
  type RolloutEvent,
  type Tick,
} from "@slipway/core";
import { nameOf, type WorldEvent } from "../event.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Checker, Objection } from "../record.ts";
import { advanceProblems, type ConsumedTick } from "./advance.ts";
import { type CountRange, Ledger } from "./ledger.ts";

const FORWARDS: ReadonlySet<string> = new Set(["advance", "bake", "complete"]);

class Maturity implements Checker {
  readonly name = "maturity";
  readonly #knowledge: Knowledge;
  readonly #ledger: Ledger;
  /** By rollout, in order. */
  readonly #consumed = new Map<string, ConsumedTick[]>();
  readonly #rollouts = new Map<string, Rollout>();
  #compared = 0;

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
    this.#ledger = new Ledger(knowledge);
  }

  on(event: WorldEvent, object: Objection): void {
    if (event.kind === "assigned") this.#ledger.assigned(event);
    if (event.kind === "answered") this.#ledger.answered(event);
    if (event.kind !== "committed") return;
    for (const { member, rows } of this.#knowledge.justStored) {
      for (const row of rows) this.#late(member.incarnation, row, object);
    }
    for (const change of event.changes) {
      if (change.kind === "consume") this.#consume(JSON.parse(change.text) as Tick, object);
      if (change.kind === "append") this.#append(change, object);
    }
  }

  #append(change: Extract<Change, { kind: "append" }>, object: Objection): void {
    const { rolloutId, text } = change;
    const entry = JSON.parse(text) as RolloutEvent;
    const before = this.#rollouts.get(rolloutId) ?? null;
    if (entry.type === "moved" && before !== null) this.#moved(rolloutId, before, entry, object);
    this.#rollouts.set(rolloutId, apply(before, entry));
  }

  summary(): string {
    return `${this.#compared} consumed ticks compared with what users saw`;
  }

  /** A row for a tick that is over may come from a member that the tick went without, and from nobody else. */
  #late(incarnation: string, row: EvidenceRow, object: Objection): void {
    const ticks = this.#consumed.get(row.rolloutId);
    const first = ticks?.[0]?.tick.tick ?? 0;
    const consumed = ticks?.[row.tick - first];
    if (consumed?.covered.has(incarnation) !== true) return;
    object(
      `tick ${row.tick} of ${row.rolloutId} was consumed before ${incarnation} had reported all of it: ${row.arrivals} arrivals and ${row.judged} judgements come now`,
    );
  }

  #consume(tick: Tick, object: Objection): void {
    const covered = new Set<string>();
    for (const [incarnation, member] of this.#knowledge.members) {
      const { leaseMs, expiredAtMs, leftAtMs } = member;
      const worker = this.#knowledge.workers.get(incarnation)?.worker;
      const isLeased = leaseMs > 0 && expiredAtMs === null && leftAtMs === null;
      if (worker === undefined || !isLeased || tick.missing.includes(nameOf(worker))) continue;
      covered.add(incarnation);
    }
    const ticks = this.#consumed.get(tick.rolloutId) ?? [];
    const evidenceFrom = this.#rollouts.get(tick.rolloutId)?.evidenceFrom ?? 0;
    ticks.push({ tick, covered, evidenceFrom });
    this.#consumed.set(tick.rolloutId, ticks);
    this.#compare(tick, covered, object);
  }

  #compare(tick: Tick, covered: ReadonlySet<string>, object: Objection): void {
    this.#compared++;
    for (const arm of ["stable", "candidate"] as const) {
      const rows = tick.rows.filter((row) => row.arm === arm);
      const truth = this.#ledger.count(tick, arm, covered);
      const arrivals = rows.reduce((sum, row) => sum + row.arrivals, 0);
      const ok = rows.reduce((sum, row) => sum + (row.outcomes.ok ?? 0), 0);
      const bad = rows.reduce((sum, row) => sum + badOf(row), 0);
      const where = `tick ${tick.tick} of ${tick.rolloutId}, ${arm}`;
      objectUnless(arrivals, truth.arrivals, `${where}: arrivals`, object);
      objectUnless(ok, truth.ok, `${where}: good answers`, object);
      objectUnless(ok + bad, truth.arrivals, `${where}: judgements`, object);
    }
  }

  #moved(
    id: string,
    before: Rollout,
    event: Extract<RolloutEvent, { type: "moved" }>,
    object: Objection,
  ): void {
    const { move, cause, look, atMs } = event;
    if (cause.kind !== "evidence" || !FORWARDS.has(move.kind)) return;
    if (before.phase.kind === "preflight") return;
    const consumed = this.#consumed.get(id) ?? [];
    const last = consumed.at(-1)?.tick;
    const where = `${id} moved on (${move.kind})`;
    if (last === undefined) {
      object(`${where} without any evidence`);
      return;
    }
    if (look?.watermark !== last.tick) {
      object(`${where} by tick ${look?.watermark}; the last one consumed is ${last.tick}`);
    }
    for (const problem of advanceProblems(before, consumed, atMs)) object(`${where} ${problem}`);
  }
}

export function maturityChecker(knowledge: Knowledge): Checker {
  return new Maturity(knowledge);
}

function objectUnless(count: number, range: CountRange, what: string, object: Objection): void {
  if (count >= range.least && count <= range.most) return;
  object(`${what}: ${count}, but users saw between ${range.least} and ${range.most}`);
}
