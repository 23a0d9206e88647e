// The gate `drill`: whether the way back has been rehearsed lately, and was seen and confirmed in time; also with the faults
// that earlier incidents taught. Where it has not, it is rehearsed now.

import {
  DRILL_DAYS_MAX,
  DRILL_FAULT_DEFAULT,
  type DrillFault,
  type DrillOrder,
  type DrillRecord,
  detectLimitMs,
  drillAgeDays,
  type Figure,
  isStale,
  type LessonFinding,
} from "@slipway/core";
import type { Gate, GateContext, GateFinding } from "../gate.ts";
import { findingOf as findingOfLesson, findingWithLessons } from "../learnt/lesson-findings.ts";
import { plain } from "../plain-figure.ts";
import { rehearsed } from "./rehearsal.ts";

type Context = GateContext<DrillOrder>;

export const drillGate: Gate<DrillOrder> = {
  name: "drill",
  run: async (context) => {
    const lessons: LessonFinding[] = [];
    for (const lesson of context.learnt) {
      const { change } = lesson;
      if (change.kind !== "drill") continue;
      const record = await newestOf(context, change.fault, change.days);
      const holds = isPassed(record, context);
      lessons.push(findingOfLesson(lesson, { holds, because: textOf(record, context) }));
    }
    return findingWithLessons(
      findingOf(await newestOf(context, null, DRILL_DAYS_MAX), context),
      lessons,
    );
  },
};

/** The last with this fault, or with any; run now where none counts. */
async function newestOf(
  context: Context,
  fault: DrillFault | null,
  daysMax: number,
): Promise<DrillRecord> {
  const { clock, drilling } = context;
  const { drills } = await drilling.look();
  const last = drills.filter((one) => fault === null || one.fault === fault).at(-1);
  const counts =
    last !== undefined && isPassed(last, context) && !isStale(last, clock.wall(), daysMax);
  return counts ? last : await now(context, fault ?? DRILL_FAULT_DEFAULT);
}

/** By the limits of now: those that it was run with may have been wider. */
function isPassed({ passed, fault, detectMs, confirmMs }: DrillRecord, context: Context): boolean {
  const { confirmMsMax } = context.settings;
  if (!passed || detectMs === null || confirmMs === null) return false;
  return detectMs <= limitOf(fault, context) && confirmMs <= confirmMsMax;
}

function limitOf(fault: DrillFault, { settings, policy }: Context): number {
  return detectLimitMs(fault, settings.detectMsMax, policy.evidence.horizonMs);
}

async function now(context: Context, fault: DrillFault): Promise<DrillRecord> {
  const { drilling, ask, clock, progress, signal } = context;
  const told = (text: string): void => progress(0, null, text);
  return await rehearsed({ drilling, ask, clock, signal, fault, progress: told });
}

function textOf(record: DrillRecord, { clock }: Context): string {
  const days = drillAgeDays(record, clock.wall());
  return `${record.because}${days === 0 ? "" : ` (${days} days ago)`}`;
}

function findingOf(record: DrillRecord, context: Context): GateFinding {
  const { rollout, atMs, by, fault, detectMs, confirmMs, expired } = record;
  const days = drillAgeDays(record, context.clock.wall());
  return {
    outcome: isPassed(record, context) ? "pass" : "fail",
    because: textOf(record, context),
    figures: [
      ...limited("fault to decision", detectMs, limitOf(fault, context)),
      ...limited("decision to the last confirmation", confirmMs, context.settings.confirmMsMax),
      { ...plain("age of the drill", days, "days"), limit: DRILL_DAYS_MAX, holds: true },
      {
        ...plain("gateway workers without confirmation", expired.length, ""),
        limit: 0,
        holds: expired.length === 0,
      },
    ],
    details: { rollout, atMs, by, fault, expired: [...expired] },
  };
}

function limited(name: string, ms: number | null, limitMs: number): readonly Figure[] {
  if (ms === null) return [];
  const figure = plain(name, ms / 1_000, "s");
  return [{ ...figure, limit: limitMs / 1_000, holds: ms <= limitMs }];
}
