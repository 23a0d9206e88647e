// What must hold before the rollout may climb, each with how far it has come. Guards have their own place.

import type { Requirement } from "@slipway/core";
import type { RolloutView } from "@slipway/wire";
import { bar, ink, type Line, padded } from "./ink.ts";

const BAR_WIDTH = 20;
const TEXT_WIDTH = 38;

export function requirements(view: RolloutView): readonly Line[] {
  return view.requirements.filter(({ code }) => code !== "guard").map(requirement);
}

function requirement({ code, met, progress, text }: Requirement): Line {
  const mark = met ? ink("✓", "green") : ink("·", "yellow");
  if (met || (code !== "hold" && code !== "requests")) {
    return [ink("  "), mark, ink(" "), ink(text, met ? "dim" : "plain")];
  }
  const { filled, empty } = bar(progress, BAR_WIDTH);
  return [
    ink("  "),
    mark,
    ink(` ${padded(text, Math.max(TEXT_WIDTH, [...text].length))} `),
    ink(filled, "cyan"),
    ink(empty, "dim"),
    ink(padded(`${Math.floor(progress * 100)}%`, 5, "right")),
  ];
}
