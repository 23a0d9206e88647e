// A rehearsal from its beginning to its end: synthetic users on the stand-in, calm at first, then with a fault for those of
// them who are on its candidate, until every gateway has taken them back.

import {
  type Clock,
  DRILL_FAULT_HEADER,
  DRILL_USER_HEADER,
  type DrillFault,
  type DrillOrder,
  type DrillRecord,
  detectLimitMs,
  type Phase,
} from "@slipway/core";
import { BECAUSE_LENGTH_MAX, type DrillsView, SlipwayError } from "@slipway/wire";
import { type Ask, outcomeText } from "../ask.ts";
import type { Endpoint } from "../endpoint.ts";
import { endpointFor } from "../endpoint-for.ts";
import { pause } from "../pause.ts";
import { sideBySide } from "../side-by-side.ts";
import type { Drilling } from "./drilling.ts";

export type Rehearsing = {
  readonly drilling: Drilling;
  readonly ask: Ask;
  readonly clock: Clock;
  /** How requests fail. */
  readonly fault: DrillFault;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Half of them are on the candidate. */
const USERS = 20;
const AT_ONCE = 10;
const ROUND_MS = 500;
const CALM_ROUNDS = 4;
/** Every gateway takes part from then on, or there is no drill. */
const BEGIN_MS_MAX = 120_000;
const REQUEST_MS_MAX = 30_000;
/** Of requests that hang: each waits until it is taken back, so that they are sent beside one another, and no more than so often. */
const HANGING_ROUNDS_MAX = 6;
/** The shortest question there is; what it costs is a prompt of one word, and one token. */
const PING = { messages: [{ role: "user", content: "ping" }], max_tokens: 1 };

export async function rehearsed(rehearsing: Rehearsing): Promise<DrillRecord> {
  const { drilling, fault } = rehearsing;
  const begun = await drilling.start(fault);
  try {
    await played(rehearsing, begun);
  } catch (error) {
    // What went wrong first tells more than that the end failed too; a drill that is left behind gives way by itself.
    await drilling.end(brokenText(error)).catch(() => null);
    throw error;
  }
  const record = (await drilling.end(null)).drills.at(-1);
  if (record === undefined) throw new Error("a drill left no record");
  return record;
}

/** It goes into the record, which is what people are told of. */
function brokenText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, BECAUSE_LENGTH_MAX) || "no reason was given";
}

type Begun = Pick<DrillsView, "standIn" | "order" | "drilling" | "horizonMs">;

async function played(rehearsing: Rehearsing, begun: Begun): Promise<void> {
  const { standIn, order, drilling } = begun;
  const { clock, progress, signal } = rehearsing;
  if (drilling === null) throw new Error("a drill that began is not under way");
  const { rollout } = drilling;
  const endpoints = endpointsOf(rehearsing.drilling, order, standIn);
  progress("waiting for every gateway to take part");
  const isOn = await until(rehearsing, rollout, BEGIN_MS_MAX, (phase) =>
    Promise.resolve(phase.kind === "stage" && phase.confirmedAtMs !== null),
  );
  if (!isOn) throw neverBegan(standIn);
  progress("synthetic users, all well");
  for (let round = 0; round < CALM_ROUNDS; round++) {
    await sendRound(rehearsing, endpoints, CALM);
    await pause(clock, ROUND_MS, signal);
  }
  const calm = await rehearsing.drilling.phase(rollout);
  if (calm.kind !== "stage") throw wentBackEarly(standIn);
  await rehearsing.drilling.fault();
  progress("the fault has begun");
  if (!(await struck(rehearsing, endpoints, rollout, begun))) return;
  progress("seen; waiting for every gateway's confirmation");
  await until(rehearsing, rollout, order.confirmMsMax, ({ kind }) =>
    Promise.resolve(kind === "rolled-back"),
  );
}

const CALM: Sending = { fault: null, atOnce: AT_ONCE, timeoutMs: REQUEST_MS_MAX };

/** Sends what fails until its users are being taken back; false where they were not in time. */
async function struck(
  rehearsing: Rehearsing,
  endpoints: Endpoints,
  rollout: string,
  { order, horizonMs }: Begun,
): Promise<boolean> {
  const { fault } = rehearsing;
  const limitMs = detectLimitMs(fault, order.detectMsMax, horizonMs);
  const isBack = ({ kind }: Phase): boolean => kind === "rolling-back" || kind === "rolled-back";
  if (fault !== "hang") {
    return await until(rehearsing, rollout, limitMs, async (phase) => {
      if (isBack(phase)) return true;
      await sendRound(rehearsing, endpoints, { ...CALM, fault });
      return false;
    });
  }
  const leave = new AbortController();
  const signal = AbortSignal.any([rehearsing.signal, leave.signal]);
  const timeoutMs = limitMs + order.confirmMsMax;
  const rounds: Promise<void>[] = [];
  try {
    return await until(rehearsing, rollout, limitMs, (phase) => {
      if (!isBack(phase) && rounds.length < HANGING_ROUNDS_MAX) {
        const sending = { fault, atOnce: USERS * endpoints.length, timeoutMs };
        // Whether one of them was answered after all is the controller's to see.
        rounds.push(sendRound({ ...rehearsing, signal }, endpoints, sending).catch(() => {}));
      }
      return Promise.resolve(isBack(phase));
    });
  } finally {
    leave.abort();
    await Promise.all(rounds);
  }
}

/** False where it did not come to that in time. */
async function until(
  { drilling, clock, signal }: Rehearsing,
  rollout: string,
  msMax: number,
  isSo: (phase: Phase) => Promise<boolean>,
): Promise<boolean> {
  const startMs = clock.mono();
  for (;;) {
    if (await isSo(await drilling.phase(rollout))) return true;
    if (clock.mono() - startMs >= msMax) return false;
    await pause(clock, ROUND_MS, signal);
  }
}

function endpointsOf(
  { key: keyOf }: Drilling,
  { gateways, keyEnv }: DrillOrder,
  model: string,
): Endpoints {
  const [first, ...others] = gateways.map((baseUrl): Endpoint => {
    const key = keyEnv === null ? null : keyOf(keyEnv, baseUrl);
    if (keyEnv !== null && (key === null || key === "")) throw keyMissing(keyEnv);
    const headers: Endpoint["headers"] = key === null ? {} : { authorization: `Bearer ${key}` };
    return { id: baseUrl, baseUrl, model, headers, caFile: null };
  });
  if (first === undefined) throw new Error("a drill has no gateways");
  return [first, ...others];
}

type Endpoints = readonly [Endpoint, ...Endpoint[]];

type Sending = {
  /** Null while all is well. */
  readonly fault: DrillFault | null;
  readonly atOnce: number;
  readonly timeoutMs: number;
};

/** While all is well everybody is answered. With the fault it is so while stable may answer for the candidate. */
async function sendRound(
  { ask, signal }: Rehearsing,
  endpoints: Endpoints,
  { fault, atOnce, timeoutMs }: Sending,
): Promise<void> {
  const users = Array.from({ length: USERS * endpoints.length }, (_, index) => index);
  await sideBySide(users, atOnce, async (user) => {
    const endpoint = endpointFor(endpoints, user);
    const failing = fault === null ? {} : { [DRILL_FAULT_HEADER]: fault };
    const own = { [DRILL_USER_HEADER]: `synthetic-${user}`, ...failing };
    const outcome = await ask({
      endpoint: { ...endpoint, headers: { ...endpoint.headers, ...own } },
      body: PING,
      stream: false,
      timeoutMs,
      signal,
    });
    signal.throwIfAborted();
    if (fault === null && outcome.kind !== "answer")
      throw unanswered(endpoint, outcomeText(outcome));
  });
}

function keyMissing(name: string): SlipwayError {
  return new SlipwayError({
    code: "key_missing",
    status: 400,
    message: `${name}, the key of the drill's synthetic users, is not set`,
    fix: "set it where the drill runs",
  });
}

function unanswered({ id }: Endpoint, because: string): SlipwayError {
  return new SlipwayError({
    code: "drill_unanswered",
    status: 502,
    message: `the gateway at ${id} did not answer a synthetic user: ${because}`,
    fix: "check its address under preflight: drill: gateways:, its key, and whether stable answers",
  });
}

function wentBackEarly(standIn: string): SlipwayError {
  return new SlipwayError({
    code: "drill_early",
    status: 409,
    message: `the rollout of ${standIn} left its stage before there was any fault`,
    fix: "see why: slipway rollout list, slipway rollout explain ID",
  });
}

function neverBegan(standIn: string): SlipwayError {
  return new SlipwayError({
    code: "drill_not_begun",
    status: 409,
    message: `not every gateway took part in the rollout of ${standIn} within ${BEGIN_MS_MAX / 1_000} s`,
    fix: "see which: slipway gateway status on each; slipway rollout list says where it stands",
  });
}
