// The gate `drill`: whether the way back has been rehearsed lately, and was seen and confirmed in time. Where it has not, it
// is rehearsed now.

import {
  DRILL_DAYS_MAX,
  type DrillOrder,
  type DrillRecord,
  drillAgeDays,
  type Figure,
  isStale,
} from "@slipway/core";
import type { Gate, GateContext, GateFinding } from "../gate.ts";
import { plain } from "../plain-figure.ts";
import { rehearsed } from "./rehearsal.ts";

export const drillGate: Gate<DrillOrder> = {
  name: "drill",
  run: async (context) => {
    const { clock, drilling, settings } = context;
    const last = (await drilling.look()).drills.at(-1);
    const counts = last !== undefined && isPassed(last, settings) && !isStale(last, clock.wall());
    return findingOf(counts ? last : await now(context), context);
  },
};

/** By the limits of now: those that it was run with may have been wider. */
function isPassed(
  { passed, detectMs, confirmMs }: DrillRecord,
  { detectMsMax, confirmMsMax }: DrillOrder,
): boolean {
  if (!passed || detectMs === null || confirmMs === null) return false;
  return detectMs <= detectMsMax && confirmMs <= confirmMsMax;
}

async function now(context: GateContext<DrillOrder>): Promise<DrillRecord> {
  const { drilling, ask, clock, progress, signal } = context;
  const told = (text: string): void => progress(0, null, text);
  return await rehearsed({ drilling, ask, clock, signal, progress: told });
}

function findingOf(record: DrillRecord, { clock, settings }: GateContext<DrillOrder>): GateFinding {
  const { rollout, atMs, by, because, detectMs, confirmMs, expired } = record;
  const days = drillAgeDays(record, clock.wall());
  const when = days === 0 ? "" : ` (${days} days ago)`;
  return {
    outcome: isPassed(record, settings) ? "pass" : "fail",
    because: `${because}${when}`,
    figures: [
      ...limited("fault to decision", detectMs, settings.detectMsMax),
      ...limited("decision to the last confirmation", confirmMs, settings.confirmMsMax),
      { ...plain("age of the drill", days, "days"), limit: DRILL_DAYS_MAX, holds: true },
      {
        ...plain("gateway workers without confirmation", expired.length, ""),
        limit: 0,
        holds: expired.length === 0,
      },
    ],
    details: { rollout, atMs, by, expired: [...expired] },
  };
}

function limited(name: string, ms: number | null, limitMs: number): readonly Figure[] {
  if (ms === null) return [];
  const figure = plain(name, ms / 1_000, "s");
  return [{ ...figure, limit: limitMs / 1_000, holds: ms <= limitMs }];
}
