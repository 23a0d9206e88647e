// A drill: the way back rehearsed on the real path. A stand-in of the model gets synthetic users, half of them on a second
// version that is stable's own servers with a fault before them. Its rollout is an ordinary one, on every gateway; its users,
// its evidence and its incidents are nobody's.

import { WHOLE_AUDIENCE } from "../audience.ts";
import type { Model, Version } from "../model.ts";
import type { Policy } from "../policy.ts";
import { durationText } from "../quantity.ts";
import type { Phase } from "../rollout/phase.ts";
import { DRILL_FAULT_TEXTS, type DrillFault, detectLimitMs } from "./drill-fault.ts";
import type { DrillOrder } from "./drill-order.ts";

/** Names the synthetic user of a request. */
export const DRILL_USER_HEADER = "x-slipway-drill-user";
/** On a request to a stand-in: its candidate fails it, in the way that is said. */
export const DRILL_FAULT_HEADER = "x-slipway-drill";

/** The version with the fault. */
export const DRILL_VERSION = "drill";
/** Half of the synthetic users: the path back is the same from any stage, and it takes few requests to see. */
const SHARE_PERCENT = 50;
const DAY_MS = 86_400_000;
/** Older ones prove nothing of today's gateways and servers. */
export const DRILL_DAYS_MAX = 30;
/** What nobody has ended by then was left behind. */
export const DRILL_MS_MAX: number = 30 * 60_000;

export type DrillUnderWay = {
  readonly rollout: string;
  readonly startedAtMs: number;
  readonly by: string;
  readonly fault: DrillFault;
  /** When the fault began; null until then. */
  readonly faultAtMs: number | null;
};

/** What came of one, kept as evidence. Times of day in milliseconds since the epoch. */
export type DrillRecord = {
  readonly rollout: string;
  readonly atMs: number;
  readonly by: string;
  readonly fault: DrillFault;
  readonly passed: boolean;
  /** One sentence, with the numbers. */
  readonly because: string;
  /** From the fault to the decision; null where none was made. */
  readonly detectMs: number | null;
  /** From the decision to the last confirmation; null where it is not known. */
  readonly confirmMs: number | null;
  /** Members that did not confirm before their lease expired. */
  readonly expired: readonly string[];
};

const STAND_IN_SUFFIX = ":drill";

export function drillModelName(model: string): string {
  return `${model}${STAND_IN_SUFFIX}`;
}

/** Whom a stand-in stands in for. */
export function drilledModelName(standIn: string): string {
  return standIn.endsWith(STAND_IN_SUFFIX) ? standIn.slice(0, -STAND_IN_SUFFIX.length) : standIn;
}

/** The fault is part of what the version is: stable's fingerprint must not be its. */
export function drillIdentity({ identity }: Version): Version["identity"] {
  return { ...identity, "slipway-drill": "fault" };
}

/** The stand-in. Null where the model has no such stable version. */
export function drillModel(model: Model, fingerprint: (version: Version) => string): Model | null {
  const stable = model.versions.find(({ id }) => id === model.stable);
  if (stable === undefined) return null;
  const { expect: _, ...rest } = stable;
  const faulty = { ...rest, id: DRILL_VERSION, identity: drillIdentity(stable) };
  return {
    name: drillModelName(model.name),
    stable: stable.id,
    versions: [stable, { ...faulty, fingerprint: fingerprint(faulty) }],
    policy: drillPolicy(model.policy),
    drillOf: model.name,
  };
}

/** What notices harm and goes back is the model's own; what chooses users, and what costs time, is not. */
function drillPolicy(policy: Policy): Policy {
  const { holdbackPercent: _none, lessons: _neither, ...own } = policy;
  return {
    ...own,
    stages: [{ percent: SHARE_PERCENT, holdMs: DAY_MS, minRequests: 0 }],
    keys: { header: DRILL_USER_HEADER, apiKeyIsUser: false, withoutKey: "stable" },
    audience: WHOLE_AUDIENCE,
    answers: { ...policy.answers, sample: 0 },
    forecast: { ...policy.forecast, enabled: false },
    trends: [],
    representative: "warn",
    shareTolerance: 1,
  };
}

/** Who was there when a drill ended. */
export type DrillEnd = {
  /** Gateway workers that hold a lease. */
  readonly members: number;
  /** The person whose command moved its rollout last; null where it moved by itself. */
  readonly movedBy: string | null;
  /** What went wrong with running it; null where nothing did, or nobody said. */
  readonly brokenBy: string | null;
  /** When a request of the model is judged, at the latest. */
  readonly horizonMs: number;
};

/** What a drill came to, by the phase in which its rollout was when it ended. */
export function drillOutcome(
  { rollout, fault, faultAtMs }: DrillUnderWay,
  phase: Phase,
  { detectMsMax, confirmMsMax }: Pick<DrillOrder, "detectMsMax" | "confirmMsMax">,
  { members, movedBy, brokenBy, horizonMs }: DrillEnd,
): Omit<DrillRecord, "atMs" | "by"> {
  const none = { rollout, fault, passed: false, detectMs: null, confirmMs: null, expired: [] };
  const limitMs = detectLimitMs(fault, detectMsMax, horizonMs);
  if (faultAtMs === null) {
    const why = brokenBy === null ? "" : `: ${brokenBy}`;
    return { ...none, because: `it ended before its fault began${why}` };
  }
  if (movedBy !== null) {
    return {
      ...none,
      because: `${movedBy} moved its users by hand, so that nothing was rehearsed`,
    };
  }
  if (phase.kind === "rolling-back") {
    const detectMs = Math.max(0, phase.sinceMs - faultAtMs);
    const because = `seen ${durationText(detectMs)} after the fault, and not confirmed by every gateway worker`;
    return { ...none, detectMs, because };
  }
  if (phase.kind !== "rolled-back") {
    return { ...none, because: "the fault was not noticed: its users were still on the candidate" };
  }
  const { confirmMs, expired } = phase;
  const detectMs = phase.sinceMs - confirmMs - faultAtMs;
  // Whatever it was that was seen then, it was not the fault.
  if (detectMs < 0) return { ...none, because: "its users were taken back before its fault began" };
  if (members === 0) return { ...none, because: "no gateway worker was left to confirm anything" };
  const times = `${DRILL_FAULT_TEXTS[fault]}: seen ${durationText(detectMs)} after the fault (limit ${durationText(limitMs)}), confirmed ${durationText(confirmMs)} later by ${members} of ${members + expired.length} gateway workers (limit ${durationText(confirmMsMax)})`;
  const passed = detectMs <= limitMs && confirmMs <= confirmMsMax && expired.length === 0;
  return { rollout, fault, passed, because: times, detectMs, confirmMs, expired };
}

/** 0 for one of today. */
export function drillAgeDays({ atMs }: Pick<DrillRecord, "atMs">, nowMs: number): number {
  return Math.floor(Math.max(0, nowMs - atMs) / DAY_MS);
}

export function isStale(
  { atMs }: Pick<DrillRecord, "atMs">,
  nowMs: number,
  daysMax: number = DRILL_DAYS_MAX,
): boolean {
  return nowMs - atMs > daysMax * DAY_MS;
}
