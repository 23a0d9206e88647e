// The ports that scorers need of a machine, and the secrets that a gate may look up.

import type { Isolation, LiveInstruments, MatchPattern, ParseCode } from "@slipway/scorers";

export type ScoringPorts = {
  readonly match: MatchPattern;
  /** Loads the grammars of these languages. */
  readonly grammars: (languages: readonly string[]) => Promise<ParseCode>;
  /** What answers to real requests are scored with, and names in any answer, each loaded when first needed. */
  readonly live: LiveInstruments;
  readonly isolation: () => Promise<Isolation>;
  /** A word that nobody can guess. */
  readonly marker: () => string;
};
