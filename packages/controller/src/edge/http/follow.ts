// The streams: each listens before it answers, so that nothing between is lost, and ends with its client or with
// the server.

import type { Table } from "@slipway/core";
import type { JournalEntry } from "@slipway/wire";
import { Inbox } from "./inbox.ts";
import type { RolloutFeed } from "./rollout-feed.ts";
import type { ApiParts } from "./route-parts.ts";

/** What both kinds of stream can do. */
type Out = {
  readonly write: (text: string) => Promise<unknown>;
  readonly onAbort: (listener: () => void) => void;
};

const TABLE_IDLE_MS = 5_000;
const EVENTS_IDLE_MS = 15_000;
const ENTRIES_WAITING_MAX = 1_000;

/** Every table in turn; who reads slowly gets the newest. */
export function followTable({ controller, closing, log }: ApiParts): (out: Out) => Promise<void> {
  const inbox = new Inbox<Table>({ limit: 1, whenFull: "drop-oldest" });
  const unfollow = controller.onTable((table) => inbox.put(table));
  inbox.put(controller.table());
  return (out) =>
    pump(out, inbox, { closing, unfollow, log, idleMs: TABLE_IDLE_MS }, (table) =>
      table === null ? "\n" : `${JSON.stringify(table)}\n`,
    );
}

/** Every journal entry from now on; who reads too slowly is cut off, and can read the journals. */
export function followJournals({
  controller,
  closing,
  log,
}: ApiParts): (out: Out) => Promise<void> {
  const inbox = new Inbox<JournalEntry>({ limit: ENTRIES_WAITING_MAX, whenFull: "close" });
  const unfollow = controller.onEntry((entry) => inbox.put(entry));
  return async (out) => {
    // So that the client knows that it misses nothing from here on.
    await out.write(": following\n\n");
    await pump(out, inbox, { closing, unfollow, log, idleMs: EVENTS_IDLE_MS }, (entry) =>
      entry === null ? ": keep-alive\n\n" : `event: entry\ndata: ${JSON.stringify(entry)}\n\n`,
    );
  };
}

/** A rollout's view whenever it is another than the last one sent. */
export function followRollout(
  { closing, log }: ApiParts,
  feed: RolloutFeed,
  id: string,
): (out: Out) => Promise<void> {
  const { inbox, unfollow } = feed.follow(id);
  return (out) =>
    pump(out, inbox, { closing, unfollow, log, idleMs: EVENTS_IDLE_MS }, (text) =>
      text === null ? ": keep-alive\n\n" : `event: rollout\ndata: ${text}\n\n`,
    );
}

type Pump = {
  readonly closing: AbortSignal;
  readonly unfollow: () => void;
  readonly log: ApiParts["log"];
  readonly idleMs: number;
};

async function pump<T>(
  out: Out,
  inbox: Inbox<T>,
  { closing, unfollow, log, idleMs }: Pump,
  textOf: (value: T | null) => string,
): Promise<void> {
  const close = (): void => inbox.close();
  closing.addEventListener("abort", close);
  out.onAbort(close);
  try {
    if (closing.aborted) close();
    for (;;) {
      const value = await inbox.take(idleMs);
      if (value === undefined) return;
      await out.write(textOf(value));
    }
  } catch (error) {
    log.warn({ error: String(error) }, "a stream ended early");
  } finally {
    unfollow();
    closing.removeEventListener("abort", close);
  }
}
