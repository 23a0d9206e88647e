// The ports that scorers need of a machine, and the secrets that a gate may look up.

import type { Isolation, MatchPattern, ParseCode } from "@slipway/scorers";

export type ScoringPorts = {
  readonly match: MatchPattern;
  /** Loads the grammars of these languages. */
  readonly grammars: (languages: readonly string[]) => Promise<ParseCode>;
  readonly isolation: () => Promise<Isolation>;
  /** A word that nobody can guess. */
  readonly marker: () => string;
};
