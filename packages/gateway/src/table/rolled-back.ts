// Whether a new table has taken users off the version that still answers one of them.

import type { Route } from "@slipway/core";
import type { Routing } from "./routing.ts";

/** `route` is the one that a request to its candidate keeps. */
export function isRolledBack(route: Route, now: Routing): boolean {
  const { split } = route;
  const current = now.destinations.get(route.model)?.route;
  if (split === null || current === undefined) return false;
  // It has completed: its candidate is what is stable now.
  if (current.stable.id === split.candidate.id) return false;
  const { split: next } = current;
  return next === null || next.rolloutId !== split.rolloutId || next.candidateSlots === 0;
}
