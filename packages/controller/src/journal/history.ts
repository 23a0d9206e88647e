// Rollouts to look at: those in memory, and those whose evidence is closed, from the store.

import type { Rollout, RolloutEvent } from "@slipway/core";
import type { JournalEntry, RolloutSummary, RolloutView } from "@slipway/wire";
import { unknownRollout } from "../refusal.ts";
import type { StoredRollout, StoreReader } from "../store/store.ts";
import { rolloutView, summaryOf } from "../view/rollout-view.ts";
import type { Keeper } from "../world/keeper.ts";
import { entriesOf, rolloutOf } from "./replay.ts";

/** A list shows the newest so many. */
const ROLLOUTS_LISTED_MAX = 200;

export class History {
  readonly #reader: StoreReader;
  readonly #keeper: Keeper;

  constructor(reader: StoreReader, keeper: Keeper) {
    this.#reader = reader;
    this.#keeper = keeper;
  }

  async rollouts(model: string | null): Promise<readonly RolloutSummary[]> {
    const stored = await this.#reader.rollouts(model, ROLLOUTS_LISTED_MAX);
    return stored.flatMap((one) => this.#summary(one) ?? []);
  }

  #summary(stored: StoredRollout): RolloutSummary | null {
    const world = this.#keeper.world();
    const running = world.running.get(stored.id);
    if (running !== undefined) {
      return summaryOf(rolloutView(running, world, this.#keeper.nowMs()), running.tail.because);
    }
    if (stored.view === null) return null;
    const view = JSON.parse(stored.view) as RolloutView;
    const moved = view.recent.findLast(({ event }) => event.type === "moved")?.event;
    return summaryOf(view, moved?.type === "moved" ? moved.cause.because : null);
  }

  async rollout(id: string): Promise<RolloutView> {
    const world = this.#keeper.world();
    const running = world.running.get(id);
    if (running !== undefined) return rolloutView(running, world, this.#keeper.nowMs());
    const stored = await this.#reader.rollout(id);
    // Without a view it is about to be started: what is not committed is not there yet.
    if (stored === null || stored.view === null) throw unknownRollout(id);
    return JSON.parse(stored.view) as RolloutView;
  }

  /** A rollout whose evidence is closed; null for none. */
  async closed(id: string): Promise<Rollout | null> {
    return await rolloutOf(this.#reader, id);
  }

  /** Who moved it last; null where it moved by itself, or not at all. */
  async movedBy(id: string): Promise<string | null> {
    let by: string | null = null;
    for await (const { text } of entriesOf(this.#reader, id)) {
      const event = JSON.parse(text) as RolloutEvent;
      if (event.type === "moved") by = event.cause.kind === "operator" ? event.cause.by : null;
    }
    return by;
  }

  async journal(id: string): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    for await (const { rolloutId, sequence, text, hash } of entriesOf(this.#reader, id)) {
      entries.push({ rolloutId, sequence, event: JSON.parse(text) as RolloutEvent, hash });
    }
    if (entries.length === 0) throw unknownRollout(id);
    return entries;
  }
}
