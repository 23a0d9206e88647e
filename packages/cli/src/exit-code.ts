// Exit codes of every command. Part of the interface: documented in docs/cli.md and in --help.

import { SlipwayError } from "@slipway/wire";

export const EXIT = {
  /** Done; of `watch`: the rollout completed. */
  ok: 0,
  /** Refused or failed; of `watch`: the rollout was rolled back. */
  failed: 1,
  /** Arguments or slipway.yaml are wrong; nothing was changed. */
  badInput: 2,
  /** No controller answers at that address. */
  unreachable: 3,
  /** The controller wants a token, or another one. */
  unauthorized: 4,
  /** A fault in Slipway itself. */
  fault: 70,
  /** Ended by ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const CODES: { readonly [code: string]: ExitCode } = {
  usage: EXIT.badInput,
  config_invalid: EXIT.badInput,
  config_missing: EXIT.badInput,
  controller_unreachable: EXIT.unreachable,
  not_a_controller: EXIT.unreachable,
};

export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof SlipwayError)) return EXIT.fault;
  if (error.status === 401 || error.status === 403) return EXIT.unauthorized;
  return CODES[error.code] ?? (error.status === 400 ? EXIT.badInput : EXIT.failed);
}

export const EXIT_HELP = `
Exit codes:
  0  done (watch: the rollout completed)
  1  refused or failed (watch: the rollout was rolled back)
  2  arguments or slipway.yaml are wrong; nothing was changed
  3  no controller answers at that address
  4  the controller wants a token, or another one
  70 a fault in Slipway itself
  130 watch was ended by ctrl-C; the rollout goes on
`;
