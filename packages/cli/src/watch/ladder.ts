// The ladder: every stage as a rung on a track that fills as the rollout climbs, then bake, then done.

import type { Place, Stage } from "@slipway/core";
import type { RolloutView } from "@slipway/wire";
import { ink, type Line, padded, type Segment, type Style } from "./ink.ts";

/** Rung index of a place: stages in order, then bake, then done. */
function rungOf(place: Place | "preflight", stages: number): number {
  if (place === "preflight") return -1;
  return place === "bake" ? stages : place;
}

type Standing = {
  /** The rung it stands on; -1 before the first. */
  readonly rung: number;
  /** How far it has come towards the next rung, in [0, 1]. */
  readonly progress: number;
  readonly mark: string;
  readonly style: Style;
};

function standingOf(view: RolloutView): Standing {
  const { phase } = view;
  const stages = view.policy.stages.length;
  const at = (place: Place | "preflight"): number => rungOf(place, stages);
  switch (phase.kind) {
    case "preflight":
      return { rung: -1, progress: 0, mark: "○", style: "cyan" };
    case "stage":
      return { rung: phase.stage, progress: progressOf(view), mark: "◉", style: "cyan" };
    case "bake":
      return { rung: at("bake"), progress: progressOf(view), mark: "◉", style: "cyan" };
    case "paused":
      return { rung: at(phase.at), progress: 0, mark: "‖", style: "yellow" };
    case "stepping-back":
      return { rung: phase.stage, progress: 0, mark: "‹", style: "yellow" };
    case "rolling-back":
      return { rung: at(phase.from), progress: 0, mark: "‹", style: "red" };
    case "rolled-back":
      return { rung: at(phase.from), progress: 0, mark: "✗", style: "red" };
    case "completed":
      return { rung: stages + 1, progress: 1, mark: "✓", style: "green" };
  }
}

/** What is least far decides how far the stage is. */
function progressOf(view: RolloutView): number {
  const timed = view.requirements.filter(({ code }) => code === "hold" || code === "requests");
  return timed.length === 0 ? 0 : Math.min(...timed.map(({ progress }) => progress));
}

/** Two lines: the track, and the names of its rungs. */
export function ladder(view: RolloutView, width: number): readonly Line[] {
  const { stages, holdbackPercent } = view.policy;
  const standing = standingOf(view);
  const gap = Math.max(4, Math.min(16, Math.floor((width - 4 - 4) / (stages.length + 1)) - 1));
  const held = holdbackPercent === undefined ? "" : `−${holdbackPercent}%`;
  const stageName = ({ percent }: Stage): string =>
    percent === 100 && held.length < gap - 4 ? `100%${held}` : `${percent}%`;
  const names = [...stages.map(stageName), "bake", "done"];
  const track: Segment[] = [ink("  ")];
  const labels: Segment[] = [ink("  ")];
  for (const [rung, name] of names.entries()) {
    track.push(rungMark(rung, standing));
    if (rung < names.length - 1) track.push(...span(rung, standing, gap));
    const style = rung === standing.rung ? standing.style : rung < standing.rung ? "plain" : "dim";
    labels.push(ink(rung < names.length - 1 ? padded(name, gap + 1) : name, style));
  }
  return [track, labels];
}

function rungMark(rung: number, standing: Standing): Segment {
  if (rung === standing.rung) return ink(standing.mark, standing.style);
  return rung < standing.rung ? ink("●", passed(standing)) : ink("○", "dim");
}

/** What was climbed and lost again is no success any more. */
function passed(standing: Standing): Style {
  return standing.style === "red" ? "dim" : "green";
}

function span(rung: number, standing: Standing, gap: number): readonly Segment[] {
  if (rung < standing.rung) return [ink("━".repeat(gap), passed(standing))];
  if (rung > standing.rung) return [ink("╌".repeat(gap), "dim")];
  // The next rung is only touched by getting there, whatever else may hold the rollout.
  const filled = Math.min(gap - 1, Math.floor(standing.progress * gap));
  return [ink("━".repeat(filled), standing.style), ink("╌".repeat(gap - filled), "dim")];
}
