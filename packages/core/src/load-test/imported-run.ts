// What another tool found when it sent a version load, as far as it can prove something; and whether that carries the load
// that is asked about.

import type { EvidenceGrade } from "../preflight/evidence.ts";
import { counted, durationText } from "../quantity.ts";
import { judgeLoad, type LoadJudgement, rateText } from "./judge-load.ts";
import { LAG_FIGURE, OWN_FIGURE } from "./load-figures.ts";
import type { LoadQuestion } from "./load-test.ts";
import type { Shot } from "./shot.ts";
import { stepSummary } from "./step-summary.ts";

/** Of what was answered: P99 in milliseconds, null where it is not told. */
export type LoadSums = {
  readonly requests: number;
  readonly failed: number;
  readonly totalMs: number | null;
  readonly ttftMs: number | null;
  readonly tpotMs: number | null;
};

/** At one rate. */
export type ImportedRun = {
  readonly tool: string;
  /** Requests a second that were sent, whatever became of the others; null where one was sent when another had ended. */
  readonly perSecond: number | null;
  /** A: request by request, from when each was due. B: from when it was sent. C: in sums, or not by a schedule. */
  readonly grade: EvidenceGrade;
  /** Why it proves no more. */
  readonly because: string | null;
  readonly found:
    | { readonly kind: "shots"; readonly shots: readonly Shot[] }
    | { readonly kind: "sums"; readonly sums: LoadSums };
};

const OF_LAG: readonly string[] = [LAG_FIGURE, OWN_FIGURE];
/** A run is at the load where its rate is no further from it. */
const NEAR = 0.05;
/** Of a run, what is not counted: queues fill, caches warm. */
const DROPPED = 0.2;

export type ImportedLoad = LoadJudgement & { readonly grade: EvidenceGrade };

export function judgeImportedLoad(
  question: LoadQuestion,
  runs: readonly ImportedRun[],
): ImportedLoad {
  const grade = runs.reduce<EvidenceGrade>(
    (worst, run) => (run.grade > worst ? run.grade : worst),
    "A",
  );
  return { ...decided(question, runs), grade };
}

/** A run whose rate is known, and what it shows. */
type Rated = { readonly perSecond: number; readonly run: ImportedRun };

function decided(question: LoadQuestion, runs: readonly ImportedRun[]): LoadJudgement {
  const { perSecond } = question;
  const rated = runs
    .flatMap((run): Rated[] => (run.perSecond === null ? [] : [{ perSecond: run.perSecond, run }]))
    .sort((a, b) => a.perSecond - b.perSecond);
  const within = rated.filter((one) => one.perSecond <= (1 + NEAR) * perSecond);
  const broken = within
    .map((one) => judgedRun(question, one))
    .find(({ outcome }) => outcome === "fail");
  if (broken !== undefined) return broken;
  const at = rated.find((one) => one.perSecond >= (1 - NEAR) * perSecond);
  if (at === undefined) return unmeasured(question, runs, rated);
  const judged = judgedRun(question, at);
  const rate = rateText(at.perSecond);
  if (judged.outcome === "fail") {
    const because = `${judged.because}; but that is more than the ${rateText(perSecond)} that are asked about`;
    return { ...judged, outcome: "inconclusive", because };
  }
  if (judged.outcome !== "pass" || at.run.grade !== "C") return withDoubt(judged, at.run);
  const because = `the run at ${rate} can keep it from passing and not let it pass: ${at.run.because}`;
  return { ...judged, outcome: "inconclusive", because };
}

/** What is not known is told: how late a request was sent that nobody says when it was due. */
function withDoubt(judged: LoadJudgement, { tool, because, grade }: ImportedRun): LoadJudgement {
  const figures =
    grade === "A" ? judged.figures : judged.figures.filter(({ name }) => !OF_LAG.includes(name));
  const doubt = because === null ? "" : `; ${because}`;
  return { ...judged, figures, because: `${judged.because}, by ${tool}${doubt}` };
}

function unmeasured(
  { perSecond }: LoadQuestion,
  runs: readonly ImportedRun[],
  rated: readonly Rated[],
): LoadJudgement {
  const highest = rated.at(-1);
  const asked = rateText(perSecond);
  const unscheduled = runs.find((run) => run.perSecond === null)?.because ?? "there is no run";
  const because =
    highest === undefined
      ? `no run has a rate that could be held against ${asked}: ${unscheduled}`
      : `the runs end at ${rateText(highest.perSecond)}, below the ${asked} that are asked about`;
  return { outcome: "inconclusive", because, figures: [] };
}

function judgedRun(question: LoadQuestion, { perSecond, run }: Rated): LoadJudgement {
  if (run.found.kind === "sums") return bySums(question, perSecond, run.found.sums);
  const { shots } = run.found;
  const dueMs = shots.map((shot) => shot.dueMs);
  const startMs = dueMs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const endMs = dueMs.reduce((a, b) => Math.max(a, b), 0);
  const countFromMs = startMs + DROPPED * (endMs - startMs);
  const step = { multiple: 1, perSecond, startMs, countFromMs, endMs };
  return judgeLoad({
    question: { ...question, perSecond },
    steps: [stepSummary(step, 0, shots, question.limits)],
    capacity: null,
    predicted: [],
  });
}

/** Failures are in no percentile, and nobody says how sure a percentile is. */
function bySums(
  { limits, errorsMax }: LoadQuestion,
  perSecond: number,
  { requests, failed, totalMs, ttftMs, tpotMs }: LoadSums,
): LoadJudgement {
  const rate = rateText(perSecond);
  const held = [
    { name: "P99 latency", value: totalMs, limit: limits.totalMsMax },
    { name: "P99 TTFT", value: ttftMs, limit: limits.ttftMsMax },
    { name: "P99 time per token", value: tpotMs, limit: limits.tpotMsMax },
  ];
  const figures = held.flatMap(({ name, value, limit }) =>
    value === null
      ? []
      : [
          {
            name,
            value,
            unit: "ms",
            interval: null,
            limit,
            holds: limit === null ? null : value <= limit,
            of: null,
          },
        ],
  );
  const over = held.find(({ value, limit }) => value !== null && limit !== null && value > limit);
  const share = requests === 0 ? 0 : failed / requests;
  if (over !== undefined) {
    const because = `${over.name} is ${durationText(over.value ?? 0)} at ${rate}, limit ${durationText(over.limit ?? 0)}`;
    return { outcome: "fail", because, figures };
  }
  if (share > errorsMax) {
    const because = `${failed} of ${counted(requests, "request")} failed at ${rate}`;
    return { outcome: "fail", because, figures };
  }
  return { outcome: "pass", because: `within its limits at ${rate}`, figures };
}

/** So soon after an answer had ended is because it had. */
const AT_ONCE_MS = 10;
const NEARLY_ALWAYS = 0.9;

/**
 * Whether a request was nearly always sent just when another had ended, and because of that. Such a loop waits for a
 * server that stalls, and nobody is charged with it.
 */
export function isClosedLoop(shots: readonly Pick<Shot, "sentMs" | "lastMs">[]): boolean {
  const ends = shots.flatMap(({ lastMs }) => (lastMs === null ? [] : [lastMs])).sort(ascending);
  const starts = shots.flatMap(({ sentMs }) => (sentMs === null ? [] : [sentMs])).sort(ascending);
  let ended = 0;
  const following = starts.filter((startMs) => {
    while ((ends[ended] ?? Number.POSITIVE_INFINITY) <= startMs) ended++;
    return ended > 0 && startMs - (ends[ended - 1] ?? 0) <= AT_ONCE_MS;
  });
  // Before the first one ends they are sent to fill the places.
  const begun = starts.filter((startMs) => startMs >= (ends[0] ?? 0)).length;
  return begun > 0 && following.length >= NEARLY_ALWAYS * begun;
}

function ascending(a: number, b: number): number {
  return a - b;
}
