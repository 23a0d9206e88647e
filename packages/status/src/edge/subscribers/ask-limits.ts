// How often may be asked for a subscription: by one client address, and by all together. In memory alone, since what is
// counted is an hour.

import { isIPv6 } from "node:net";
import { ALL_ASKS_PER_HOUR_MAX, ASKS_PER_HOUR_MAX } from "../../subscribe/subscriber.ts";

const HOUR_MS = 3_600_000;
/** Client addresses that are counted; a stranger who has more than that meets the limit of all. */
const CLIENTS_MAX = 10_000;

export class AskLimits {
  readonly #clients = new Map<string, number[]>();
  #all: number[] = [];

  /** Counts one more, unless it is one too many. */
  take(address: string, nowMs: number): boolean {
    const client = networkOf(address);
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

const GROUPS = 8;
/** Of an address of version 6, what one client is given as a whole. */
const NETWORK_GROUPS = 4;

function networkOf(address: string): string {
  // Those with a dot are addresses of version 4 in the form of version 6.
  if (!isIPv6(address) || address.includes(".")) return address;
  const [before = "", after] = address.split("%", 1)[0]?.split("::") ?? [];
  const head = groupsIn(before);
  const tail = groupsIn(after ?? "");
  const zeros = Array.from({ length: GROUPS - head.length - tail.length }, () => 0);
  return [...head, ...zeros, ...tail].slice(0, NETWORK_GROUPS).join(":");
}

function groupsIn(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
