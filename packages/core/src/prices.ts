// What tokens cost, as a version declares it and guards of cost count with.

/** US dollars for a million tokens. */
export type Prices = {
  readonly input: number;
  /** Of the input, what the server had cached. */
  readonly cached: number;
  readonly output: number;
};
