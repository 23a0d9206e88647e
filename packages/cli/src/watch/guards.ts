// Each guard with what it measured against its limit. A threshold's bar is full at the limit, a sequential guard's
// at its alarm.

import { durationText, type Guard, measureText, scaleText, type Verdict } from "@slipway/core";
import type { RolloutView } from "@slipway/wire";
import { bar, ink, type Line, padded, type Segment, type Style } from "./ink.ts";
import { sequentialGuard } from "./sequential-guard.ts";

const NAME_WIDTH_MAX = 20;
const BAR_WIDTH = 16;
/** Narrower terminals get a shorter bar and fewer words. */
const WIDE = 100;

const MARKS: { readonly [status in Verdict["status"]]: readonly [string, Style] } = {
  pass: ["✓", "green"],
  fail: ["✗", "red"],
  wait: ["…", "yellow"],
};

export function guards(view: RolloutView, width: number): readonly Line[] {
  const names = view.policy.guards.map(({ id }) => [...id].length);
  const nameWidth = Math.min(NAME_WIDTH_MAX, Math.max(6, ...names));
  const verdicts = verdictsOf(view);
  if (verdicts.length === 0) {
    return view.policy.guards.map(({ id }) => [
      ink("  "),
      ink(`· ${padded(id, nameWidth)}`, "dim"),
    ]);
  }
  const known = new Map(view.policy.guards.map((guard) => [guard.id, guard]));
  const lines = verdicts.map((verdict) =>
    line(verdict, known.get(verdict.guard), nameWidth, width >= WIDE),
  );
  const caution = verdicts.find((verdict) => verdict.caution !== undefined)?.caution;
  return caution === undefined ? lines : [...lines, [ink(`  ${caution}`, "dim")]];
}

/** While it moves back, and when it has finished, nothing is judged: what was judged last stays. */
function verdictsOf({ verdicts, recent }: RolloutView): readonly Verdict[] {
  if (verdicts.length > 0) return verdicts;
  for (const { event } of recent.toReversed()) {
    if ((event.type === "moved" || event.type === "looked") && event.look !== null) {
      return event.look.verdicts;
    }
  }
  return [];
}

function line(verdict: Verdict, guard: Guard | undefined, nameWidth: number, wide: boolean): Line {
  const barWidth = wide ? BAR_WIDTH : BAR_WIDTH / 2;
  const [mark, style] = MARKS[verdict.status];
  const name = [ink("  "), ink(mark, style), ink(` ${padded(verdict.guard, nameWidth)}  `)];
  if (verdict.finding !== undefined) {
    // What may never be heard, and has not been, is no bar that could fill.
    if (verdict.status === "wait" && !verdict.holds) {
      return [...name, ink("·".repeat(barWidth), "dim"), ink(`  ${verdict.text}`, "dim")];
    }
    const limit = guard?.declared === true ? "declared limit" : "limit";
    return [...name, ...sequentialGuard(verdict, verdict.finding, { barWidth, wide, limit })];
  }
  if (verdict.status === "wait") {
    return [
      ...name,
      ink("·".repeat(barWidth), "dim"),
      ink(`  waiting: ${verdict.text} in ${durationText(guard?.windowMs ?? 0)}`, "dim"),
    ];
  }
  const { filled, empty } = bar(fractionOf(verdict), barWidth);
  return [
    ...name,
    ink(filled, verdict.status === "fail" ? "red" : closeTo(verdict)),
    ink(empty, "dim"),
    ink(
      `  ${padded(measuredText(verdict), 9, "right")}`,
      verdict.status === "fail" ? "red" : "bold",
    ),
    ink(` of ${scaleText(verdict, verdict.limit)}`),
    ...arms(verdict, wide),
  ];
}

/** From zero to the limit; a candidate that never finishes is beyond it. */
function fractionOf({ measured, limit, candidate }: Verdict): number {
  if (measured === null) return candidate.over ? 1 : 0;
  return limit <= 0 ? Number(measured > 0) : measured / limit;
}

function closeTo(verdict: Verdict): Style {
  return fractionOf(verdict) >= 0.8 ? "yellow" : "green";
}

function measuredText(verdict: Verdict): string {
  const { measured, candidate } = verdict;
  if (measured === null) return candidate.over ? "unbounded" : "–";
  return scaleText(verdict, measured);
}

/** The two arms behind the number, and how many requests it rests on. */
function arms({ unit, candidate, stable, baseline }: Verdict, wide: boolean): readonly Segment[] {
  const text = (arm: Verdict["stable"]): string =>
    arm.over ? "beyond horizon" : measureText(unit, arm);
  const [here, there] = [candidate, stable].map(({ n }) => n.toLocaleString("en-US"));
  const requests = wide ? `${here} and ${there} requests` : `${here}/${there}`;
  const kept = baseline === "kept" ? ", kept baseline" : "";
  return [ink(`  ${text(candidate)} against ${text(stable)}`), ink(` (${requests}${kept})`, "dim")];
}
