// What a recorded trace tells a scenario: how the rate changes over time, and how long prompts and answers are.
import type { Lengths } from "../population/lengths.ts";
import type { Trace } from "../population/trace.ts";
import type { RecordedRate, Scenario } from "./scenario.ts";

/** Finer than what a guard looks at would be drawn twice: the draws are random by themselves. */
const STEP_MS = 10_000;
/** A year of steps would be a list too long to be a rehearsal; what comes after is left out. */
const STEPS_MAX = 100_000;
/** As many requests of the trace, evenly apart, stand for the lengths of all of them. */
const LENGTHS_MAX = 2_000;

/** Scaled to the scenario's own requests a minute, in the mean over the whole trace. */
export function withRecordedRate(scenario: Scenario, trace: Trace): Scenario {
  return { ...scenario, traffic: { ...scenario.traffic, recorded: recordedRate(trace) } };
}

/** The last step counts as whole: a trace seldom ends on its edge, and one request is no silence. */
function recordedRate(trace: Trace): RecordedRate {
  const steps = Math.min(STEPS_MAX, Math.floor((trace.at(-1)?.atMs ?? 0) / STEP_MS) + 1);
  const counts = new Array<number>(steps).fill(0);
  for (const { atMs } of trace) {
    const step = Math.floor(atMs / STEP_MS);
    if (step < steps) counts[step] = (counts[step] ?? 0) + 1;
  }
  const mean = counts.reduce((sum, n) => sum + n, 0) / steps;
  return { stepMs: STEP_MS, factors: counts.map((n) => n / mean) };
}

/** Prompts and answers stay in pairs, as they were asked for together. */
export function recordedLengths(trace: Trace): Lengths {
  const every = Math.max(1, trace.length / LENGTHS_MAX);
  return Array.from({ length: Math.min(LENGTHS_MAX, trace.length) }, (_, index) => {
    const { promptTokens = 1, outputTokens = 1 } = trace[Math.floor(index * every)] ?? {};
    return { promptTokens, outputTokens };
  });
}
