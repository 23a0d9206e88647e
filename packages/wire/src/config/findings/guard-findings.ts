// Guards that are well-formed and could never speak, or not as they are written: windows without ticks, keys of the
// other kind of test, segments that nothing tells, prices that nobody declares.

import { OUTCOME_EVENTS } from "@slipway/core";
import { WINDOW_TICKS_MAX } from "../../policy.ts";
import {
  DEFAULT_GUARD_MIN_REQUESTS,
  DEFAULT_GUARD_WINDOW,
  DEFAULT_QUANTILE,
  DEFAULT_TICK,
} from "../defaults.ts";
import { entriesOf, keyAt, type Located, nodeAt } from "../document/located.ts";
import { durationOf, read, textOr } from "../document/node-value.ts";
import { error, type Finding, warning } from "../document/problem.ts";
import { quoted, readCount, readDuration, readNumber } from "../document/quantity.ts";
import { LATENCY_METRICS } from "../schemas/guard-schema.ts";

export function guardFindings(model: Located): readonly Finding[] {
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
  const tick = nodeAt(model, ["policy", "evidence", "tick"]);
  const tickMs = read(tick, readDuration) ?? durationOf(DEFAULT_TICK);
  // The default guards have the default window.
  if (guards === null) return windowFindings(tick, null, tickMs);
  return entriesOf(guards).flatMap(([, guard]) => [
    ...windowFindings(guard, nodeAt(guard, ["window"]), tickMs),
    ...(isThreshold(guard) ? thresholdFindings(guard) : testFindings(guard)),
    ...limitFindings(guard),
    ...segmentFindings(guard, model),
    ...priceFindings(guard, model),
  ]);
}

/** `place`: what is written of it, where the window is not; null where nothing is, and all is as by default. */
function windowFindings(
  place: Located | null,
  node: Located | null,
  tickMs: number,
): readonly Finding[] {
  const span = (node ?? place)?.span;
  if (span === undefined) return [];
  const windowMs = read(node, readDuration) ?? durationOf(DEFAULT_GUARD_WINDOW);
  if (windowMs > tickMs * WINDOW_TICKS_MAX) {
    return [
      error(
        span,
        `the window (${textOr(node, DEFAULT_GUARD_WINDOW)}) has more than ${WINDOW_TICKS_MAX} ticks of evidence, and every decision looks at all of them`,
        "make the window shorter, or the tick (policy.evidence.tick) longer",
      ),
    ];
  }
  if (windowMs >= tickMs) return [];
  return [
    error(
      span,
      `the window (${textOr(node, DEFAULT_GUARD_WINDOW)}) is shorter than a tick of evidence, so it would always be empty`,
      "make the window several ticks long, or the tick (policy.evidence.tick) shorter",
    ),
  ];
}

function metricOf(guard: Located): string {
  return String(nodeAt(guard, ["metric"])?.value);
}

function isThreshold(guard: Located): boolean {
  return nodeAt(guard, ["test"])?.value === "threshold";
}

function isLatency(guard: Located): boolean {
  return LATENCY_METRICS.some((metric) => metric === metricOf(guard));
}

/** A key that this guard has no use for. */
function foreign(guard: Located, key: string, message: string, fix: string): readonly Finding[] {
  const place = keyAt(guard, [key]);
  return place === null ? [] : [error(place, message, fix)];
}

function testFindings(guard: Located): readonly Finding[] {
  return foreign(
    guard,
    "min-requests",
    "a sequential guard has no min-requests: it waits for evidence, however many requests that takes",
    "remove it, or write test: threshold",
  );
}

function thresholdFindings(guard: Located): readonly Finding[] {
  const isErrors = OUTCOME_EVENTS.some((metric) => metric === metricOf(guard));
  if (!isErrors && !isLatency(guard)) {
    return foreign(
      guard,
      "test",
      `a threshold knows how requests end and how long they take, and nothing of ${metricOf(guard)}`,
      "remove this line: the guard is sequential then",
    );
  }
  const sequentialOnly = "remove it, or write test: sequential";
  const missing = isErrors && nodeAt(guard, ["difference"]) === null;
  return [
    ...(isErrors
      ? foreign(
          guard,
          "ratio",
          "a threshold on errors has no ratio: it compares the difference",
          "write a difference, or test: sequential",
        )
      : sampleFindings(guard)),
    ...foreign(
      guard,
      "limit",
      "a threshold has no limit of its own: it compares with stable",
      sequentialOnly,
    ),
    ...foreign(guard, "by-length", "a threshold compares answers of all lengths", sequentialOnly),
    ...foreign(guard, "weight", "a threshold has no part of false-alarm", sequentialOnly),
    ...(missing
      ? [error(guard.span, "difference is missing", "write a difference, such as 2%")]
      : []),
  ];
}

/** What is compared: stable by a ratio, or a limit. */
function limitFindings(guard: Located): readonly Finding[] {
  const has = (key: string): boolean => nodeAt(guard, [key]) !== null;
  if (has("limit") && isThreshold(guard)) return [];
  if (has("limit")) {
    return ["ratio", "difference"].flatMap((key) =>
      foreign(
        guard,
        key,
        `a guard with a limit has no ${key}: it does not compare with stable`,
        `remove ${key}, or write a second guard`,
      ),
    );
  }
  const ttft = metricOf(guard) === "ttft" && nodeAt(guard, ["by-length"])?.value === true;
  const length = ttft
    ? foreign(
        guard,
        "by-length",
        "a first token does not wait for how much comes after it: ttft has no by-length",
        "remove this line",
      )
    : [];
  if (!isLatency(guard) || has("ratio")) return length;
  return [
    ...length,
    error(
      guard.span,
      'a latency guard needs the key "ratio" or "limit"',
      "write ratio: 2 to break at twice stable's, or limit: 2s to break at two seconds",
    ),
  ];
}

/** A segment is a value of the first dimension. */
function segmentFindings(guard: Located, model: Located): readonly Finding[] {
  const node = nodeAt(guard, ["segment"]);
  const [first] = entriesOf(nodeAt(model, ["policy", "segments"]));
  if (node === null || first !== undefined) return [];
  return [
    error(
      node.span,
      `nothing tells requests of ${quoted(node.value)} apart: the policy has no segments`,
      "write policy.segments, with what they are told apart by first: language: {}",
    ),
  ];
}

function versionsOf(model: Located): readonly (readonly [string, Located])[] {
  return entriesOf(nodeAt(model, ["versions"]));
}

/** Cost is counted where both versions of a rollout declare their prices. */
function priceFindings(guard: Located, model: Located): readonly Finding[] {
  if (metricOf(guard) !== "cost") return [];
  const without = versionsOf(model).filter(([, version]) => nodeAt(version, ["prices"]) === null);
  if (without.length === 0) return [];
  const names = without.map(([name]) => name).join(", ");
  return [
    warning(
      (nodeAt(guard, ["metric"]) ?? guard).span,
      `cost cannot be counted in a rollout from or to ${names}: no prices`,
      "write prices: {input: …, output: …} in the versions, in US dollars for a million tokens",
    ),
  ];
}

/** What a version expects to change is judged by the guards that look at it. */
export function expectationFindings(model: Located): readonly Finding[] {
  const guards = nodeAt(model, ["policy", "guards"]);
  if (guards === null) return [];
  const watched = entriesOf(guards).map(([, guard]) => metricOf(guard));
  return versionsOf(model).flatMap(([, version]) => {
    const expect = nodeAt(version, ["expect"]);
    return entriesOf(expect).flatMap(([metric, node]) =>
      watched.includes(metric) || expect === null
        ? []
        : [
            warning(
              keyAt(expect, [metric]) ?? node.span,
              `no guard looks at ${metric}: what is expected of it is judged by nobody`,
              `write a guard with metric: ${metric}, or remove this line`,
            ),
          ],
    );
  });
}

/** A quantile needs enough values to have any above it: 100 for P99. */
function sampleFindings(guard: Located): readonly Finding[] {
  const node = nodeAt(guard, ["min-requests"]);
  const quantileNode = nodeAt(guard, ["quantile"]);
  const requests = read(node, readCount) ?? DEFAULT_GUARD_MIN_REQUESTS;
  if (node !== null && requests < 1) return [];
  const quantile = read(quantileNode, readNumber) ?? DEFAULT_QUANTILE;
  if (quantile >= 1 || quantile < 0.5) return [];
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
