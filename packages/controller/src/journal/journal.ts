// Writing a rollout's journal: each event as one canonical text, chained by hashes over the stored text.

import {
  apply,
  canonicalJson,
  type Rollout,
  type RolloutEvent,
  rolloutNotices,
} from "@slipway/core";
import type { JournalEntry } from "@slipway/wire";
import { tell } from "../notify/outbox.ts";
import type { Digest } from "../ports.ts";
import type { StoredEntry, StoredTick } from "../store/store.ts";
import { type Draft, differs, mint, putModel, wantedRoutes } from "../world/draft.ts";
import type { Running } from "../world/world.ts";
import { tailAfter } from "./journal-tail.ts";

/** The hash of an entry, or of a consumed tick, from the one before it ("" for the first) and its own text. */
export function chainHash(digest: Digest, before: string, text: string): string {
  return digest(`${before}\n${text}`);
}

/** The text that a consumed tick's hash covers. */
export function tickChainText({ afterSequence, consumedAtMs, text }: ChainedTick): string {
  return `${afterSequence} ${consumedAtMs}\n${text}`;
}

type ChainedTick = Pick<StoredTick, "afterSequence" | "consumedAtMs" | "text">;

/** Applies an event to a rollout of the draft and appends it to the journal. */
export function append(
  draft: Draft,
  running: Running,
  event: RolloutEvent,
  digest: Digest,
): Running {
  const rollout = apply(running.rollout, event);
  return write(draft, { ...running, rollout }, event, digest);
}

/** As `append`, for a rollout whose state has the event applied already. */
export function write(
  draft: Draft,
  running: Running,
  event: RolloutEvent,
  digest: Digest,
): Running {
  const { id: rolloutId, sequence } = running.rollout;
  const text = canonicalJson(event);
  const hash = chainHash(digest, running.tail.hash, text);
  const stored: StoredEntry = { rolloutId, sequence, text, hash };
  const entry: JournalEntry = { rolloutId, sequence, event, hash };
  const next = { ...running, tail: tailAfter(running.tail, entry) };
  draft.running.set(rolloutId, next);
  draft.changes.push({ kind: "append", ...stored });
  const isDrill = running.rollout.drill === true;
  draft.entries.push({ entry, isDrill });
  if (!isDrill) {
    tell(draft, rolloutNotices({ rollout: running.rollout, event }, running.tail.told));
  }
  return next;
}

export type Moving = Omit<Extract<RolloutEvent, { type: "moved" }>, "type" | "table">;

/** Appends a move, and mints in the same draft the table that it needs. */
export function appendMove(
  draft: Draft,
  running: Running,
  moving: Moving,
  digest: Digest,
): Running {
  const event = { type: "moved" as const, ...moving, table: draft.table.number + 1 };
  if (moving.move.kind === "complete") promoteCandidate(draft, running.rollout, moving.atMs);
  const changed = differs(draft, wantedRoutes(draft, apply(running.rollout, event)));
  const table = changed ? event.table : running.rollout.table;
  const next = append(draft, running, { ...event, table }, digest);
  mint(draft, moving.atMs);
  return next;
}

/** The candidate becomes the stable version, and the old one is kept warm. */
function promoteCandidate(draft: Draft, rollout: Rollout, nowMs: number): void {
  const known = draft.models.get(rollout.model);
  if (known === undefined) throw new RangeError(`rollout ${rollout.id} has no model`);
  putModel(draft, {
    ...known,
    model: { ...known.model, stable: rollout.to },
    warm: {
      version: rollout.from,
      untilMs: nowMs + rollout.policy.warmMs,
      rollout: rollout.id,
    },
  });
}
