// renderWatch: one view of a rollout as lines of text. Pure, so that a terminal, a test and a demo show the same.

import { type Because, becauseText, counted, durationText, isFinished } from "@slipway/core";
import type { OpenPage, RolloutView } from "@slipway/wire";
import { ageText, momentText, pageText, phaseText } from "../text/rollout-text.ts";
import { controls } from "./controls.ts";
import { decisions } from "./decisions.ts";
import { guards } from "./guards.ts";
import { fitted, ink, justified, type Line, painted, type Style } from "./ink.ts";
import { ladder } from "./ladder.ts";
import { requirements } from "./requirements.ts";
import { traffic } from "./traffic.ts";
import { trends } from "./trends.ts";

export type WatchFrame = {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
  /** Milliseconds since the epoch, for ages. */
  readonly nowMs: number;
};

const WIDTH_MIN = 60;
const WIDTH_MAX = 140;

export function renderWatch(view: RolloutView, frame: WatchFrame): readonly string[] {
  const width = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, frame.width));
  const lines: readonly Line[] = [
    title(view, frame.nowMs, width),
    [],
    ...ladder(view, width),
    [],
    [ink("  "), ink(phaseText(view), phaseStyle(view))],
    ...controls(view),
    ...requirements(view),
    ...reason(view),
    [],
    ...section("guards", guards(view, width)),
    ...section("trends", trends(view)),
    ...section("traffic", traffic(view, width)),
    ...section("gateways", [gateways(view)]),
    ...section("last decisions", decisions(view, frame.nowMs)),
  ];
  return lines.map((line) => painted(fitted(line, frame.width), frame.colour));
}

function title(view: RolloutView, nowMs: number, width: number): Line {
  const until = isFinished(view.phase) ? view.phase.sinceMs : nowMs;
  return justified(
    [ink("  "), ink(view.model, "bold"), ink(`  ${view.from} → `, "dim"), ink(view.to, "cyan")],
    [ink(`${view.id}  ${ageText(until - view.startedAtMs)}`, "dim")],
    width,
  );
}

function phaseStyle({ phase }: RolloutView): Style {
  if (phase.kind === "completed") return "green";
  if (phase.kind === "rolling-back" || phase.kind === "rolled-back") return "red";
  return phase.kind === "paused" || phase.kind === "stepping-back" ? "yellow" : "bold";
}

const REASON_STYLES: { readonly [code: string]: Style } = {
  guard: "red",
  trend: "red",
  split: "yellow",
  representative: "yellow",
  tripped: "red",
  ask: "yellow",
  approval: "yellow",
  frozen: "yellow",
  "would-roll-back": "red",
  "would-step-back": "yellow",
};

function reasonStyle({ code, page }: Because): Style {
  return page === true ? "red" : (REASON_STYLES[code] ?? "plain");
}

/** Why it stands or moves, where the requirements above do not say so already. */
function reason(view: RolloutView): readonly Line[] {
  const { pages } = view;
  if (pages.length > 0) return pages.map(pageLine);
  const because = lastCauseOf(view) ?? view.decision.because;
  const said =
    !because.code.startsWith("would-") &&
    view.requirements.some(({ code, text }) => code !== "guard" && because.text.includes(text));
  if (said || because.text === "") return [];
  return [reasonLine(because)];
}

function pageLine(page: OpenPage): Line {
  return [ink("  "), ink(pageText(page), page.acknowledged === null ? "red" : "yellow")];
}

function reasonLine(because: Because): Line {
  return [ink("  "), ink(becauseText(because), reasonStyle(because))];
}

/** A rollout that was stopped or turned back says why that happened, not why it waits. */
function lastCauseOf({ phase, from, recent }: RolloutView): Because | null {
  const turned = ["paused", "stepping-back", "rolling-back", "rolled-back"].includes(phase.kind);
  const last = turned ? recent.findLast(({ event }) => event.type === "moved") : undefined;
  if (phase.kind === "completed") {
    const until = momentText(phase.warmUntilMs);
    return { code: "warm", text: `${from} is kept warm for a revert until ${until}` };
  }
  return last?.event.type === "moved" ? last.event.cause.because : null;
}

function section(name: string, lines: readonly Line[]): readonly Line[] {
  if (lines.length === 0) return [];
  return [[ink("  "), ink(name.toUpperCase(), "dim")], ...lines, []];
}

function gateways(view: RolloutView): Line {
  const { table, drainedMs, lateRequests } = view;
  const { of, confirmed, expired } = view.gateways;
  const all = confirmed >= of;
  const late =
    expired.length === 0 ? [] : [ink(`  lease expired: ${expired.join(", ")}`, "yellow")];
  const tooLate =
    lateRequests === 0
      ? []
      : [ink(`  ${counted(lateRequests, "request")} reported too late to count`, "yellow")];
  const drained =
    drainedMs === null ? [] : [ink(`  candidate drained in ${durationText(drainedMs)}`, "dim")];
  if (of === 0) return [ink("  · none is connected", "yellow"), ...late];
  return [
    ink("  "),
    ink(all ? "✓" : "·", all ? "green" : "yellow"),
    ink(` ${confirmed} of ${counted(of, "worker")} confirmed table ${table}`),
    ...late,
    ...drained,
    ...tooLate,
  ];
}
