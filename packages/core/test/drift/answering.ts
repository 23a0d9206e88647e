// Servers whose answers are drawn: each probe has answers of its own, the first far more often than the others.

import { type DriftRound, normal, type ProbeAnswer, type Random } from "@slipway/core";

export type Answering = {
  /** How often a probe is given its usual answer. */
  readonly steady: number;
  /** Of the probes, those that another model gives other answers to. */
  readonly changed?: number;
  readonly refused?: number;
  /** Tokens, as a multiple. */
  readonly longer?: number;
  readonly model?: string;
};

export const PROBES = 20;

export function round(
  random: Random,
  { steady, changed = 0, refused = 0, longer = 1, model = "m-1" }: Answering,
): DriftRound {
  const answers = Array.from({ length: PROBES }, (_, index): ProbeAnswer => {
    const isChanged = (index + 0.5) / PROBES < changed;
    const other = random.next() < steady ? 0 : 1 + Math.floor(random.next() * 1_000);
    const usual = 20 + index;
    return {
      probe: `p${index}`,
      text: `${isChanged ? "new" : "old"} ${index} ${other}`,
      ending: random.next() < refused ? "refused" : "fine",
      tokens: Math.round(longer * (other === 0 ? usual : usual + 2 * normal(random))),
    };
  });
  return { asked: PROBES, answers, models: [model], backends: ["fp-1"] };
}
