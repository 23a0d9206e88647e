// The lease under which gates of a model run: taken, renewed and given back in changes of the store, so that whoever leads
// later knows of it.

import {
  durationText,
  isHeld,
  leaseText,
  PREFLIGHT_LEASE_MS,
  type PreflightLease,
  renewedLease,
  takenLease,
} from "@slipway/core";
import { type LeaseRequest, SlipwayError } from "@slipway/wire";
import { unknownModel } from "../refusal.ts";
import { type Draft, putModel } from "../world/draft.ts";
import type { KnownModel, World } from "../world/world.ts";

export function takeLease(
  draft: Draft,
  name: string,
  request: LeaseRequest,
  nowMs: number,
): PreflightLease {
  const { known, last } = lastOf(draft, name);
  if (last !== null && isHeld(last, nowMs)) throw underWay(name, last, nowMs);
  return put(draft, known, takenLease(last, request, nowMs));
}

export function renewLease(
  draft: Draft,
  name: string,
  number: number,
  nowMs: number,
): PreflightLease {
  const { known, last } = lastOf(draft, name);
  const lease = renewedLease(last, number, nowMs);
  if (lease === null) throw leaseLost(name, last, nowMs);
  return put(draft, known, lease);
}

/** What was given back already, or is another's, stays as it is. */
export function endLease(
  draft: Draft,
  name: string,
  number: number,
  nowMs: number,
): PreflightLease | null {
  const { known, last } = lastOf(draft, name);
  if (last?.number !== number || last.endedAtMs !== null) return last;
  return put(draft, known, { ...last, endedAtMs: nowMs });
}

/** Who runs the gates of a model, or did last; null where nobody ever did. */
export function knownLease(world: Pick<World, "models">, name: string): PreflightLease | null {
  return lastOf(world, name).last;
}

/** Throws where others began to run gates since: what was found was found beside theirs. */
export function assertNewest(draft: Draft, name: string, number: number, nowMs: number): void {
  const { last } = lastOf(draft, name);
  if (last !== null && last.number > number) throw leaseLost(name, last, nowMs);
}

type Last = { readonly known: KnownModel; readonly last: PreflightLease | null };

function lastOf({ models }: Pick<World, "models">, name: string): Last {
  const known = models.get(name);
  if (known === undefined) throw unknownModel(name);
  return { known, last: known.flight ?? null };
}

function put(draft: Draft, known: KnownModel, flight: PreflightLease): PreflightLease {
  putModel(draft, { ...known, flight });
  return flight;
}

function underWay(model: string, lease: PreflightLease, nowMs: number): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "preflight_under_way",
    message: leaseText(model, lease, nowMs),
    fix: `wait until it has ended: slipway preflight --wait; one that has died gives way within ${durationText(PREFLIGHT_LEASE_MS)}`,
  });
}

function leaseLost(model: string, last: PreflightLease | null, nowMs: number): SlipwayError {
  const who =
    last === null ? `nobody runs gates of ${model}` : `${leaseText(model, last, nowMs)} meanwhile`;
  return new SlipwayError({
    status: 409,
    code: "preflight_superseded",
    message: `this preflight was not heard of for longer than its lease, and ${who}: what it found counts for nothing`,
    fix: "run it again: slipway preflight --wait",
  });
}
