// What a controller's program does by schedule: looks now and then whether the time of something has come, and does one thing
// at a time. What was due while no controller ran is not made up for.

import { drillModelName } from "@slipway/core";
import { BECAUSE_LENGTH_MAX } from "@slipway/wire";
import { Cron } from "croner";
import type { ControlClient } from "./client/control-client.ts";

const LOOK_EVERY_MS = 20_000;

export type Keeping = {
  /** What the looks are at, as messages name it. */
  readonly what: string;
  /** Looks once: at what has come due after `fromMs`, up to and with `toMs`. */
  readonly look: (fromMs: number, toMs: number) => Promise<void>;
  readonly tell: (text: string) => void;
  readonly nowMs: () => number;
};

/** Looks every so often until it is stopped, which resolves when no look is under way any more. */
export function keepLooking({ what, look, tell, nowMs }: Keeping): () => Promise<void> {
  let fromMs = nowMs();
  let looking: Promise<void> | null = null;
  const once = async (): Promise<void> => {
    const toMs = nowMs();
    try {
      await look(fromMs, toMs);
    } catch (error) {
      tell(`${what} by schedule: ${messageOf(error)}`);
    }
    fromMs = toMs;
    looking = null;
  };
  const timer = setInterval(() => {
    looking ??= once();
  }, LOOK_EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/** Models that something can be due for: those that stand in for others in drills are soon gone. */
export async function scheduledModels(
  client: Pick<ControlClient, "models">,
): Promise<readonly string[]> {
  const names = (await client.models()).map(({ name }) => name);
  const standIns = new Set(names.map(drillModelName));
  return names.filter((name) => !standIns.has(name));
}

/** In this machine's time zone. Throws where the expression means nothing. */
export function isDue(expression: string, fromMs: number, toMs: number): boolean {
  const next = new Cron(expression, { paused: true }).nextRun(new Date(fromMs));
  return next !== null && next.getTime() <= toMs;
}

export type Missed = {
  /** What could not be done, as messages name it. */
  readonly what: string;
  readonly error: unknown;
  /** Has the controller keep why: who reads the output of a program that runs by itself? */
  readonly keep: (because: string) => Promise<unknown>;
  readonly tell: (text: string) => void;
};

/** Says that something that was due came to nothing. */
export async function missed({ what, error, keep, tell }: Missed): Promise<void> {
  const because = messageOf(error);
  tell(`${what}: ${because}`);
  try {
    await keep(because.slice(0, BECAUSE_LENGTH_MAX) || "no reason was given");
  } catch (failed) {
    tell(`${what}, and the controller did not keep that: ${messageOf(failed)}`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
