// Follows a rollout until it has finished: through restarts of the controller, redrawing on a terminal, a line
// per change elsewhere.

import { type RolloutView, SlipwayError } from "@slipway/wire";
import type { ControlClient } from "../client/control-client.ts";
import { EXIT } from "../exit-code.ts";
import type { Context } from "../terminal.ts";
import { outcomeOf } from "../text/rollout-text.ts";
import { jsonWatcher, lineWatcher, screenWatcher, type Watcher } from "./watcher.ts";

const RETRY_MS = 500;
const RETRY_MAX_MS = 5_000;
/** After a rollback, how long to wait for the news that the candidate's last answer has ended. */
const DRAIN_WAIT_MS = 15_000;

export type Watch = {
  readonly context: Context;
  readonly client: ControlClient;
  readonly id: string;
  readonly json: boolean;
  /** Ends the watch before the rollout has ended. */
  readonly until?: (view: RolloutView) => boolean;
};

/** Sets the exit code: 0 completed, 1 rolled back, 130 when stopped by ctrl-C (the rollout goes on). */
export async function watchRollout(watch: Watch): Promise<void> {
  const { context, client, id, json } = watch;
  const stop = new AbortController();
  const forget = context.terminal.onStop(() => stop.abort());
  // Refuses what does not exist before anything is drawn.
  const first = await client.rollout(id);
  const watcher = watcherOf(context, json);
  let last = first;
  try {
    watcher.show(first);
    last = await follow(watch, watcher, first, stop.signal);
  } finally {
    forget();
    watcher.end();
  }
  const outcome = outcomeOf(last.phase.kind);
  if (outcome === "completed") context.exitWith(EXIT.ok);
  else context.exitWith(outcome === "rolled-back" ? EXIT.failed : EXIT.interrupted);
}

function watcherOf(context: Context, json: boolean): Watcher {
  if (json) return jsonWatcher(context);
  return context.terminal.live ? screenWatcher(context) : lineWatcher(context);
}

/** The last view seen: of a finished rollout, or when stopped. */
async function follow(
  watch: Watch,
  watcher: Watcher,
  first: RolloutView,
  stop: AbortSignal,
): Promise<RolloutView> {
  const end = new AbortController();
  const signal = AbortSignal.any([stop, end.signal]);
  let last = first;
  let waitMs = RETRY_MS;
  let drain: NodeJS.Timeout | undefined;
  const seen = (view: RolloutView): void => {
    last = view;
    waitMs = RETRY_MS;
    watcher.show(view);
    if (isOver(view) || watch.until?.(view) === true) end.abort();
    else if (view.phase.kind === "rolled-back") {
      drain ??= setTimeout(() => end.abort(), DRAIN_WAIT_MS);
    }
  };
  if (isOver(first)) end.abort();
  while (!signal.aborted) {
    await stream(watch, seen, signal);
    if (signal.aborted) break;
    watcher.lost(`the controller at ${watch.client.url} does not answer; trying again`);
    await pause(waitMs, signal);
    waitMs = Math.min(RETRY_MAX_MS, waitMs * 2);
  }
  clearTimeout(drain);
  return last;
}

/** One connection to the controller, until it ends; throws what will not get better. */
async function stream(
  { client, id }: Watch,
  seen: (view: RolloutView) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const view of client.views(id, signal)) seen(view);
  } catch (error) {
    if (!signal.aborted && !isPassing(error)) throw error;
  }
}

/** Finished, and its last answer drained where that is still to come. */
function isOver({ phase, drainedMs }: RolloutView): boolean {
  return phase.kind === "rolled-back" ? drainedMs !== null : phase.kind === "completed";
}

/** A controller that restarts; what it refuses outright will not get better. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof SlipwayError &&
    (error.code === "controller_unreachable" || error.status >= 500)
  );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
