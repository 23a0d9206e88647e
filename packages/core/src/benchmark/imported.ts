// What another tool found of one version, as far as it can prove something. Item by item (grade B), two versions can be
// compared as if Slipway had asked; as sums alone (grade C) they can show that a candidate is worse, and never that it
// is not. None says which weights answered, so that nothing imported is grade A.

import { normalBelow } from "../statistics/normal.ts";

export type ImportedItem = {
  readonly id: string;
  readonly family: string | null;
  readonly tags: readonly string[];
  /** Null where the tool has no result of it: an error, or an answer that it could not score. */
  readonly passed: boolean | null;
};

export type ImportedTask = {
  readonly name: string;
  readonly share: number;
  readonly items: number;
  /** What was asked, as the tool hashes it; null where it does not say. */
  readonly hash: string | null;
};

export type Imported =
  | {
      readonly grade: "B";
      readonly tool: string;
      readonly items: readonly ImportedItem[];
    }
  | {
      readonly grade: "C";
      readonly tool: string;
      readonly tasks: readonly ImportedTask[];
    };

/** The chance of a share this much lower where the candidate is no worse, as if all items were others': weak. */
export function unpairedHarmChance(stable: ImportedTask, candidate: ImportedTask): number {
  const pooled =
    (stable.share * stable.items + candidate.share * candidate.items) /
    (stable.items + candidate.items);
  const variance = pooled * (1 - pooled) * (1 / stable.items + 1 / candidate.items);
  if (variance <= 0) return 1;
  return normalBelow((candidate.share - stable.share) / Math.sqrt(variance));
}
