// The refusals that every store makes in the same words.

import { SlipwayError } from "@slipway/wire";

export function deposed(): SlipwayError {
  return new SlipwayError({
    code: "deposed",
    status: 503,
    message: "another controller has taken over this store",
    fix: "talk to the controller that leads now",
  });
}

export function outOfSequence(what: string): SlipwayError {
  return new SlipwayError({
    code: "out_of_sequence",
    status: 500,
    message: `${what} does not follow what is stored`,
    fix: "restart the controller; if it happens again, run: slipway journal verify",
  });
}
