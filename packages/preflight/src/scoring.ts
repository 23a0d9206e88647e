// The ports that scorers need of a machine, and the secrets that a gate may look up.

import type { CheckNames, Isolation, MatchPattern, ParseCode } from "@slipway/scorers";

export type ScoringPorts = {
  readonly match: MatchPattern;
  /** Loads the grammars of these languages. */
  readonly grammars: (languages: readonly string[]) => Promise<ParseCode>;
  /** Loads TypeScript's compiler. */
  readonly typescriptNames: () => Promise<CheckNames>;
  readonly isolation: () => Promise<Isolation>;
  /** A word that nobody can guess. */
  readonly marker: () => string;
};
