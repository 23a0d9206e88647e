// Making a rollout again from what is stored: its journal, and between the entries the ticks that were consumed
// there. Opening a store and verifying it are both this.

import {
  absorb,
  apply,
  type Evidence,
  emptyEvidence,
  type Rollout,
  type RolloutEvent,
  type Tick,
} from "@slipway/core";
import type { StoredEntry, StoredTick, StoreReader } from "../store/store.ts";

const PAGE_ENTRIES = 500;
const PAGE_TICKS = 50;

/** Null before the first entry. */
export type Replayed = { readonly rollout: Rollout; readonly evidence: Evidence } | null;

type Observer = {
  /** Before the entry is applied. */
  readonly onEntry?: (entry: StoredEntry, event: RolloutEvent, before: Replayed) => void;
  readonly onTick?: (tick: StoredTick) => void;
  readonly onAbsorbed?: (tick: StoredTick, after: Evidence) => void;
};

export type ReplayOptions = {
  readonly observer?: Observer;
  /** What had been learnt up to a tick: those up to it are not absorbed again. */
  readonly from?: Evidence | null;
  /** Leaves out what came later. */
  readonly untilMs?: number;
};

/** The state after the whole journal and all consumed ticks. Throws where something stored cannot follow. */
export async function replay(
  reader: StoreReader,
  rolloutId: string,
  { observer = {}, from = null, untilMs = Number.POSITIVE_INFINITY }: ReplayOptions = {},
): Promise<Replayed> {
  const ticks = tickQueue(reader, rolloutId, from?.watermark ?? -1);
  let state: Replayed = null;
  for await (const entry of entriesOf(reader, rolloutId)) {
    const event = JSON.parse(entry.text) as RolloutEvent;
    const isLater = event.atMs > untilMs;
    const until = {
      sequence: entry.sequence - 1,
      consumedAtMs: isLater ? untilMs : Number.POSITIVE_INFINITY,
    };
    state = await absorbUpTo(state, ticks, until, observer);
    if (isLater) return state;
    observer.onEntry?.(entry, event, state);
    state = after(state, event, from);
  }
  const rest = { sequence: Number.POSITIVE_INFINITY, consumedAtMs: untilMs };
  return await absorbUpTo(state, ticks, rest, observer);
}

/** A rollout's journal alone: enough to know its phase. */
export async function rolloutOf(reader: StoreReader, rolloutId: string): Promise<Rollout | null> {
  let rollout: Rollout | null = null;
  for await (const { text } of entriesOf(reader, rolloutId)) {
    rollout = apply(rollout, JSON.parse(text) as RolloutEvent);
  }
  return rollout;
}

export async function* entriesOf(
  reader: StoreReader,
  rolloutId: string,
): AsyncGenerator<StoredEntry> {
  let above = 0;
  for (;;) {
    const page = await reader.entries(rolloutId, above, PAGE_ENTRIES);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ENTRIES) return;
    above = last.sequence;
  }
}

function after(state: Replayed, event: RolloutEvent, from: Evidence | null): Replayed {
  const rollout = apply(state?.rollout ?? null, event);
  return { rollout, evidence: state?.evidence ?? from ?? emptyEvidence(rollout.table) };
}

export async function* ticksOf(reader: StoreReader, rolloutId: string): AsyncGenerator<StoredTick> {
  const queue = tickQueue(reader, rolloutId, -1);
  for (;;) {
    const stored = await queue.peek();
    if (stored === undefined) return;
    queue.take();
    yield stored;
  }
}

type TickQueue = {
  readonly peek: () => Promise<StoredTick | undefined>;
  readonly take: () => void;
};

function tickQueue(reader: StoreReader, rolloutId: string, aboveTick: number): TickQueue {
  let page: readonly StoredTick[] = [];
  let index = 0;
  let above = aboveTick;
  const peek = async (): Promise<StoredTick | undefined> => {
    if (index >= page.length) {
      page = await reader.ticks(rolloutId, above, PAGE_TICKS);
      index = 0;
      above = page.at(-1)?.tick ?? above;
    }
    return page[index];
  };
  return {
    peek,
    take: () => {
      index++;
    },
  };
}

async function absorbUpTo(
  state: Replayed,
  ticks: TickQueue,
  until: { readonly sequence: number; readonly consumedAtMs: number },
  observer: Observer,
): Promise<Replayed> {
  let next = state;
  for (;;) {
    const stored = await ticks.peek();
    if (stored === undefined || stored.afterSequence > until.sequence) return next;
    if (stored.consumedAtMs > until.consumedAtMs) return next;
    const tick = JSON.parse(stored.text) as Tick;
    ticks.take();
    observer.onTick?.(stored);
    if (next === null) throw new RangeError(`tick ${stored.tick} before the rollout started`);
    next = { ...next, evidence: absorb(next.evidence, next.rollout, tick) };
    observer.onAbsorbed?.(stored, next.evidence);
  }
}
