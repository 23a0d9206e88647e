// What is well-formed and still wrong: names that name nothing, ladders that do not climb, guards that could
// never speak. These look at whatever parts of the file can be read, so that one run reports everything.

import { DEFAULT_HOLDBACK, DEFAULT_HORIZON, DEFAULT_STAGES, DEFAULT_TICK } from "../defaults.ts";
import { entriesOf, type Located, nodeAt } from "../document/located.ts";
import { durationOf, read, textOr } from "../document/node-value.ts";
import { error, type Finding } from "../document/problem.ts";
import { quoted, readDuration, readShare, shareNotation } from "../document/quantity.ts";
import { nearest } from "../document/spelling.ts";
import { preflightFindings } from "../preflight/preflight-findings.ts";
import { answerFindings } from "./answer-findings.ts";
import { expectationFindings, guardFindings } from "./guard-findings.ts";
import { notificationFindings } from "./notification-findings.ts";
import { poolFindings } from "./pool-findings.ts";
import { segmentFindings } from "./segment-findings.ts";
import { statusFindings } from "./status-findings.ts";
import { type IsSet, upstreamFindings } from "./upstream-findings.ts";

export function meaningFindings(root: Located, isSet: IsSet): readonly Finding[] {
  const models = entriesOf(nodeAt(root, ["models"])).flatMap(([, model]) => [
    ...stableFindings(model),
    ...entriesOf(nodeAt(model, ["versions"])).flatMap(([, v]) => upstreamFindings(v, isSet)),
    ...stageFindings(model),
    ...holdbackFindings(model),
    ...segmentFindings(model),
    ...evidenceFindings(model),
    ...answerFindings(model),
    ...guardFindings(model),
    ...expectationFindings(model),
    ...preflightFindings(model),
  ]);
  return [...poolFindings(root), ...statusFindings(root), ...notificationFindings(root), ...models];
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

/** With too many held back the stage of 100% would have no more users than the one before it. */
function holdbackFindings(model: Located): readonly Finding[] {
  const node = nodeAt(model, ["policy", "holdback"]);
  const held = readShare(node === null ? DEFAULT_HOLDBACK : node.value);
  const written = nodeAt(model, ["policy", "stages"]);
  const nodes = written?.items?.map((stage) => nodeAt(stage, ["share"]));
  const shares = nodes?.map((share) => share?.value) ?? DEFAULT_STAGES.map(({ share }) => share);
  const at = shares.findLastIndex((share) => partOf(share) < 1);
  const largest = partOf(shares[at]);
  const span = (node ?? nodes?.[at])?.span;
  if (!held.ok || span === undefined || held.value + largest < 1 - ROUNDING) return [];
  if (largest === 1) return [];
  const how = textOr(node, `${DEFAULT_HOLDBACK} where it is not written`);
  return [
    error(
      span,
      `holdback is ${how}, and a stage of ${String(shares[at])} comes before 100%: the last stage would have no more users than that`,
      `hold back less than ${shareNotation(1 - largest)}, or nobody: holdback: 0%`,
    ),
  ];
}

const ROUNDING = 1e-9;

/** All where it cannot be read, which others report. */
function partOf(share: unknown): number {
  const reading = readShare(share);
  return reading.ok ? reading.value : 1;
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
