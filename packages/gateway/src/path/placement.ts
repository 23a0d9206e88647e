// Place: where a request that names an object of an earlier answer goes. To the upstream that made the object, when that
// is known; else to where it most likely is, and on from there until one knows it.

import type { Route, ServingArm, Version } from "@slipway/core";
import type { Home } from "../objects/object-memory.ts";

/** One upstream of one arm; any of the arm's where `upstream` is null. */
export type Place = { readonly arm: ServingArm; readonly upstream: string | null };

/** Any upstream of an arm. */
export const ANYWHERE: { readonly [arm in ServingArm]: Place } = {
  stable: { arm: "stable", upstream: null },
  candidate: { arm: "candidate", upstream: null },
};

/**
 * `known`: its upstream is. `moved`: it was made where this request may not go, or no longer can. `unknown`: nothing here
 * remembers it.
 */
export type Placed = "known" | "moved" | "unknown";

export type Placement = {
  readonly placed: Placed;
  /** Asked in this order until one does not answer that it knows no such object. Never empty. */
  readonly places: readonly Place[];
  /** It asks for new work, and not only for what is there. */
  readonly isWork: boolean;
};

/** An object is asked for at no more upstreams than this. */
const PLACES_MAX = 8;

export type PlacementFacts = {
  readonly route: Route;
  readonly home: Home | null;
  /** The arm to begin with where the object is not known. */
  readonly likely: ServingArm;
  readonly isWork: boolean;
  /** Whether new work may go to the candidate. */
  readonly mayUseCandidate: boolean;
};

export function placementOf(facts: PlacementFacts): Placement {
  const { home, isWork, route } = facts;
  const arms = openArms(facts);
  if (home !== null && home.model === route.model) {
    const arm = arms.find((candidate) => versionOf(route, candidate)?.id === home.version);
    const isThere = arm !== undefined && hasUpstream(versionOf(route, arm), home.upstream);
    if (isThere) return { placed: "known", places: [{ arm, upstream: home.upstream }], isWork };
  }
  const places = arms.flatMap((arm) =>
    (versionOf(route, arm)?.upstreams ?? []).map(({ id }) => ({ arm, upstream: id })),
  );
  return {
    placed: home === null ? "unknown" : "moved",
    places: places.slice(0, PLACES_MAX),
    isWork,
  };
}

/** What is only read may be read at the candidate without a lease: it makes the candidate serve nobody new. */
function openArms({
  isWork,
  likely,
  mayUseCandidate,
  route,
}: PlacementFacts): readonly ServingArm[] {
  if (route.split === null || (isWork && !mayUseCandidate)) return ["stable"];
  return likely === "candidate" ? ["candidate", "stable"] : ["stable", "candidate"];
}

function versionOf(route: Route, arm: ServingArm): Version | null {
  return arm === "stable" ? route.stable : (route.split?.candidate ?? null);
}

function hasUpstream(version: Version | null, id: string): boolean {
  return version?.upstreams.some((upstream) => upstream.id === id) === true;
}

/** Whether an answer says that this upstream knows no such object. Nothing was done there. */
export function isElsewhere(placement: Placement, status: number): boolean {
  if (placement.placed === "known") return false;
  return status === 404 || (placement.isWork && status === 400);
}
