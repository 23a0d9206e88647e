// When something strikes, as a scenario's file writes it.
import { duration } from "@slipway/wire/config";
import type { z } from "zod";
import type { Spell } from "./scenario.ts";

/** The keys of whatever comes and goes. */
export const spell: {
  readonly from: z.ZodPrefault<z.ZodType<number>>;
  readonly until: z.ZodOptional<z.ZodType<number>>;
  readonly every: z.ZodOptional<z.ZodType<number>>;
} = {
  from: duration("Since the start of the rollout.").prefault("0ms"),
  until: duration("Since the start of the rollout; to the end without it.").optional(),
  every: duration("Begins again after so long.", { min: 60_000 }).optional(),
};

export type WrittenSpell = {
  readonly from: number;
  readonly until?: number | undefined;
  readonly every?: number | undefined;
};

export function spellOf({ from, until, every }: WrittenSpell): Spell {
  return {
    fromMs: from,
    untilMs: until ?? Number.MAX_SAFE_INTEGER,
    everyMs: every ?? null,
  };
}
