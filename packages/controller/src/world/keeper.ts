// The keeper of the world: runs drafts in the lane, commits them, and publishes what they brought. When a commit
// fails nobody knows whether it was stored, so the world is loaded again before anything else happens.

import type { Table } from "@slipway/core";
import { type JournalEntry, SlipwayError } from "@slipway/wire";
import { createControllerTime } from "../controller-time.ts";
import { UNOBSERVED } from "../observe.ts";
import type { ControllerPorts } from "../ports.ts";
import { notOpen, storeUnavailable } from "../refusal.ts";
import { deposed } from "../store/refusal.ts";
import type { Change } from "../store/store.ts";
import { changesOf, type Draft, draftOf } from "./draft.ts";
import { createLane, type Lane } from "./lane.ts";
import { loadWorld, newestMsOf } from "./load.ts";
import type { World } from "./world.ts";

export type Publish = {
  readonly onTable: (table: Table) => void;
  readonly onEntry: (entry: JournalEntry, isDrill: boolean) => void;
};

export type Keeper = {
  readonly lane: Lane;
  readonly nowMs: () => number;
  readonly open: () => Promise<void>;
  /** The committed world. Throws before the store has been opened. */
  readonly world: () => World;
  /** Within a turn of the lane: makes a draft and commits it. A `make` that throws changes nothing. */
  readonly commit: <T>(make: (draft: Draft) => T) => Promise<T>;
  /** As `commit`, in a turn of its own. */
  readonly change: <T>(make: (draft: Draft) => T) => Promise<T>;
  /** In a turn of its own: asks the store whether this controller still leads. Rejects with `deposed` where another does. */
  readonly assertLeads: () => Promise<void>;
};

type State = { world: World | null; isCertain: boolean; isDeposed: boolean };

export function createKeeper(ports: ControllerPorts, publish: Publish): Keeper {
  const time = createControllerTime(ports.clock);
  const lane = createLane();
  const state: State = { world: null, isCertain: false, isDeposed: false };
  const load = async (): Promise<World> => {
    const clock = { nowMs: time.now(), monoMs: ports.clock.mono() };
    const before = state.world;
    const loaded = await loadWorld(ports.store, clock);
    time.atLeast(newestMsOf(loaded));
    const world = { ...loaded, openedAtMs: time.now() };
    state.world = world;
    state.isCertain = true;
    if (before !== null && before.table.number !== world.table.number) {
      publish.onTable(world.table);
    }
    return world;
  };
  const certainWorld = async (): Promise<World> => {
    if (state.isDeposed) throw deposed();
    if (state.world === null) throw notOpen();
    if (state.isCertain) return state.world;
    // Reading it again takes the lead: who has lost it to another meanwhile must not take it back.
    await store(ports, state, state.world.fence, []);
    return await load();
  };
  const commit = async <T>(make: (draft: Draft) => T): Promise<T> => {
    const world = await certainWorld();
    const draft = draftOf(world);
    const result = make(draft);
    const changes = changesOf(draft);
    if (changes.length > 0) await store(ports, state, draft.fence, changes);
    state.world = draft;
    if (draft.table !== world.table) publish.onTable(draft.table);
    for (const { entry, isDrill } of draft.entries) publish.onEntry(entry, isDrill);
    return result;
  };
  return {
    lane,
    nowMs: time.now,
    open: () =>
      lane.run(async () => {
        await load();
      }),
    world: () => {
      if (state.world === null) throw notOpen();
      return state.world;
    },
    commit,
    change: (make) => lane.run(() => commit(make)),
    assertLeads: () =>
      lane.run(async () => {
        const { fence } = await certainWorld();
        await store(ports, state, fence, []);
      }),
  };
}

async function store(
  ports: ControllerPorts,
  state: State,
  fence: number,
  changes: readonly Change[],
): Promise<void> {
  const { clock, observe = UNOBSERVED } = ports;
  const startedMs = clock.mono();
  try {
    await ports.store.commit(fence, changes);
    observe.committed(clock.mono() - startedMs);
  } catch (error) {
    observe.commitFailed();
    state.isCertain = false;
    if (error instanceof SlipwayError && error.code === "deposed") {
      state.isDeposed = true;
      throw error;
    }
    ports.log.error({ error: String(error), changes: changes.length }, "a commit failed");
    throw storeUnavailable();
  }
}
