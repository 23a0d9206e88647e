// The headers by which a client, or whoever joins its feedback, can tell who answered.

import { answerId } from "../feedback/answer-id.ts";
import { answeredOf } from "./answered-of.ts";
import type { Passage } from "./passage.ts";

const PREFIX = "x-slipway-";

/** Said of this hop alone: those of a Slipway further on are not passed back, and those of a client not on. */
export function isSlipwayHeader(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** To a client with a key of this gateway, the quota of the account behind it says nothing, and is not its business. */
export function isOurs(name: string): boolean {
  return isSlipwayHeader(name) || name.startsWith("x-ratelimit-");
}

/** Adds them to the headers of an answer. */
export function addSlipwayHeaders(headers: string[], passage: Passage): void {
  headers.push("x-slipway-request-id", signedId(passage));
  headers.push("x-slipway-version", passage.answeringBalancer.version.id);
  headers.push("x-slipway-arm", passage.answeringArm);
  const { split } = passage.destination.route;
  if (split !== null) headers.push("x-slipway-rollout", split.rolloutId);
  if (passage.replayed !== null) headers.push("x-slipway-replayed", passage.arm);
  const { caller, context } = passage;
  caller?.addHeaders(headers, context.ports.clock.mono());
}

/** Carries where the answer belongs, so that feedback about it needs no look-up. */
function signedId(passage: Passage): string {
  const { clock, signer } = passage.context.ports;
  return answerId(signer, answeredOf(passage), clock.wall());
}
