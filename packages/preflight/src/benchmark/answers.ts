// Asks both versions every item: one after the other, in an order that chance decides, so that neither always has the
// warmer machine; and so many items at once.

import type { BenchmarkItem, Random } from "@slipway/core";
import type { BenchmarkGate } from "@slipway/wire/config";
import type { Outcome } from "../ask.ts";
import type { Served } from "../endpoint.ts";
import { endpointFor } from "../endpoint-for.ts";
import type { GateContext } from "../gate.ts";
import { sideBySide } from "../side-by-side.ts";

export type Answered = {
  readonly item: BenchmarkItem;
  readonly stable: Outcome;
  readonly candidate: Outcome;
};

/** In the order of the items. */
export async function answersOf(
  items: readonly BenchmarkItem[],
  context: GateContext<BenchmarkGate>,
  random: Random,
): Promise<readonly Answered[]> {
  const { settings, stable, candidate, progress, signal } = context;
  const stableFirst = items.map(() => random.next() < 0.5);
  let done = 0;
  return await sideBySide(items, settings.concurrency, async (item, index) => {
    signal.throwIfAborted();
    const turned = stableFirst[index] !== true;
    const earlier = await asked(context, turned ? candidate : stable, item, index);
    const later = await asked(context, turned ? stable : candidate, item, index);
    progress(++done, items.length, "items answered by both");
    return turned
      ? { item, stable: later, candidate: earlier }
      : { item, stable: earlier, candidate: later };
  });
}

function asked(
  { settings, ask, signal }: GateContext<BenchmarkGate>,
  { endpoints }: Served,
  { messages }: BenchmarkItem,
  index: number,
): Promise<Outcome> {
  return ask({
    endpoint: endpointFor(endpoints, index),
    body: {
      messages: [...messages],
      max_tokens: settings.outputTokensMax,
      temperature: settings.temperature,
    },
    stream: true,
    timeoutMs: settings.timeoutMs,
    signal,
  });
}
