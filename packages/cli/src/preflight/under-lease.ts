// Runs gates under a lease of the model's: taken before the first, renewed while they run, given back at the end. Where no
// controller answers they run all the same, and nobody keeps others from running beside them.

import { PREFLIGHT_LEASE_MS, type PreflightLease } from "@slipway/core";
import { type LeaseRequest, SlipwayError } from "@slipway/wire";
import type { PreflightClient } from "../client/preflight-client.ts";

const RENEW_EVERY_MS = PREFLIGHT_LEASE_MS / 4;
/** How often whoever waits looks whether the lease is free. */
const WAIT_MS = 5_000;

export type LeasePlan = {
  readonly client: Pick<PreflightClient, "takeLease" | "renewLease" | "endLease">;
  readonly model: string;
  readonly asked: LeaseRequest;
  /** Whether to wait for whoever runs gates now. */
  readonly waits: boolean;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
  /** Waits so long, or until the signal is aborted, which it throws. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
};

/**
 * What `work` returns. It is given the number of its lease, null for none, and a signal that is aborted where others took
 * it over: that is thrown then.
 */
export async function underLease<T>(
  plan: LeasePlan,
  work: (lease: number | null, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = await taken(plan);
  if (lease === null) return await work(null, plan.signal);
  const { number } = lease;
  const lost = new AbortController();
  const over = new AbortController();
  const renewing = renewed(plan, number, lost, over.signal);
  try {
    const result = await work(number, AbortSignal.any([plan.signal, lost.signal]));
    lost.signal.throwIfAborted();
    return result;
  } catch (error) {
    // Whatever the abort made of the work, this is why.
    lost.signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
    await renewing;
    await ended(plan, number);
  }
}

async function taken({
  client,
  model,
  asked,
  waits,
  tell,
  signal,
  pause,
}: LeasePlan): Promise<PreflightLease | null> {
  for (let isTold = false; ; isTold = true) {
    try {
      return await client.takeLease(model, asked);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      if (error.code !== "preflight_under_way") {
        tell(
          `no controller keeps others from running gates of ${model} meanwhile (${error.message})\n`,
        );
        return null;
      }
      if (!waits) throw error;
      if (!isTold) tell(`waiting: ${error.message}\n`);
    }
    await pause(WAIT_MS, signal);
  }
}

/** A controller that is away is asked again: the lease is as good as long as nobody else takes it. */
async function renewed(
  { client, model, pause, tell }: LeasePlan,
  number: number,
  lost: AbortController,
  over: AbortSignal,
): Promise<void> {
  let isTold = false;
  while (!over.aborted && !lost.signal.aborted) {
    try {
      await pause(RENEW_EVERY_MS, over);
    } catch {
      // The gates are over.
      return;
    }
    try {
      await client.renewLease(model, number);
      isTold = false;
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      if (error.code === "preflight_superseded") lost.abort(error);
      else if (!isTold)
        tell(`the lease to run gates of ${model} is not renewed (${error.message})\n`);
      isTold = true;
    }
  }
}

async function ended({ client, model, tell }: LeasePlan, number: number): Promise<void> {
  try {
    await client.endLease(model, number);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    tell(`the lease to run gates of ${model} ends by itself (${error.message})\n`);
  }
}
