// Recorded rollouts under another policy: their journals and ticks, in the order in which a controller wrote them, turn
// by turn through core's backtest.

import {
  type Backtest,
  type BacktestReport,
  backtestReport,
  backtestSummary,
  backtestTurn,
  murmur3,
  type Policy,
  type RecordedItem,
  type RolloutEvent,
  startBacktest,
  type Tick,
} from "@slipway/core";
import type { BacktestRequest, BacktestView } from "@slipway/wire";
import { entriesOf, ticksOf } from "../journal/replay.ts";
import { noPolicyFor, unknownRollout } from "../refusal.ts";
import type { StoredRollout, StoreReader } from "../store/store.ts";

/** The newest so many of a store are tried, unless one is named. */
const ROLLOUTS_MAX = 50;
/** Draws are the same for the same rollout. */
const SEED = 0x5eed;

const IS_EMPTY = "its journal is empty";
const IS_RETURN = "it is the way back from a completed one, which no policy decides";

export async function backtestRollouts(
  reader: StoreReader,
  request: BacktestRequest,
): Promise<BacktestView> {
  const reports: BacktestReport[] = [];
  const skipped: { rolloutId: string; why: string }[] = [];
  for (const { id, model } of await chosen(reader, request)) {
    const policy = policyFor(request, model);
    if (policy === null && request.rolloutId !== undefined) throw noPolicyFor(model);
    const found =
      policy === null
        ? `the file has no policy for ${model}`
        : await backtestOne(reader, id, () => policy);
    if (typeof found === "string") skipped.push({ rolloutId: id, why: found });
    else reports.push(found);
  }
  return { reports, summary: backtestSummary(reports), skipped };
}

async function chosen(
  reader: StoreReader,
  { rolloutId, model }: BacktestRequest,
): Promise<readonly StoredRollout[]> {
  if (rolloutId === undefined) return await reader.rollouts(model ?? null, ROLLOUTS_MAX);
  const one = await reader.rollout(rolloutId);
  if (one === null) throw unknownRollout(rolloutId);
  return [one];
}

function policyFor({ policies }: BacktestRequest, model: string): Policy | null {
  const own = policies.find((one) => one.model === model) ?? policies.find((p) => p.model === null);
  return own?.policy ?? null;
}

/** Why not, where it cannot be tried. `policyOf`: what it is tried under, by what it was recorded under. */
export async function backtestOne(
  reader: StoreReader,
  rolloutId: string,
  policyOf: (recorded: Policy) => Policy,
  draw = 0,
): Promise<BacktestReport | string> {
  const seed = murmur3(rolloutId, SEED + draw);
  let test: Backtest | null = null;
  let turn: RecordedItem[] = [];
  for await (const item of itemsOf(reader, rolloutId)) {
    if (item.kind === "event" && item.event.type === "started") {
      if (item.event.rollout.controls?.isReturn === true) return IS_RETURN;
      const recorded = item.event.rollout.policy;
      test = startBacktest(recorded, policyOf(recorded), seed);
    }
    if (test === null) return IS_EMPTY;
    if (turn.length > 0 && turn[0]?.atMs !== item.atMs) {
      backtestTurn(test, turn);
      turn = [];
    }
    turn.push(item);
  }
  if (test === null) return IS_EMPTY;
  backtestTurn(test, turn);
  return backtestReport(test, turn.at(-1)?.atMs ?? 0, seed) ?? IS_EMPTY;
}

/** Every entry, and after it the ticks that were consumed before the next. */
async function* itemsOf(reader: StoreReader, rolloutId: string): AsyncGenerator<RecordedItem> {
  const ticks = ticksOf(reader, rolloutId)[Symbol.asyncIterator]();
  let next = await ticks.next();
  for await (const { sequence, text } of entriesOf(reader, rolloutId)) {
    for (; next.done !== true && next.value.afterSequence < sequence; next = await ticks.next()) {
      yield tickItem(next.value.consumedAtMs, next.value.text);
    }
    const event = JSON.parse(text) as RolloutEvent;
    yield { kind: "event", atMs: event.atMs, event };
  }
  for (; next.done !== true; next = await ticks.next()) {
    yield tickItem(next.value.consumedAtMs, next.value.text);
  }
}

function tickItem(atMs: number, text: string): RecordedItem {
  return { kind: "tick", atMs, tick: JSON.parse(text) as Tick };
}
