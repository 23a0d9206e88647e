// Whether the split is what the stage says: a sequential test on requests assigned, on requests completed and on users.
// A candidate whose clients crash, or whose requests get lost before anybody counts them, looks well in every guard
// and shows here alone.

import { DISTINCT_ERROR, distinctCount } from "../distinct.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { evidenceText, percentText } from "../quantity.ts";
import { candidateSlotsOf } from "../rollout/phase.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { SLOTS } from "../slots.ts";
import { sampleRatioLogE } from "../statistics/sample-ratio.ts";
import { spreadOf } from "./spread.ts";

export type SplitTest = {
  readonly of: "requests" | "completed" | "users";
  readonly candidate: number;
  readonly stable: number;
  /** The candidate's part of both. */
  readonly share: number;
  /** Natural log of the evidence that this is not what the stage says. */
  readonly logE: number;
  /** Whether it is surely off, and by enough to matter. */
  readonly isOff: boolean;
};

export type SplitFinding = {
  /** The stage's share. */
  readonly wanted: number;
  /** What evidence from requests is divided by, since users send unevenly. */
  readonly spread: number;
  readonly tests: readonly SplitTest[];
  readonly isOff: boolean;
  readonly text: string;
};

/** An innocent split ever gets there with a chance of 0.1% at most. */
export const SPLIT_LOG_NEEDED: number = Math.log(1_000);
/** A share that is off by less of the smaller arm's does not matter, however sure it is. */
const OFF_MIN = 0.05;

/** Null where nothing is split, or nobody came yet. */
export function splitOf(rollout: Rollout, evidence: Evidence): SplitFinding | null {
  const wanted = candidateSlotsOf(rollout.phase, rollout.policy) / SLOTS;
  const { lot } = evidence;
  const { candidate, stable } = lot;
  if (wanted <= 0 || wanted >= 1 || lot.stageTable !== rollout.stageTable) return null;
  if (candidate.assigned + stable.assigned === 0) return null;
  const spread = spreadOf(evidence);
  const users = [distinctCount(candidate.users), distinctCount(stable.users)] as const;
  const requests = testOf("requests", [candidate.assigned, stable.assigned], wanted, 1 / spread);
  const completed = testOf(
    "completed",
    [candidate.completed, stable.completed],
    wanted,
    1 / spread,
  );
  const people = testOf("users", users, wanted, usersWeight(users[0] + users[1], wanted));
  const tests = [requests, completed, people];
  return {
    wanted,
    spread,
    tests,
    isOff: tests.some(({ isOff }) => isOff),
    text: textOf(wanted, { requests, completed, people }, lot),
  };
}

function testOf(
  of: SplitTest["of"],
  [candidate, stable]: readonly [number, number],
  wanted: number,
  weight: number,
): SplitTest {
  const n = candidate + stable;
  const share = n === 0 ? wanted : candidate / n;
  const logE = sampleRatioLogE([candidate * weight, stable * weight], [wanted, 1 - wanted]);
  const off = Math.abs(share - wanted) / Math.min(wanted, 1 - wanted);
  return { of, candidate, stable, share, logE, isOff: logE >= SPLIT_LOG_NEEDED && off > OFF_MIN };
}

/** Users are estimated from sketches; they count as the fewer draws that would be as uncertain. */
function usersWeight(users: number, wanted: number): number {
  const chance = wanted * (1 - wanted);
  const drawing = chance / Math.max(1, users);
  return drawing / (drawing + 2 * (chance * DISTINCT_ERROR) ** 2);
}

type Tests = {
  readonly requests: SplitTest;
  readonly completed: SplitTest;
  readonly people: SplitTest;
};

function textOf(wanted: number, tests: Tests, lot: Evidence["lot"]): string {
  const { requests, completed, people } = tests;
  const says = `the stage says ${percentText(wanted)}`;
  if (requests.isOff) {
    const what = requests.share < wanted ? "lacks" : "gets more than its";
    return `the candidate ${what} requests: ${percentText(requests.share)} of those split by lot, ${says} (${proofText(requests)}); who is missing is judged by nobody`;
  }
  if (completed.isOff) {
    return `the candidate gets its share and completes another: ${rateText(lot.candidate)} of its requests came to their end, of stable's ${rateText(lot.stable)} (${proofText(completed)}); the rest failed, crashed or was left`;
  }
  if (people.isOff) {
    return `the candidate has ${percentText(people.share)} of users, ${says} (${proofText(people)})`;
  }
  const strongest = [requests, completed, people].reduce((a, b) => (b.logE > a.logE ? b : a));
  return `the split is as planned (${proofText(strongest)})`;
}

function proofText({ of, logE }: SplitTest): string {
  return `evidence against it ${evidenceText(logE)} of 1000, by ${of}`;
}

function rateText({ assigned, completed }: Evidence["lot"]["stable"]): string {
  return percentText(completed / Math.max(1, assigned));
}
