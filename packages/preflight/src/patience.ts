// Asks again where a server says that it is busy: what it says of the request is worth waiting for, up to a limit. What is
// still busy then says nothing of a version.

import type { Clock } from "@slipway/core";
import { type Ask, isBusy } from "./ask.ts";
import { pause } from "./pause.ts";

const TRIES_MAX = 4;
const WAIT_FIRST_MS = 1_000;
/** Of one wait, whatever the server asks for. */
const WAIT_MS_MAX = 30_000;

/** As `ask`, up to so many times for one question; the last outcome counts. */
export function patient(ask: Ask, clock: Clock): Ask {
  return async (question) => {
    for (let tries = 1; ; tries++) {
      const outcome = await ask(question);
      if (outcome.kind !== "rejection" || !isBusy(outcome) || tries === TRIES_MAX) return outcome;
      const own = WAIT_FIRST_MS * 2 ** (tries - 1);
      await pause(clock, Math.min(WAIT_MS_MAX, outcome.retryAfterMs ?? own), question.signal);
    }
  };
}
