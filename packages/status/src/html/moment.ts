// Moments as the page writes them: in UTC, since a file cannot know where its reader is.

import { utcText } from "@slipway/core";
import { element, type Markup } from "./markup.ts";

export function moment(ms: number): Markup {
  return element("time", { datetime: isoText(ms) }, ms === 0 ? "–" : utcText(ms));
}

export function isoText(ms: number): string {
  return new Date(ms).toISOString();
}
