// What the gate is held against: what a simulated engine does when it is always full, and at a load, asked directly.
import { createRandom, exponential, type TracedRequest } from "@slipway/core";
import { Engine, VirtualClock } from "@slipway/simulator";
import type { Setting } from "../forecast/world.ts";

const FULL_REQUESTS = 3_000;
const LOAD_MS = 600_000;
const WARM_UP_MS = 120_000;
const DRAIN_MS = 600_000;

/** Requests a second, with nobody but the engine's own queue between them; the first and the last fifth are left out. */
export function trueCapacity(
  { engine }: Setting,
  requests: readonly TracedRequest[],
  seed: number,
): number {
  const clock = new VirtualClock();
  const random = createRandom(seed);
  const own = new Engine(clock, engine);
  const endsMs: number[] = [];
  for (let i = 0; i < FULL_REQUESTS; i++) {
    submit(own, requests[Math.floor(random.next() * requests.length)], () => {
      endsMs.push(clock.mono());
    });
  }
  clock.run();
  const [from, to] = [Math.floor(0.2 * FULL_REQUESTS), Math.floor(0.8 * FULL_REQUESTS)];
  return ((to - from) * 1_000) / ((endsMs[to] ?? 0) - (endsMs[from] ?? 0));
}

/** P99 of whole answers at so many requests a second. */
export function trueP99Ms(
  { engine }: Setting,
  requests: readonly TracedRequest[],
  perSecond: number,
  seed: number,
): number {
  const clock = new VirtualClock();
  const random = createRandom(seed);
  const own = new Engine(clock, engine);
  const tookMs: { ms: number }[] = [];
  const arrive = (): void => {
    const atMs = clock.mono();
    const one = { ms: Number.POSITIVE_INFINITY };
    if (atMs >= WARM_UP_MS) tookMs.push(one);
    submit(own, requests[Math.floor(random.next() * requests.length)], () => {
      one.ms = clock.mono() - atMs;
    });
    const gapMs = exponential(random, 1_000 / perSecond);
    if (atMs + gapMs < LOAD_MS) clock.after(gapMs, arrive);
  };
  clock.after(0, arrive);
  clock.run(LOAD_MS + DRAIN_MS);
  const ascending = Float64Array.from(tookMs, ({ ms }) => ms).sort();
  return ascending[Math.floor(0.99 * (ascending.length - 1))] ?? Number.NaN;
}

function submit(engine: Engine, request: TracedRequest | undefined, ended: () => void): void {
  if (request === undefined) return;
  const { promptTokens, outputTokens } = request;
  engine.submit(
    { promptTokens, outputTokens, prefixKeys: [] },
    { onDone: ended, onRejected: () => {}, onError: () => {} },
  );
}
