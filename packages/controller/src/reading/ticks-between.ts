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
  await takeTicks(reader, { rolloutId, above, upTo }, (tick) => ticks.push(tick));
  return ticks;
}

/** As `ticksBetween`, one by one: for who keeps less than whole ticks. */
export async function takeTicks(
  reader: StoreReader,
  range: { readonly rolloutId: string; readonly above: number; readonly upTo: number },
  take: (tick: Tick) => void,
): Promise<void> {
  const { rolloutId, above, upTo } = range;
  for (let from = above; ; ) {
    const page = await reader.ticks(rolloutId, from, PAGE_TICKS);
    for (const { tick, text } of page) if (tick <= upTo) take(JSON.parse(text) as Tick);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_TICKS || last.tick >= upTo) return;
    from = last.tick;
  }
}
