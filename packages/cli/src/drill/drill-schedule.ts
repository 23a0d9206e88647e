// Drills by schedule, beside a controller: looks now and then whether the time of one has come, and runs one at a time. What
// was due while no controller ran is not made up for: the age of the last drill tells.

import { type DrillRecord, drillModelName } from "@slipway/core";
import { Cron } from "croner";
import type { ControlClient } from "../control-client.ts";

const LOOK_EVERY_MS = 20_000;

export type Scheduled = {
  readonly client: Pick<ControlClient, "models"> & {
    readonly drilling: Pick<ControlClient["drilling"], "look">;
  };
  readonly drill: (model: string) => Promise<DrillRecord>;
  readonly tell: (text: string) => void;
  /** Aborted when the controller ends: no drill begins any more. */
  readonly signal: AbortSignal;
};

/** Looks once: at what has come due after `fromMs`, up to and with `toMs`. */
export async function drillDue(
  { client, drill, tell, signal }: Scheduled,
  fromMs: number,
  toMs: number,
): Promise<void> {
  const names = (await client.models()).map(({ name }) => name);
  // Those of drills under way are no models to drill, and soon gone.
  const standIns = new Set(names.map(drillModelName));
  for (const name of names.filter((one) => !standIns.has(one))) {
    if (signal.aborted) return;
    try {
      const { schedule } = (await client.drilling.look(name)).order;
      if (schedule === null || !isDue(schedule, fromMs, toMs)) continue;
      const { passed, because } = await drill(name);
      tell(`drill of ${name}: ${passed ? "passed" : "FAILED"}: ${because}`);
    } catch (error) {
      tell(`drill of ${name}: could not be run: ${messageOf(error)}`);
    }
  }
}

/**
 * Looks every so often until it is stopped, which resolves when no drill is under way any more: the controller has to be there
 * to end it. `drill` gives up by the signal too.
 */
export function keepDrilling(scheduled: Scheduled, nowMs: () => number): () => Promise<void> {
  let fromMs = nowMs();
  let looking: Promise<void> | null = null;
  const look = async (): Promise<void> => {
    const toMs = nowMs();
    try {
      await drillDue(scheduled, fromMs, toMs);
    } catch (error) {
      scheduled.tell(`drills by schedule: ${messageOf(error)}`);
    }
    fromMs = toMs;
    looking = null;
  };
  const timer = setInterval(() => {
    looking ??= look();
  }, LOOK_EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/** In this machine's time zone. Throws where the expression means nothing. */
function isDue(expression: string, fromMs: number, toMs: number): boolean {
  const next = new Cron(expression, { paused: true }).nextRun(new Date(fromMs));
  return next !== null && next.getTime() <= toMs;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
