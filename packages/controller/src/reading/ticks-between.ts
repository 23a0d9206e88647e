// Consumed ticks, page by page.

import type { Tick } from "@slipway/core";
import type { StoreReader } from "../store/store.ts";

const PAGE_TICKS = 100;

/** Oldest first. `upTo`: inclusive. */
export async function ticksBetween(
  reader: StoreReader,
  rolloutId: string,
  above: number,
  upTo: number = Number.POSITIVE_INFINITY,
): Promise<readonly Tick[]> {
  const ticks: Tick[] = [];
  for (let from = above; ; ) {
    const page = await reader.ticks(rolloutId, from, PAGE_TICKS);
    const wanted = page.filter(({ tick }) => tick <= upTo);
    ticks.push(...wanted.map(({ text }) => JSON.parse(text) as Tick));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_TICKS || last.tick >= upTo) return ticks;
    from = last.tick;
  }
}
