// The ports that scorers need of a machine, and the secrets that a gate may look up.

import type {
  CheckNames,
  Isolation,
  LiveInstruments,
  MatchPattern,
  ParseCode,
} from "@slipway/scorers";

export type ScoringPorts = {
  readonly match: MatchPattern;
  /** Loads the grammars of these languages. */
  readonly grammars: (languages: readonly string[]) => Promise<ParseCode>;
  /** Loads TypeScript's compiler. */
  readonly typescriptNames: () => Promise<CheckNames>;
  /** What answers to real requests are scored with, each loaded when first needed. */
  readonly live: LiveInstruments;
  readonly isolation: () => Promise<Isolation>;
  /** A word that nobody can guess. */
  readonly marker: () => string;
};
