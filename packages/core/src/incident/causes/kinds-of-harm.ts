// Causes that are told by the kind of harm itself: a filter that refuses, a quota that is spent, requests that the version
// does not take; and the kinds that only say how users were harmed, for when nothing says why.

import { SCORE_PREFIX } from "../../evidence/feedback.ts";
import { counted, percentText } from "../../quantity.ts";
import type { CauseFacts, CauseTest } from "./facts.ts";
import { KIND_HEAD, kindRows, MEMORY, shareOf } from "./harm.ts";
import { type CauseName, type Hypothesis, tested, untested } from "./hypothesis.ts";
import type { HarmKind } from "./reference.ts";

/** What names only how users were harmed counts half: whatever says why as well comes first. */
const HOW_FIT = 0.5;

type KindCause = {
  readonly cause: CauseName;
  readonly kinds: readonly HarmKind[];
  readonly fit: number;
  readonly text: string;
};

const KIND_CAUSES: readonly KindCause[] = [
  {
    cause: "over-refusal",
    kinds: ["refused"],
    fit: 1,
    text: "were refused, by the model or its filter, beyond what stable refuses",
  },
  {
    cause: "rate-limits",
    kinds: ["rate_limited"],
    fit: 1,
    text: "were refused for a limit: an account's quota, or a server's",
  },
  {
    cause: "hang",
    kinds: ["timeout", "overdue"],
    fit: HOW_FIT,
    text: "got no answer in time",
  },
  {
    cause: "truncation",
    kinds: ["truncated", "cut-off"],
    fit: HOW_FIT,
    text: "broke off before their end",
  },
  {
    cause: "garbage",
    kinds: ["invalid", "empty"],
    fit: HOW_FIT,
    text: "were empty, or not in the API's form",
  },
  {
    cause: "errors",
    kinds: ["server_error", "stream_error", "connect"],
    fit: HOW_FIT,
    text: "ended in an error of the server",
  },
];

export const KIND_TESTS: readonly CauseTest[] = KIND_CAUSES.map(
  (cause) => (facts) => ofKind(facts, cause),
);

function ofKind({ harm }: CauseFacts, { cause, kinds, fit, text }: KindCause): Hypothesis {
  return tested(cause, {
    share: harm.family === "requests" ? shareOf(harm, kinds) : 0,
    fit,
    text: `${kindText(harm, kinds)} ${text}`,
    data: { head: KIND_HEAD, rows: kindRows(harm, kinds) },
  });
}

/** "413 of 9,120 of the candidate's (4.53%; 92 expected)". */
export function kindText(harm: CauseFacts["harm"], kinds: readonly HarmKind[]): string {
  const own = harm.kinds.filter(({ kind }) => kinds.includes(kind));
  const [first] = own;
  if (first === undefined) return "none more of the candidate's requests than expected";
  const bad = own.reduce((sum, { candidate }) => sum + candidate.bad, 0);
  const expected = own.reduce((sum, one) => sum + one.expected, 0);
  const { n } = first.candidate;
  const where = first.segment === null ? "" : ` in ${first.segment}`;
  return `${bad.toLocaleString("en-US")} of the candidate's ${counted(n, "request")}${where} (${percentText(bad / Math.max(1, n))}; expected ${Math.round(expected).toLocaleString("en-US")})`;
}

/** What clients report of themselves. */
const OF_CLIENTS: readonly HarmKind[] = ["crashes", MEMORY];

export const clientSide: CauseTest = ({ harm, counts }) => {
  const reports = [...counts.during.candidate.values(), ...counts.past.candidate.values()].some(
    ({ feedback }) => (feedback?.health.reports ?? 0) > 0,
  );
  if (!reports) return untested("client-side", "no client reported its health");
  const share = harm.family === "labels" ? shareOf(harm, OF_CLIENTS) : 0;
  return tested("client-side", {
    share,
    fit: 1,
    text: `clients of the candidate report more crashes, or more memory, than stable's: ${reportsText(harm, OF_CLIENTS)}`,
    data: { head: KIND_HEAD, rows: kindRows(harm, OF_CLIENTS) },
  });
};

export const quality: CauseTest = ({ harm, counts }) => {
  const heard = [...counts.during.candidate.values(), ...counts.past.candidate.values()].some(
    ({ feedback }) => Object.keys(feedback?.tallies ?? {}).length > 0,
  );
  if (!heard) return untested("quality", "no feedback and no score was heard of any answer");
  const kinds = harm.kinds
    .map(({ kind }) => kind)
    .filter((kind) => kind === "acceptance" || kind === "rating" || kind.startsWith(SCORE_PREFIX));
  return tested("quality", {
    share: harm.family === "labels" ? shareOf(harm, kinds) : 0,
    fit: 1,
    text: `users take the candidate's answers less well than stable's: ${reportsText(harm, kinds)}`,
    data: { head: KIND_HEAD, rows: kindRows(harm, kinds) },
  });
};

function reportsText({ kinds }: CauseFacts["harm"], of: readonly HarmKind[]): string {
  const own = kinds.filter(({ kind }) => of.includes(kind));
  if (own.length === 0) return "none that stands out";
  return own
    .map(
      ({ kind, candidate, expected }) =>
        `${kind}: ${candidate.bad.toLocaleString("en-US")} bad of ${counted(candidate.n, "report")}, expected ${Math.round(expected).toLocaleString("en-US")}`,
    )
    .join("; ");
}
