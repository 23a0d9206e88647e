// The gate `plan`: whether there is a way back. Somebody owns it, something triggers it by itself, and the version that
// it returns to is there, at every server that would have to take everybody again.

import {
  counted,
  DRILL_DAYS_MAX,
  type DrillRecord,
  drillAgeDays,
  type Figure,
  type GateResult,
  GPUS_FOR_BOTH,
  isStale,
  type Policy,
} from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import type { PlanGate } from "@slipway/wire/config";
import { outcomeText } from "../ask.ts";
import type { Gate, GateContext, GateFinding } from "../gate.ts";
import { plain } from "../plain-figure.ts";

/** The shortest question there is: that it is answered is all that matters. */
const PING = { messages: [{ role: "user", content: "ping" }], max_tokens: 1 };

type Rehearsed = { readonly last: DrillRecord | null; readonly unknown: string | null };

type Silent = { readonly endpoint: string; readonly because: string };

export const planGate: Gate<PlanGate> = {
  name: "plan",
  run: async (context) =>
    findingOf(context, await silentServers(context), await lastDrill(context)),
};

async function silentServers({
  stable,
  settings,
  ask,
  signal,
  progress,
}: GateContext<PlanGate>): Promise<readonly Silent[]> {
  const silent: Silent[] = [];
  for (const [index, endpoint] of stable.endpoints.entries()) {
    progress(index, stable.endpoints.length, endpoint.id);
    const { timeoutMs } = settings;
    const outcome = await ask({ endpoint, body: PING, stream: false, timeoutMs, signal });
    if (outcome.kind !== "answer") {
      silent.push({ endpoint: endpoint.id, because: outcomeText(outcome) });
    }
  }
  return silent;
}

/** Null where there was none; a controller that does not answer has nothing to tell of one. */
async function lastDrill({ drilling }: GateContext<PlanGate>): Promise<Rehearsed> {
  try {
    return { last: (await drilling.look()).drills.at(-1) ?? null, unknown: null };
  } catch (error) {
    if (error instanceof SlipwayError) return { last: null, unknown: error.message };
    throw error;
  }
}

function rehearsedText({ last, unknown }: Rehearsed, nowMs: number): string {
  if (unknown !== null) return `when it was last rehearsed is not known (${unknown})`;
  if (last === null) return "it has never been rehearsed: slipway drill does";
  const days = drillAgeDays(last, nowMs);
  const when = days === 0 ? "today" : days === 1 ? "yesterday" : `${days} days ago`;
  const stale = isStale(last, nowMs) ? `, longer than the ${DRILL_DAYS_MAX} days that count` : "";
  return `it was last rehearsed ${when}${stale}, and ${last.passed ? "was confirmed in time" : "failed"}`;
}

function drillFigure({ last }: Rehearsed, nowMs: number): readonly Figure[] {
  if (last === null) return [];
  const age = plain("age of the last drill", drillAgeDays(last, nowMs), "days");
  return [{ ...age, limit: DRILL_DAYS_MAX, holds: isStale(last, nowMs) ? null : true }];
}

function findingOf(
  context: GateContext<PlanGate>,
  silent: readonly Silent[],
  drill: Rehearsed,
): GateFinding {
  const { stable, policy, settings } = context;
  const { id } = stable.version;
  const nowMs = context.clock.wall();
  const servers = stable.endpoints.length;
  const triggers = triggersOf(policy);
  const broken =
    silentText(id, silent) ?? coldText(id, context.before) ?? idleText(id, policy, triggers);
  return {
    outcome: broken === null ? "pass" : "fail",
    because:
      broken ??
      `${settings.owner} owns the way back to ${id}, whose ${counted(servers, "server")} all answer; ${triggers.join(", ")} can trigger it; ${rehearsedText(drill, nowMs)}`,
    figures: [
      figure("servers of stable that answer", servers - silent.length, servers),
      figure("what rolls back by itself", triggers.length, 1),
      ...drillFigure(drill, nowMs),
    ],
    details: { owner: settings.owner, tell: settings.tell, returnsTo: id, triggers, silent },
  };
}

/** What moves users back by itself; nothing does in a policy that only observes. */
function triggersOf({ mode, guards, trip }: Policy): readonly string[] {
  if (mode === "observe") return [];
  const turning = guards.filter(({ action }) => action === "roll-back").map((guard) => guard.id);
  return trip.enabled ? [...turning, "trip"] : turning;
}

function silentText(id: string, [first]: readonly Silent[]): string | null {
  if (first === undefined) return null;
  return `${first.endpoint}, a server of ${id}, would have to take users again, and does not answer: ${first.because}`;
}

/** What the gate `capacity` found: a version that gave up its hardware takes nobody back. */
function coldText(id: string, before: readonly GateResult[]): string | null {
  const figures = before.find(({ gate }) => gate === "capacity")?.figures ?? [];
  const both = figures.find(({ name, holds }) => name === GPUS_FOR_BOTH && holds === false);
  if (both === undefined) return null;
  return `${id} cannot stay warm beside the candidate: both take ${both.value} GPUs, and there are ${both.limit}`;
}

function idleText(id: string, { mode }: Policy, triggers: readonly string[]): string | null {
  if (triggers.length > 0) return null;
  const why = mode === "observe" ? "the policy only observes" : "no guard of the policy rolls back";
  return `nothing returns users to ${id} by itself: ${why}`;
}

function figure(name: string, value: number, limit: number): Figure {
  return { name, value, unit: "", interval: null, limit, holds: value >= limit, of: null };
}
