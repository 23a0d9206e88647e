// A candidate that fails everybody at once: the cases that show it, and what must hold of the trip that follows. It is
// counted and told once, whoever comes after it is served by stable, and nobody is given the candidate's failure.

import { isDeepStrictEqual } from "node:util";
import { OUTCOMES, type TripReport } from "@slipway/core";
import type { Frame } from "@slipway/wire";
import type { GatewaySnapshot } from "../../src/snapshot.ts";
import { type FuzzCase, plainCase, type Script } from "./fuzz-case.ts";
import { caseSeed, SeededRandom } from "./seeded-random.ts";
import { TRIP_FAILURES } from "./shape.ts";

/** In every answer of the ill candidate that has words. */
const ILL = "the candidate is ill";
/** Failures before the first byte of an answer's body, which stable can answer for. */
const ILLNESSES: readonly Script[] = [
  said(`HTTP/1.1 500 Ill\r\nContent-Length: ${ILL.length}\r\n\r\n${ILL}`),
  said(`HTTP/1.1 502 Ill\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n${ILL}\r\n0\r\n\r\n`),
  said("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"),
  said("HTTP/1.1 302 Found\r\nLocation: http://x.test/\r\nContent-Length: 0\r\n\r\n"),
  said(`${ILL}\r\n\r\n`),
  { pieces: ["HTTP/1.1 200 OK\r\nContent-Le"], atLast: "end" },
  { pieces: ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"], atLast: "cut" },
];

function said(text: string): Script {
  return { pieces: [text], atLast: "stay" };
}

export type Burst = {
  /** What the candidate answers everybody. */
  readonly illness: Script;
  /** Each of another user. */
  readonly cases: readonly FuzzCase[];
  /** Those who come after the trip. */
  readonly late: readonly FuzzCase[];
};

export function burstOf(seed: number, index: number, size: number): Burst {
  const random = new SeededRandom(caseSeed(seed, index));
  const several = (count: number): readonly FuzzCase[] =>
    Array.from({ length: count }, (_, i) => plainCase(`burst ${index}, ${i}`, random));
  return { illness: random.pick(ILLNESSES), cases: several(size), late: several(4) };
}

export type AfterBurst = {
  readonly rolloutId: string;
  readonly states: readonly GatewaySnapshot[];
  /** Since the burst began. */
  readonly frames: readonly Frame[];
  /** Trips that the gateway's metrics have counted since then. */
  readonly counted: number;
  /** Requests that the candidate saw: of the burst, and of those who came late. */
  readonly atCandidate: number;
  readonly lateAtCandidate: number;
  /** What the clients of the burst got, and those who came late. */
  readonly got: readonly string[];
  readonly lateGot: readonly string[];
};

/** So many whom stable answered for the candidate: it has failed so often, and has to have been left. */
const SPARED_MIN = 2 * TRIP_FAILURES;

/** What does not hold after a burst. */
export function judgeBurst(after: AfterBurst): readonly string[] {
  const { atCandidate, counted, frames, got, lateAtCandidate, lateGot, rolloutId, states } = after;
  const found: string[] = [];
  const stay = states.filter(({ tripped }) => !tripped.includes(rolloutId)).length;
  const told = reportsOf(frames, rolloutId);
  const spared = got.filter((text) => text.startsWith("HTTP/1.1 200 ")).length;
  // On a busy machine most clients may have left before anything had failed.
  if (spared >= SPARED_MIN) {
    const numbers = `${atCandidate} came to it, and ${spared} were spared`;
    if (stay > 0) found.push(`${stay} of ${states.length} workers stay: ${numbers}`);
    if (told.size === 0) found.push(`the controller was told of no trip: ${numbers}`);
    if (lateAtCandidate > 0) found.push(`${lateAtCandidate} went on to it: ${numbers}`);
  }
  if ([...got, ...lateGot].some((text) => text.includes(ILL))) {
    found.push("a client got the candidate's failure");
  }
  if (counted !== told.size) found.push(`${counted} trips were counted, and ${told.size} told`);
  for (const [worker, reports] of told) {
    if (reports.length > 1) found.push(`${worker} told of a trip in ${reports.length} ways`);
    found.push(...reports.flatMap((report) => unlike(report, atCandidate)));
  }
  return found;
}

/** What each worker told of the rollout: the same in every frame, or it is here more than once. */
export function reportsOf(
  frames: readonly Frame[],
  rolloutId: string,
): ReadonlyMap<string, readonly TripReport[]> {
  const told = new Map<string, TripReport[]>();
  for (const { member, tripped } of frames) {
    for (const report of tripped) {
      if (report.rolloutId !== rolloutId) continue;
      const known = told.get(member.incarnation) ?? [];
      if (!known.some((one) => isDeepStrictEqual(one, report))) known.push(report);
      told.set(member.incarnation, known);
    }
  }
  return told;
}

function unlike(report: TripReport, atCandidate: number): readonly string[] {
  const { failures, limit, outcomes, stable, successes } = report;
  const sum = OUTCOMES.reduce((all, outcome) => all + (outcomes[outcome] ?? 0), 0);
  const all = failures + successes;
  const isRight =
    limit === TRIP_FAILURES &&
    failures - successes >= limit &&
    all <= atCandidate &&
    sum === failures &&
    // Stable does better: else nothing is to be gained there.
    2 * stable.failures * all <= failures * (stable.failures + stable.successes);
  return isRight ? [] : [`a report that cannot be: ${JSON.stringify(report)} of ${atCandidate}`];
}
