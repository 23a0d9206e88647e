// What is well-formed and still wrong: names that name nothing, ladders that do not climb, guards that could
// never speak. These look at whatever parts of the file can be read, so that one run reports everything.

import { WINDOW_TICKS_MAX } from "../policy.ts";
import {
  DEFAULT_GUARD_MIN_REQUESTS,
  DEFAULT_GUARD_WINDOW,
  DEFAULT_HORIZON,
  DEFAULT_QUANTILE,
  DEFAULT_TICK,
} from "./defaults.ts";
import { entriesOf, keyAt, type Located, nodeAt } from "./located.ts";
import { poolFindings } from "./pool-findings.ts";
import { error, type Finding, warning } from "./problem.ts";
import {
  quoted,
  type Reading,
  readCount,
  readDuration,
  readNumber,
  readShare,
} from "./quantity.ts";
import { segmentFindings } from "./segment-findings.ts";
import { nearest } from "./spelling.ts";
import { upstreamFindings } from "./upstream-findings.ts";

/** Whether an environment variable is set; null where nobody can tell. */
export type IsSet = ((name: string) => boolean) | null;

export function meaningFindings(root: Located, isSet: IsSet): readonly Finding[] {
  const models = entriesOf(nodeAt(root, ["models"])).flatMap(([, model]) => [
    ...stableFindings(model),
    ...entriesOf(nodeAt(model, ["versions"])).flatMap(([, v]) => upstreamFindings(v, isSet)),
    ...stageFindings(model),
    ...segmentFindings(model),
    ...evidenceFindings(model),
    ...guardFindings(model),
  ]);
  return [...poolFindings(root), ...models];
}

/** A value as its reader reads it; null where it is missing or wrong, which others report. */
function read<T>(node: Located | null, reader: (value: unknown) => Reading<T>): T | null {
  const reading = node === null ? null : reader(node.value);
  return reading?.ok === true ? reading.value : null;
}

function stableFindings(model: Located): readonly Finding[] {
  const stable = nodeAt(model, ["stable"]);
  const versions = entriesOf(nodeAt(model, ["versions"])).map(([id]) => id);
  if (typeof stable?.value !== "string" || versions.length === 0) return [];
  if (versions.includes(stable.value)) return [];
  const near = nearest(stable.value, versions);
  const fix = near === null ? `write one of: ${versions.join(", ")}` : `did you mean ${near}?`;
  return [
    error(
      stable.span,
      `stable names ${quoted(stable.value)}, which is not among the versions`,
      fix,
    ),
  ];
}

function stageFindings(model: Located): readonly Finding[] {
  const stages = nodeAt(model, ["policy", "stages"])?.items ?? [];
  const findings: Finding[] = [];
  let before: { share: number; text: string } | null = null;
  for (const stage of stages) {
    const node = nodeAt(stage, ["share"]);
    const share = read(node, readShare);
    if (node === null || share === null || share === 0) continue;
    const text = String(node.value);
    if (before !== null && share <= before.share) {
      findings.push(
        error(
          node.span,
          `this stage's ${text} is not more than the ${before.text} before it`,
          "stages grow strictly; a rollout steps back by itself or by command",
        ),
      );
    }
    before = { share, text };
  }
  const first = nodeAt(stages[0] ?? model, ["share"]);
  const unguarded = nodeAt(model, ["policy", "guards"])?.entries?.size === 0;
  if (first !== null && read(first, readShare) === 1 && !unguarded) {
    findings.push(
      error(
        first.span,
        "the first stage is 100%: there would be nobody on stable to compare with, and no guard could act",
        "begin with a smaller share, or write guards: {} for a move that nothing watches",
      ),
    );
  }
  const last = nodeAt(stages.at(-1) ?? model, ["share"]);
  const lastShare = read(last, readShare);
  if (stages.length > 0 && last !== null && lastShare !== null && lastShare < 1) {
    findings.push(
      error(
        last.span,
        `the last stage is ${String(last.value)}, not 100%`,
        "end the list with a stage of share: 100%",
      ),
    );
  }
  return findings;
}

function evidenceFindings(model: Located): readonly Finding[] {
  const tick = nodeAt(model, ["policy", "evidence", "tick"]);
  const horizon = nodeAt(model, ["policy", "evidence", "horizon"]);
  const tickMs = read(tick, readDuration) ?? durationOf(DEFAULT_TICK);
  const horizonMs = read(horizon, readDuration) ?? durationOf(DEFAULT_HORIZON);
  const place = horizon ?? tick;
  if (place === null || horizonMs >= tickMs) return [];
  return [
    error(
      place.span,
      `the horizon (${textOr(horizon, DEFAULT_HORIZON)}) is shorter than a tick (${textOr(tick, DEFAULT_TICK)})`,
      "make the horizon at least one tick; several are better",
    ),
  ];
}

function durationOf(text: string): number {
  const reading = readDuration(text);
  return reading.ok ? reading.value : 0;
}

function textOr(node: Located | null, fallback: string): string {
  return node === null ? fallback : String(node.value);
}

function guardFindings(model: Located): readonly Finding[] {
  const policy = nodeAt(model, ["policy"]);
  const guards = nodeAt(model, ["policy", "guards"]);
  if (policy !== null && guards?.entries?.size === 0) {
    return [
      warning(
        keyAt(policy, ["guards"]) ?? guards.span,
        "no guards: nothing rolls this model back by itself",
        "remove this line for the default guards, or write your own",
      ),
    ];
  }
  const tick = read(nodeAt(model, ["policy", "evidence", "tick"]), readDuration);
  const tickMs = tick ?? durationOf(DEFAULT_TICK);
  return entriesOf(guards).flatMap(([, guard]) => [
    ...windowFindings(guard, tickMs),
    ...(isThreshold(guard) ? sampleFindings(guard) : []),
    ...testFindings(guard),
  ]);
}

function windowFindings(guard: Located, tickMs: number): readonly Finding[] {
  const node = nodeAt(guard, ["window"]);
  const windowMs = read(node, readDuration) ?? durationOf(DEFAULT_GUARD_WINDOW);
  if (windowMs > tickMs * WINDOW_TICKS_MAX) {
    return [
      error(
        (node ?? guard).span,
        `the window (${textOr(node, DEFAULT_GUARD_WINDOW)}) has more than ${WINDOW_TICKS_MAX} ticks of evidence, and every decision looks at all of them`,
        "make the window shorter, or the tick (policy.evidence.tick) longer",
      ),
    ];
  }
  if (windowMs >= tickMs) return [];
  return [
    error(
      (node ?? guard).span,
      `the window (${textOr(node, DEFAULT_GUARD_WINDOW)}) is shorter than a tick of evidence, so it would always be empty`,
      "make the window several ticks long, or the tick (policy.evidence.tick) shorter",
    ),
  ];
}

function isThreshold(guard: Located): boolean {
  return nodeAt(guard, ["test"])?.value === "threshold";
}

/** Keys that only the other kind of test has. */
function testFindings(guard: Located): readonly Finding[] {
  const threshold = isThreshold(guard);
  const isErrors = nodeAt(guard, ["metric"])?.value === "errors";
  const key = threshold ? "ratio" : "min-requests";
  const place = threshold && !isErrors ? null : keyAt(guard, [key]);
  const foreign = threshold
    ? "a threshold on errors has no ratio: it compares the difference"
    : "a sequential guard has no min-requests: it waits for evidence, however many requests that takes";
  const fix = threshold
    ? "write a difference, or test: sequential"
    : "remove it, or write test: threshold";
  const missing = threshold && isErrors && nodeAt(guard, ["difference"]) === null;
  return [
    ...(place === null ? [] : [error(place, foreign, fix)]),
    ...(missing
      ? [error(guard.span, "difference is missing", "write a difference, such as 2%")]
      : []),
  ];
}

/** A quantile needs enough values to have any above it: 100 for P99. */
function sampleFindings(guard: Located): readonly Finding[] {
  const metric = nodeAt(guard, ["metric"])?.value;
  const node = nodeAt(guard, ["min-requests"]);
  const quantileNode = nodeAt(guard, ["quantile"]);
  const requests = read(node, readCount) ?? DEFAULT_GUARD_MIN_REQUESTS;
  if (node !== null && requests < 1) return [];
  const quantile = read(quantileNode, readNumber) ?? DEFAULT_QUANTILE;
  if (metric === "errors" || quantile >= 1 || quantile < 0.5) return [];
  const needed = Math.ceil(Math.round(1e6 / (1 - quantile)) / 1e6);
  if (requests >= needed) return [];
  const percentile = `P${Math.round(quantile * 10_000) / 100}`;
  return [
    error(
      (node ?? quantileNode ?? guard).span,
      `${requests} requests cannot tell a ${percentile}: it would be their slowest one`,
      `write min-requests: ${needed} or more, or a lower quantile`,
    ),
  ];
}
