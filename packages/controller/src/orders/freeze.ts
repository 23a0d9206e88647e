// Freezes: ordered and ended by operators, declared by the configuration, and recorded in the journal of every rollout
// that they hold, where decisions find them.

import {
  canonicalJson,
  type Freeze,
  type FreezeOrder,
  type FreezeWindow,
  freezesAt,
  isFinished,
  isInEffect,
  type RolloutEvent,
} from "@slipway/core";
import type { FreezeEnd, FreezeStart } from "@slipway/wire";
import { append } from "../journal/journal.ts";
import type { Digest } from "../ports.ts";
import { freezeIsOver, freezeUnderWay, noFreeze, unknownModel } from "../refusal.ts";
import type { Draft } from "../world/draft.ts";
import type { Running, World } from "../world/world.ts";
import type { FreezeBook } from "./freeze-book.ts";

/** Orders that are over are remembered, the latest so many. */
const ORDERS_OVER_MAX = 100;

/** What freezes a model at a moment. */
export function freezesOf(
  { freezes, models }: Pick<World, "freezes" | "models">,
  model: string,
  atMs: number,
): readonly Freeze[] {
  const modelWindows = models.get(model)?.model.freeze ?? [];
  return freezesAt({ ...freezes, modelWindows }, model, atMs);
}

export type FreezeOrdering = FreezeStart & { readonly id: string; readonly nowMs: number };

export function startFreeze(draft: Draft, ordering: FreezeOrdering, digest: Digest): void {
  const { id, model = null, untilMs = null, by, reason, nowMs } = ordering;
  if (model !== null && !draft.models.has(model)) throw unknownModel(model);
  if (untilMs !== null && untilMs <= nowMs) throw freezeIsOver();
  const other = inEffect(draft, model, nowMs);
  if (other !== undefined) throw freezeUnderWay(model, other.ordered);
  const order: FreezeOrder = {
    id,
    model,
    ordered: { atMs: nowMs, by, reason },
    untilMs,
    ended: null,
  };
  putOrders(draft, [...draft.freezes.orders, order], nowMs);
  recordAll(draft, nowMs, digest);
}

export function endFreeze(draft: Draft, ending: FreezeEnd, nowMs: number, digest: Digest): void {
  const { model = null, by, reason } = ending;
  const order = inEffect(draft, model, nowMs);
  if (order === undefined) throw noFreeze(model);
  const ended = { ...order, ended: { atMs: nowMs, by, reason } };
  const orders = draft.freezes.orders.map((one) => (one === order ? ended : one));
  putOrders(draft, orders, nowMs);
  recordAll(draft, nowMs, digest);
}

function inEffect(draft: Draft, model: string | null, nowMs: number): FreezeOrder | undefined {
  return draft.freezes.orders.find((order) => order.model === model && isInEffect(order, nowMs));
}

function putOrders(draft: Draft, orders: readonly FreezeOrder[], nowMs: number): void {
  const over = orders.filter((order) => !isInEffect(order, nowMs));
  const forgotten = new Set(over.slice(0, Math.max(0, over.length - ORDERS_OVER_MAX)));
  putBook(draft, { ...draft.freezes, orders: orders.filter((order) => !forgotten.has(order)) });
}

/** The windows that the configuration declares for all models. */
export function putWindows(draft: Draft, windows: readonly FreezeWindow[]): void {
  const book = { ...draft.freezes, windows };
  if (canonicalJson(book) !== canonicalJson(draft.freezes)) putBook(draft, book);
}

function putBook(draft: Draft, book: FreezeBook): void {
  draft.freezes = book;
  draft.changes.push({ kind: "put-freezes", text: canonicalJson(book) });
}

function recordAll(draft: Draft, nowMs: number, digest: Digest): void {
  for (const running of [...draft.running.values()]) recordFreezes(draft, running, nowMs, digest);
}

/** Writes into a rollout's journal what froze it, and what does so no longer. */
export function recordFreezes(
  draft: Draft,
  running: Running,
  nowMs: number,
  digest: Digest,
): Running {
  const { model, phase, controls } = running.rollout;
  if (isFinished(phase) || phase.kind === "rolling-back" || controls.isReturn) return running;
  const now = freezesOf(draft, model, nowMs);
  const over = controls.freezes.filter(({ key }) => !now.some((freeze) => freeze.key === key));
  const events: readonly RolloutEvent[] = [
    ...over.map(({ key }) => ({
      type: "thawed" as const,
      atMs: nowMs,
      key,
      ended: draft.freezes.orders.find(({ id }) => id === key)?.ended ?? null,
    })),
    ...now
      .filter((freeze) => !controls.freezes.some((known) => isSame(known, freeze)))
      .map((freeze) => ({ type: "froze" as const, atMs: nowMs, freeze })),
  ];
  return events.reduce((state, event) => append(draft, state, event, digest), running);
}

function isSame(known: Freeze, freeze: Freeze): boolean {
  return (
    known.key === freeze.key && known.untilMs === freeze.untilMs && known.reason === freeze.reason
  );
}
