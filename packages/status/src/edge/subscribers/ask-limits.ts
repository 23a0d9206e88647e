// How often may be asked for a subscription: by one client address, and by all together. In memory alone, since what is
// counted is an hour.

import { ALL_ASKS_PER_HOUR_MAX, ASKS_PER_HOUR_MAX } from "../../subscribe/subscriber.ts";

const HOUR_MS = 3_600_000;
/** Client addresses that are counted; a stranger who has more than that meets the limit of all. */
const CLIENTS_MAX = 10_000;

export class AskLimits {
  readonly #clients = new Map<string, number[]>();
  #all: number[] = [];

  /** Counts one more, unless it is one too many. */
  take(client: string, nowMs: number): boolean {
    const since = nowMs - HOUR_MS;
    this.#all = this.#all.filter((atMs) => atMs > since);
    const own = (this.#clients.get(client) ?? []).filter((atMs) => atMs > since);
    if (own.length >= ASKS_PER_HOUR_MAX || this.#all.length >= ALL_ASKS_PER_HOUR_MAX) return false;
    this.#all.push(nowMs);
    this.#clients.delete(client);
    this.#clients.set(client, [...own, nowMs]);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > CLIENTS_MAX && oldest !== undefined) this.#clients.delete(oldest);
    return true;
  }
}
