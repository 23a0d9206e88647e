// What a controller's program does by schedule: looks now and then whether the time of something has come, and does one thing
// at a time. What was due while no controller ran is not made up for; what was due while it could not be asked is, for a while.

import { drillModelName, readCron } from "@slipway/core";
import { BECAUSE_LENGTH_MAX, type ModelView, SlipwayError } from "@slipway/wire";
import { Cron } from "croner";
import type { ControlClient } from "./client/control-client.ts";

const HOUR_MS = 3_600_000;
const LOOK_EVERY_MS = 20_000;
/** What came due longer ago, while nobody could be asked, waits for its next time: a night's drill is none for the morning. */
const LATE_MS_MAX = HOUR_MS;
/** Models whose schedule was said to mean nothing. Beyond them it is said once more. */
const UNREAD_MAX = 1_000;

export type Keeping = {
  /** What the looks are at, as messages name it. */
  readonly what: string;
  /** Looks once: at what has come due after `fromMs`, up to and with `toMs`. Rejects where nobody says what is. */
  readonly look: (fromMs: number, toMs: number) => Promise<void>;
  readonly tell: (text: string) => void;
  readonly nowMs: () => number;
  readonly everyMs?: number;
};

/** Looks every so often until it is stopped, which resolves when no look is under way any more. */
export function keepLooking(keeping: Keeping): () => Promise<void> {
  const pass = passes(keeping);
  let looking: Promise<void> | null = null;
  const timer = setInterval(() => {
    looking ??= pass().finally(() => {
      looking = null;
    });
  }, keeping.everyMs ?? LOOK_EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/** Each call looks at what has come due since the last look that could be made, as far back as is made up for. */
export function passes({ what, look, tell, nowMs }: Keeping): () => Promise<void> {
  let fromMs = nowMs();
  let failures = 0;
  return async () => {
    const toMs = nowMs();
    fromMs = Math.max(fromMs, toMs - LATE_MS_MAX);
    try {
      await look(fromMs, toMs);
    } catch (error) {
      failures++;
      // At the 1st, 2nd, 4th, 8th, …: an outage of a day is a dozen lines.
      if ((failures & (failures - 1)) === 0) tell(unasked(what, failures, error));
      return;
    }
    if (failures > 0) tell(`${what} by schedule: the controller answers again`);
    failures = 0;
    fromMs = toMs;
  };
}

function unasked(what: string, failures: number, error: unknown): string {
  const often = failures === 1 ? "" : ` (${failures} times in a row)`;
  return `${what} by schedule: the controller did not say what is due${often}: ${messageOf(error)}. What comes due meanwhile is made up for within an hour; then it waits for its next time`;
}

/** Models that something can be due for: those that stand in for others in drills are soon gone. */
export async function scheduledModels(
  client: Pick<ControlClient, "models">,
): Promise<readonly ModelView[]> {
  const models = await client.models();
  const standIns = new Set(models.map(({ name }) => drillModelName(name)));
  return models.filter(({ name }) => !standIns.has(name));
}

/** Whether a model's schedule has come due after `fromMs`, up to and with `toMs`, in this machine's time zone. */
export type Due = (model: string, expression: string, fromMs: number, toMs: number) => boolean;

/**
 * An expression that means nothing is thrown the first time, and never due. None can be applied any more; a controller may
 * have kept one from before.
 */
export function dueBySchedule(): Due {
  const unread = new Map<string, string>();
  return (model, expression, fromMs, toMs) => {
    const reading = readCron(expression);
    if (reading.ok) {
      const next = new Cron(reading.value, { paused: true }).nextRun(new Date(fromMs));
      return next !== null && next.getTime() <= toMs;
    }
    if (unread.get(model) === expression) return false;
    if (unread.size >= UNREAD_MAX) unread.clear();
    unread.set(model, expression);
    const { message } = reading;
    const fix = `${reading.fix}, and apply it`;
    throw new SlipwayError({ code: "schedule_unreadable", status: 409, message, fix });
  };
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

/** With how to mend it, where that is known. */
export function messageOf(error: unknown): string {
  if (error instanceof SlipwayError && error.fix !== null) return `${error.message}; ${error.fix}`;
  return error instanceof Error ? error.message : String(error);
}
