// Going back to a stable that may not be able to take everybody: it fails, refuses for a limit, or has become slow. Then
// what can wait is shed, a person is paged, and no more is moved at once than a stage, unless the candidate is plainly
// broken: whoever is on such a candidate is better off on a stable that is slow.

import type { Evidence } from "../evidence/evidence.ts";
import { addArmSum, emptyArmSum } from "../evidence/window.ts";
import type { Verdict } from "../guards/verdict.ts";
import { stableWorseText, worseIn } from "./common-cause.ts";
import type { Because, Move } from "./event.ts";
import type { Rollout } from "./rollout.ts";

/** So much larger a share of its requests than of stable's fails on a candidate that is plainly broken. */
const PLAINLY_BROKEN_DIFFERENCE = 0.25;
/** In the newest ticks: what was good before would hide it. */
const LATELY_TICKS = 3;

export type StrainedReturn = { readonly move: Move; readonly because: Because };

/** Null where nothing says that stable cannot take everybody. `back`: the stage before, see `stepBackOf`. */
export function strainedReturn(
  rollout: Rollout,
  evidence: Evidence,
  { because, verdict }: { readonly because: Because; readonly verdict: Verdict },
  back: () => Move,
): StrainedReturn | null {
  if (worseIn(rollout, evidence.stableLevel).length === 0) return null;
  const isBroken = isPlainlyBroken(evidence, verdict);
  const move: Move = isBroken ? { kind: "roll-back" } : back();
  const how =
    move.kind === "roll-back"
      ? "everybody goes back all the same"
      : "so one stage goes back, and not everybody at once";
  const text = `${because.text}; but ${stableWorseText(rollout, evidence)}: ${how}, and mirrors and background requests are shed`;
  return { move, because: { ...because, code: "strained", text, page: true } };
}

function isPlainlyBroken({ window }: Evidence, { candidate, stable }: Verdict): boolean {
  if (candidate.over && !stable.over) return true;
  const sums = { candidate: emptyArmSum(), stable: emptyArmSum() };
  for (const entry of window.slice(-LATELY_TICKS)) {
    addArmSum(sums.candidate, entry.candidate);
    addArmSum(sums.stable, entry.stable);
  }
  const rate = ({ bad, counted }: { bad: number; counted: number }): number =>
    bad / Math.max(1, counted);
  return rate(sums.candidate) - rate(sums.stable) >= PLAINLY_BROKEN_DIFFERENCE;
}
