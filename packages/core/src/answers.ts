// Which answers a gateway keeps on its own disk, for scoring.

export type AnswersPolicy = {
  /** Share of requests whose answers are kept; 0 keeps none but those of a mirror that says so. */
  readonly sample: number;
  /** Patterns of what is hidden, beside the built-in ones. */
  readonly redact: readonly string[];
  /** Per model and gateway worker; the oldest go first. */
  readonly bytesMax: number;
  readonly ageMsMax: number;
};
