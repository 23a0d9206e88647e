// Three ways to show a rollout as it goes: on a terminal, as lines in a log, as JSON for a program.

import type { RolloutView } from "@slipway/wire";
import type { Context } from "../terminal.ts";
import { changeLines } from "./change-line.ts";
import { ink, painted } from "./ink.ts";
import { renderWatch } from "./render-watch.ts";
import { Screen } from "./screen.ts";

export type Watcher = {
  readonly show: (view: RolloutView) => void;
  /** The controller is gone for now. */
  readonly lost: (message: string) => void;
  readonly end: () => void;
};

/** Ages grow also while nothing else happens. */
const REDRAW_MS = 1_000;

export function screenWatcher(context: Context): Watcher {
  const { terminal } = context;
  const screen = new Screen(terminal);
  let view: RolloutView | null = null;
  let notice: string | null = null;
  const lines = (): readonly string[] => {
    if (view === null) return [];
    const frame = { width: terminal.columns(), colour: terminal.colour, nowMs: context.nowMs() };
    const picture = renderWatch(view, frame);
    return notice === null
      ? picture
      : [
          ...picture.slice(0, 1),
          painted([ink(`  ${notice}`, "yellow")], terminal.colour),
          ...picture.slice(2),
        ];
  };
  const redraw = (): void => screen.draw(lines());
  const timer = setInterval(redraw, REDRAW_MS);
  const forget = terminal.onResize(() => {
    screen.resized();
    redraw();
  });
  return {
    show: (newest) => {
      view = newest;
      notice = null;
      redraw();
    },
    lost: (message) => {
      notice = message;
      redraw();
    },
    end: () => {
      clearInterval(timer);
      forget();
      screen.end(lines());
    },
  };
}

export function lineWatcher({ terminal }: Context): Watcher {
  let sequence = 0;
  let lost = false;
  return {
    show: (view) => {
      if (lost) terminal.err("slipway: the controller answers again\n");
      lost = false;
      for (const line of changeLines(view, sequence)) terminal.out(`${line}\n`);
      sequence = view.recent.at(-1)?.sequence ?? sequence;
    },
    lost: (message) => {
      if (!lost) terminal.err(`slipway: ${message}\n`);
      lost = true;
    },
    end: () => {},
  };
}

/** One JSON object per line: every view that differs from the one before. */
export function jsonWatcher({ terminal }: Context): Watcher {
  let before = "";
  return {
    show: (view) => {
      const text = JSON.stringify(view);
      if (text !== before) terminal.out(`${text}\n`);
      before = text;
    },
    lost: (message) => terminal.err(`${JSON.stringify({ notice: message })}\n`),
    end: () => {},
  };
}
