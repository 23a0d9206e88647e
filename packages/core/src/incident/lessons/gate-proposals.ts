// What an incident's likeliest cause teaches the gates: one that is needed from now on, cases that it asks both versions, and a
// rehearsal of the way back with the same kind of failure.

import { DRILL_FAULT_TEXTS, type DrillFault } from "../../drill/drill-fault.ts";
import type { Policy } from "../../policy.ts";
import type { GateName } from "../../preflight/gate.ts";
import { counted, percentText } from "../../quantity.ts";
import type { CauseName, Hypothesis } from "../causes/hypothesis.ts";
import type { Incident } from "../incident.ts";
import { CASES_MAX } from "./cases.ts";
import type { CasesChange, LessonProposal } from "./lesson.ts";

export function gateProposals(
  hypothesis: Hypothesis,
  incident: Incident,
  policy: Policy,
): readonly LessonProposal[] {
  return [
    ...casesFor(hypothesis),
    ...drillFor(hypothesis),
    ...gateFor(hypothesis, incident, policy),
  ];
}

type CasesAsked = Pick<CasesChange, "kind" | "template"> &
  Partial<Pick<CasesChange, "inputTokens">> & { readonly name: string; readonly what: string };

function casesFor(hypothesis: Hypothesis): readonly LessonProposal[] {
  const { cause, text: why } = hypothesis;
  const found = cause === "input-length" ? longPrompt(hypothesis) : writtenCases(hypothesis);
  if (found === null) return [];
  const { name, what, ...change } = found;
  return [{ name, what, why, change: { inputTokens: null, cases: [], ...change } }];
}

/** What people write, since what users asked is not in the record. */
function writtenCases({ cause, data }: Hypothesis): CasesAsked | null {
  const group = data.rows[0]?.[0];
  const written = `up to ${CASES_MAX} that you write`;
  switch (cause) {
    case "incompatible":
      return {
        ...{ kind: "prompt-case", name: "prompt-incompatible", template: {} },
        what: `the gate prompts asks requests like those that were not taken: ${written}, with the parameter, format or name under "request"`,
      };
    case "over-refusal":
      return {
        ...{ kind: "benchmark-item", name: "items-refused" },
        template: { tags: ["refused"], expect: { refusal: false } },
        what: `the gate benchmark asks good prompts like those that were refused: ${written}, each to be answered`,
      };
    case "quality":
      return {
        ...{ kind: "benchmark-item", name: "items-disliked", template: { tags: ["disliked"] } },
        what: `the gate benchmark asks what users disliked the answers to: ${written}, each with what a right answer is`,
      };
    case "segment":
    case "who-is-missing":
      if (typeof group !== "string") return null;
      return {
        ...{ kind: "benchmark-item", name: `items-in-${group}`, template: { tags: [group] } },
        what: `the gate benchmark asks items of ${group}: ${written}, each with what a right answer is`,
      };
    default:
      return null;
  }
}

/** As the cause tells lengths of what failed. */
const QUANTILE = "tokens in, quantile";
const MEDIAN = 0.5;
const FAILED_COLUMN = 2;
/** A longer prompt than any model takes is no case. */
const TOKENS_MAX = 2_000_000;

/** As long as half of the requests that failed: nobody's words are needed for that. */
function longPrompt({ data }: Hypothesis): CasesAsked | null {
  if (data.head[0] !== QUANTILE) return null;
  const tokens = data.rows.find(([quantile]) => quantile === MEDIAN)?.[FAILED_COLUMN];
  if (typeof tokens !== "number" || tokens < 1 || tokens > TOKENS_MAX) return null;
  const inputTokens = Math.round(tokens);
  return {
    ...{ kind: "prompt-case", name: "prompt-length", inputTokens },
    template: { request: { max_tokens: 16 }, expect: { finish: ["stop", "length"] } },
    what: `the gate prompts asks a prompt of ${counted(inputTokens, "token")}, as long as half of the requests that failed`,
  };
}

/** What hangs, and what answers with errors, is seen in ways of its own. */
const DRILLS: { readonly [cause in CauseName]?: DrillFault } = { hang: "hang", errors: "errors" };
const DRILL_DAYS = 14;

function drillFor({ cause, text: why }: Hypothesis): readonly LessonProposal[] {
  const fault = DRILLS[cause];
  if (fault === undefined) return [];
  const what = `the gate drill needs the way back rehearsed with ${DRILL_FAULT_TEXTS[fault]} in the last ${DRILL_DAYS} days`;
  return [
    { name: `drill-${fault}`, what, why, change: { kind: "drill", fault, days: DRILL_DAYS } },
  ];
}

/** What a rollout cannot show before users are in it, and a gate can. */
const GATES: { readonly [cause in CauseName]?: readonly [GateName, string] } = {
  "load-dependent": ["load", "a load test shows it before anybody is in a stage of it"],
  accumulating: ["soak", "a soak of hours shows what a stage of minutes cannot"],
  "rate-limits": ["capacity", "capacity counts what both versions ask of a quota"],
  incompatible: ["prompts", "prompts with the same parameters are sent to both versions"],
  "input-length": ["prompts", "prompts of all lengths are sent to both versions"],
  "over-refusal": ["prompts", "good prompts that were refused become its cases"],
  quality: ["benchmark", "answers that users disliked become its items"],
  "token-inflation": ["prompts", "it counts the tokens of the same prompts on both versions"],
  slow: ["load", "a load test shows it before anybody is on it"],
};

function gateFor(
  { cause, text }: Hypothesis,
  incident: Incident,
  policy: Policy,
): readonly LessonProposal[] {
  const found = GATES[cause];
  if (found === undefined) return [];
  const [gate, how] = found;
  const share = cause === "load-dependent" ? shareAfter(incident, policy) : null;
  const least = share === null ? "" : `, at no less than ${percentText(share)} of the peak`;
  const change = { kind: "gate", gate, ...(share === null ? {} : { shareMin: share }) } as const;
  const what = `the gate ${gate} is needed${least}: ${how}`;
  return [{ name: `gate-${gate}`, what, why: text, change }];
}

/** The share of the stage after the one that broke: what was enough to break it shows too little. */
function shareAfter({ opening }: Incident, { stages }: Policy): number {
  const next = stages.find(({ percent }) => percent > opening.percent)?.percent ?? 100;
  return next / 100;
}
