// A chart of lines over time as inline SVG: bands for the stages behind them, numbered marks for the decisions above, and a
// title and a description for those who do not see it.

import { element, type Markup, together } from "@slipway/status";
import { type Scale, timeScale } from "./scale.ts";

/** Null for no data: the line has a gap there. */
type Point = { readonly atMs: number; readonly value: number | null };

export type ChartLine = {
  readonly name: string;
  /** A class of the page's style. */
  readonly look: string;
  readonly points: readonly Point[];
};

export type Band = { readonly fromMs: number; readonly untilMs: number; readonly name: string };
export type Mark = { readonly atMs: number; readonly number: number; readonly text: string };

export type Chart = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly untilMs: number;
  readonly height: number;
  /** The scale of values, over the range from the bottom to the top that it is given. */
  readonly scale: (range: { readonly from: number; readonly to: number }) => Scale;
  readonly valueText: (value: number) => string;
  readonly lines: readonly ChartLine[];
  /** A level that lines are held against. */
  readonly level: { readonly value: number; readonly name: string } | null;
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
};

const LEFT = 56;
const RIGHT = 10;
const TOP = 24;
const BOTTOM = 22;
/** A name needs so much room in its band, and a mark of time so much on the axis. */
const BAND_NAME_WIDTH = 34;
const TIME_WIDTH = 64;
const MARK_RADIUS = 8;

export function chartSvg(chart: Chart, width: number): Markup {
  const { id, height, untilMs } = chart;
  const time = timeScale(untilMs, { from: LEFT, to: width - RIGHT }, (width - LEFT) / TIME_WIDTH);
  const values = chart.scale({ from: height - BOTTOM, to: TOP });
  const name = `${id}-${width}`;
  return element(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-labelledby": `${name}-title ${name}-text`,
    },
    element("title", { id: `${name}-title` }, chart.title),
    element("desc", { id: `${name}-text` }, chart.description),
    ...chart.bands.map((band, index) => bandOf(band, index, time, height)),
    ...values.marks.map((value) => gridLine(chart, value, values, width)),
    ...time.marks.map((ms) => timeMark(ms, time, height)),
    ...levelOf(chart, values, width),
    ...chart.lines.map((line) => lineOf(line, time, values)),
    ...chart.marks.map((mark) => markOf(mark, time, height)),
  );
}

function bandOf(
  { fromMs, untilMs, name }: Band,
  index: number,
  time: Scale,
  height: number,
): Markup {
  const [x, end] = [time.place(fromMs), time.place(untilMs)];
  const width = Math.max(0, end - x);
  const box = { x, y: TOP, width, height: height - TOP - BOTTOM };
  const rect = element("rect", { ...box, class: index % 2 === 0 ? "band" : "band odd" });
  if (width < BAND_NAME_WIDTH) return rect;
  return together(rect, element("text", { x: x + 4, y: TOP + 13, class: "band-name" }, name));
}

function gridLine({ valueText }: Chart, value: number, scale: Scale, width: number): Markup {
  const y = scale.place(value);
  return together(
    element("line", { x1: LEFT, x2: width - RIGHT, y1: y, y2: y, class: "grid" }),
    element("text", { x: LEFT - 6, y: y + 4, class: "value" }, valueText(value)),
  );
}

function timeMark(ms: number, scale: Scale, height: number): Markup {
  const minutes = Math.round(ms / 60_000);
  const text = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  return element("text", { x: scale.place(ms), y: height - 6, class: "time" }, text);
}

function levelOf({ level }: Chart, scale: Scale, width: number): readonly Markup[] {
  if (level === null) return [];
  const y = scale.place(level.value);
  return [
    element("line", { x1: LEFT, x2: width - RIGHT, y1: y, y2: y, class: "level" }),
    element("text", { x: width - RIGHT - 4, y: y - 5, class: "level-name" }, level.name),
  ];
}

function lineOf({ name, look, points }: ChartLine, time: Scale, values: Scale): Markup {
  let path = "";
  let isDown = false;
  for (const { atMs, value } of points) {
    if (value !== null) {
      const [x, y] = [time.place(atMs), values.place(value)].map((at) => Math.round(at * 10) / 10);
      path += `${isDown ? "L" : "M"}${x} ${y}`;
    }
    isDown = value !== null;
  }
  return element("path", { d: path, class: `line ${look}` }, element("title", {}, name));
}

function markOf({ atMs, number, text }: Mark, time: Scale, height: number): Markup {
  const x = time.place(atMs);
  return element(
    "g",
    { class: "mark" },
    element("title", {}, text),
    element("line", { x1: x, x2: x, y1: TOP - 4, y2: height - BOTTOM }),
    element("circle", { cx: x, cy: TOP - 12, r: MARK_RADIUS }),
    element("text", { x, y: TOP - 8 }, String(number)),
  );
}
