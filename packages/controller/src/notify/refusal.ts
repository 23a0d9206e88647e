// How the outbox says no.

import { SlipwayError } from "@slipway/wire";

export function noTargets(): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "no_targets",
    message: "nobody is to be told anything: there are no targets",
    fix: "write notifications: in slipway.yaml, and run slipway apply",
  });
}

export function unknownTarget(name: string, known: readonly string[]): SlipwayError {
  return new SlipwayError({
    status: 404,
    code: "unknown_target",
    message: `there is no target ${name}`,
    fix: `it is one of ${known.join(", ")}`,
  });
}

export function unknownNotification(number: number): SlipwayError {
  return new SlipwayError({
    status: 404,
    code: "unknown_notification",
    message: `there is no notification ${number}, or it was long ago`,
    fix: "slipway notify list shows those that there are",
  });
}

export function noDelivery(): SlipwayError {
  return new SlipwayError({
    status: 501,
    code: "no_delivery",
    message: "this controller sends no notifications",
    fix: "run it with slipway controller or slipway up",
  });
}
