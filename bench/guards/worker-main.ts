// A process that plays rollouts of a case: its name and seeds come in, courses go out.
import { holdbackLine, policyOf } from "../default-policy.ts";
import { CASES } from "./cases.ts";
import { type Course, courseOf } from "./world.ts";

export type Order = {
  readonly name: string;
  readonly firstSeed: number;
  readonly seeds: number;
  /** Another holdback than the default. */
  readonly holdback?: string;
};

export type Played = { readonly courses: readonly Course[] };

process.on("message", ({ name, firstSeed, seeds, holdback }: Order) => {
  const found = CASES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}`);
  const world = { ...found.world, policy: policyOf(holdbackLine(holdback)) };
  const courses = Array.from({ length: seeds }, (_, index) => courseOf(world, firstSeed + index));
  const played: Played = { courses };
  process.send?.(played);
});
