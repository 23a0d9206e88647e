// A rehearsal as `rollout watch` would show it, so many times as fast as it would be: the same picture, drawn from the same
// view, with simulated time for the clock.

import { EMPTY_TAIL, rolloutView, tailAfter } from "@slipway/controller";
import type { RolloutEvent } from "@slipway/core";
import type { CourseTick, Rehearsal } from "@slipway/simulator";
import type { RolloutView } from "@slipway/wire";
import type { Context } from "../terminal.ts";
import { lineWatcher, screenWatcher, type Watcher } from "../watch/watcher.ts";

/** The picture changes so often at most: a view takes far longer to make than a tick. */
const DRAW_EVERY_MS = 100;
/** As a count-world has them. */
const GATEWAYS = { of: 2, confirmed: 2, expired: [] };

/** Null when it was stopped by ctrl-C. `speed`: simulated seconds in a second. */
export async function liveRehearsal(
  context: Context,
  name: string,
  ticks: Generator<CourseTick, Rehearsal>,
  speed: number,
): Promise<Rehearsal | null> {
  const stop = new AbortController();
  const forget = context.terminal.onStop(() => stop.abort());
  const show = new Show(context, name);
  const startMs = performance.now();
  let drawnMs = Number.NEGATIVE_INFINITY;
  try {
    while (!stop.signal.aborted) {
      const next = ticks.next();
      if (next.done === true) return next.value;
      show.take(next.value);
      const dueMs = startMs + next.value.drawn.endMs / speed;
      if (dueMs - drawnMs < DRAW_EVERY_MS) continue;
      await pause(dueMs - performance.now(), stop.signal);
      show.draw();
      drawnMs = Math.max(dueMs, performance.now());
    }
    return null;
  } finally {
    forget();
    show.end();
  }
}

/** Follows a course, and draws where it stands when it is told to. */
class Show {
  readonly #watcher: Watcher;
  /** Of the scenario, where a model's would stand. */
  readonly #name: string;
  #tail = EMPTY_TAIL;
  #sequence = 0;
  #tick: CourseTick | null = null;

  constructor(context: Context, name: string) {
    this.#name = name;
    // Ages count in simulated time.
    const own = { ...context, nowMs: () => this.#tick?.drawn.endMs ?? 0 };
    this.#watcher = own.terminal.live ? screenWatcher(own) : lineWatcher(own);
  }

  take(tick: CourseTick): void {
    this.#tick = tick;
    for (const event of tick.events) {
      const sequence = ++this.#sequence;
      const rolloutId = tick.rollout.id;
      const entry = { rolloutId, sequence, event: seenWith(event, tick), hash: "" };
      this.#tail = tailAfter(this.#tail, entry);
    }
  }

  draw(): void {
    if (this.#tick !== null) {
      this.#watcher.show({ ...viewOf(this.#tick, this.#tail), model: this.#name });
    }
  }

  end(): void {
    this.draw();
    this.#watcher.end();
  }
}

/** A course keeps no verdicts with its moves; the picture of its end is drawn from them. */
function seenWith(event: RolloutEvent, { judgement, evidence }: CourseTick): RolloutEvent {
  if (event.type !== "moved" || judgement === null) return event;
  const { watermark } = evidence;
  return { ...event, look: { watermark, stateHash: "", verdicts: judgement.verdicts } };
}

/** No gateway is connected to a rehearsal; those of a count-world have always confirmed. */
function viewOf({ rollout, evidence, drawn }: CourseTick, tail: typeof EMPTY_TAIL): RolloutView {
  const running = { rollout, evidence, tail, lateRequests: 0 };
  const view = rolloutView(running, { members: new Map() }, drawn.endMs);
  return { ...view, gateways: GATEWAYS };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, Math.max(0, ms));
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
