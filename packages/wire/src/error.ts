// SlipwayError: the one error that edges throw. Its code is stable and documented; its message says what is
// wrong, its fix how to mend it. One place a surface maps it to that surface's own envelope.

export type SlipwayErrorFields = {
  /** Stable, lower case with underscores: part of the API. */
  readonly code: string;
  /** HTTP status that an API answers with. */
  readonly status: number;
  readonly message: string;
  /** What the reader can do about it; null where there is nothing. */
  readonly fix: string | null;
};

export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly code: string;
  readonly status: number;
  readonly fix: string | null;

  constructor(fields: SlipwayErrorFields) {
    super(fields.message);
    this.code = fields.code;
    this.status = fields.status;
    this.fix = fields.fix;
  }
}
