// The journal: chained, without gaps, told once. What anybody was promised (a table, an acknowledgement, an answer to
// a command) is stored by then, every decision with the table that it routes by, and what a controller stored no later
// one forgets.
import type { Change, Digest } from "@slipway/controller";
import type { RolloutEvent } from "@slipway/core";
import type { WorldEvent } from "../event.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Checker, Objection } from "../record.ts";

/** Refusals that leave open whether the command was stored. */
const UNCERTAIN: ReadonlySet<string> = new Set(["store_unavailable"]);

class JournalChecker implements Checker {
  readonly name = "journal";
  readonly #knowledge: Knowledge;
  readonly #digest: Digest;
  readonly #tails = new Map<string, { sequence: number; hash: string }>();
  readonly #tickTails = new Map<string, number>();
  /** How often each command is in the journal, by its reason. */
  readonly #done = new Map<string, number>();
  readonly #answers = new Map<string, string | null>();

  constructor(knowledge: Knowledge, digest: Digest) {
    this.#knowledge = knowledge;
    this.#digest = digest;
  }

  on(event: WorldEvent, object: Objection): void {
    switch (event.kind) {
      case "committed":
        for (const change of event.changes) this.#store(change, object);
        return;
      case "ack-issued":
        this.#acknowledged(event, object);
        return;
      case "command-answered":
        this.#answered(event, object);
        return;
      case "controller-failed":
        object(event.text);
        return;
      default:
        return;
    }
  }

  atRest(object: Objection): void {
    for (const [reason, code] of this.#answers) {
      const times = this.#done.get(reason) ?? 0;
      const wasRefused = code !== null && !UNCERTAIN.has(code);
      if (wasRefused && times > 0) object(`${reason} was refused (${code}), and is in the journal`);
    }
  }

  #store(change: Change, object: Objection): void {
    if (change.kind === "append") this.#append(change, object);
    if (change.kind === "consume") {
      const last = this.#tickTails.get(change.rolloutId);
      this.#tickTails.set(change.rolloutId, change.tick);
      if (last !== undefined && change.tick !== last + 1) {
        object(`tick ${change.tick} of ${change.rolloutId} was consumed after tick ${last}`);
      }
    }
  }

  #append(entry: Extract<Change, { kind: "append" }>, object: Objection): void {
    const { rolloutId, sequence, text, hash } = entry;
    const tail = this.#tails.get(rolloutId) ?? { sequence: 0, hash: "" };
    if (sequence !== tail.sequence + 1) {
      object(`entry ${sequence} of ${rolloutId} follows entry ${tail.sequence}`);
    }
    if (this.#digest(`${tail.hash}\n${text}`) !== hash) {
      object(`the hash of entry ${sequence} of ${rolloutId} does not follow from the one before`);
    }
    this.#tails.set(rolloutId, { sequence, hash });
    const event = JSON.parse(text) as RolloutEvent;
    if (event.type === "moved" && !this.#knowledge.tables.has(event.table)) {
      object(
        `${rolloutId} moved (${event.move.kind}) by table ${event.table}, which is not stored`,
      );
    }
    const reason = reasonOf(event);
    if (reason === null) return;
    const times = (this.#done.get(reason) ?? 0) + 1;
    this.#done.set(reason, times);
    if (times > 1) object(`${reason} is in the journal ${times} times`);
  }

  #acknowledged(
    { worker, ack }: Extract<WorldEvent, { kind: "ack-issued" }>,
    object: Objection,
  ): void {
    const stored = this.#knowledge.members.get(worker.incarnation);
    if (stored === undefined || stored.sequence < ack.sequence) {
      object(
        `frame ${ack.sequence} of ${worker.incarnation} is acknowledged, ${stored?.sequence ?? "none"} is stored`,
      );
    }
    if (!this.#knowledge.tables.has(ack.table)) {
      object(`an acknowledgement names table ${ack.table}, which is not stored`);
    }
  }

  #answered(
    { reason, code }: Extract<WorldEvent, { kind: "command-answered" }>,
    object: Objection,
  ): void {
    this.#answers.set(reason, code);
    if (code === null && this.#done.get(reason) === undefined) {
      object(`${reason} was answered as done, and is not in the journal`);
    }
  }
}

export function journalChecker(knowledge: Knowledge, digest: Digest): Checker {
  return new JournalChecker(knowledge, digest);
}

function reasonOf(event: RolloutEvent): string | null {
  if (event.type === "started") return event.rollout.reason;
  switch (event.type) {
    case "approved":
    case "observed":
    case "overrode":
    case "acknowledged":
      return event.reason;
    default:
  }
  if (event.type !== "moved" || event.cause.kind !== "operator") return null;
  return event.cause.because.text;
}
