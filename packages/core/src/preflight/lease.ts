// Who runs the gates of a model: one at a time, so that no load is measured beside another's. A lease is renewed while they run and
// lapses where whoever holds it has died; its number, which only grows, keeps what was found beside another's from counting.

import { durationText } from "../quantity.ts";
import type { GateName } from "./gate.ts";

export const PREFLIGHT_LEASE_MS = 60_000;

export type PreflightLease = {
  /** Counts from 1, for each model. */
  readonly number: number;
  readonly by: string;
  /** The candidate. */
  readonly to: string;
  readonly gates: readonly GateName[];
  readonly startedAtMs: number;
  readonly expiresAtMs: number;
  /** When it was given back; null where it was not. */
  readonly endedAtMs: number | null;
};

export function isHeld({ expiresAtMs, endedAtMs }: PreflightLease, nowMs: number): boolean {
  return endedAtMs === null && nowMs < expiresAtMs;
}

/** Of a model whose last one nobody holds any more. */
export function takenLease(
  last: PreflightLease | null,
  { by, to, gates }: Pick<PreflightLease, "by" | "to" | "gates">,
  nowMs: number,
): PreflightLease {
  const number = (last?.number ?? 0) + 1;
  const expiresAtMs = nowMs + PREFLIGHT_LEASE_MS;
  return { number, by, to, gates, startedAtMs: nowMs, expiresAtMs, endedAtMs: null };
}

/** One that has lapsed meanwhile is as good, as long as nobody else took it. Null where somebody did, or it was given back. */
export function renewedLease(
  last: PreflightLease | null,
  number: number,
  nowMs: number,
): PreflightLease | null {
  if (last?.number !== number || last.endedAtMs !== null) return null;
  return { ...last, expiresAtMs: nowMs + PREFLIGHT_LEASE_MS };
}

/** "ann has run load, soak of coder against v2 for 12 min". */
export function leaseText(
  model: string,
  { by, to, gates, startedAtMs }: PreflightLease,
  nowMs: number,
): string {
  const sinceText = durationText(Math.max(0, nowMs - startedAtMs));
  return `${by} has run ${gates.join(", ")} of ${model} against ${to} for ${sinceText}`;
}
