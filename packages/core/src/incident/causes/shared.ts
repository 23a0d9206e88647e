// A shared cause: stable is harmed as well, against its own past, by something that both versions need. What a limit
// refuses on both is the limit's.

import { percentText } from "../../quantity.ts";
import { type CauseTest, OF_LABELS } from "./facts.ts";
import { KIND_HEAD, kindRows, shareOf } from "./harm.ts";
import { clipped, sureness, tested, untested } from "./hypothesis.ts";
import { expectationOf, testedIn } from "./reference.ts";

/** Requests of stable before the harm, and during it, without which they say nothing: few are left beside everybody. */
const PAST_MIN = 200;
const NOW_MIN = 30;

export const shared: CauseTest = ({ counts, harm }) => {
  if (harm.family === "labels") return untested("shared", OF_LABELS);
  const { past, during } = counts;
  let [rise, variance, own] = [0, 0, 0];
  let isSeen = false;
  for (const { kind } of harm.kinds) {
    const [usual, now, candidate] = [past.stable, during.stable, during.candidate].map((sums) =>
      testedIn(sums, kind, counts),
    );
    if (usual === undefined || now === undefined || candidate === undefined || now.n === 0)
      continue;
    isSeen ||= usual.n >= PAST_MIN && now.n >= NOW_MIN;
    const { expected, variance: chance } = expectationOf(now, usual);
    rise += (now.bad - expected) / now.n;
    variance += chance / now.n ** 2;
    own += (candidate.bad - expectationOf(candidate, usual).expected) / Math.max(1, candidate.n);
  }
  if (!isSeen)
    return untested(
      "shared",
      "stable has too few requests before the harm, or during it, to be held against its past",
    );
  const part = own <= 0 ? 0 : clipped(rise / own);
  const limits = shareOf(harm, ["rate_limited"]);
  return tested("shared", {
    share: part,
    fit: sureness(rise / Math.sqrt(Math.max(variance, 1e-12))) * (1 - limits),
    text: `${percentText(Math.max(0, rise))} more of stable's requests are harmed than before, and ${percentText(Math.max(0, own))} of the candidate's`,
    data: {
      head: KIND_HEAD,
      rows: kindRows(
        harm,
        harm.kinds.map(({ kind }) => kind),
      ),
    },
  });
};
