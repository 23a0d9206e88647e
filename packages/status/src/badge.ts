// A small picture of how it is, for other pages: words on a colour, and grey where nobody knows.

import type { Indicator } from "@slipway/core";
import { element } from "./html/markup.ts";

const COLOURS: Readonly<Record<Indicator | "unknown", string>> = {
  none: "#1f7a3d",
  maintenance: "#2a5d9b",
  minor: "#8a5a00",
  major: "#b04a0a",
  critical: "#b3261e",
  unknown: "#5a5f69",
};
const HEIGHT = 22;
/** Of the letters that it is written in, as far as a file can know. */
const LETTER_WIDTH = 7;
const MARGIN = 16;

export function badgeSvg(indicator: Indicator | "unknown", text: string): string {
  const width = text.length * LETTER_WIDTH + MARGIN;
  const { html } = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height: HEIGHT,
      role: "img",
      "aria-label": text,
    },
    element("title", {}, text),
    element("rect", { width, height: HEIGHT, rx: 4, fill: COLOURS[indicator] }),
    element(
      "text",
      {
        x: width / 2,
        y: 15,
        fill: "#ffffff",
        "font-family": "Verdana,DejaVu Sans,sans-serif",
        "font-size": 12,
        "text-anchor": "middle",
      },
      text,
    ),
  );
  return `${html}\n`;
}
