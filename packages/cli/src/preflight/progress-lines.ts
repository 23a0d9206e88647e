// How far a preflight is, on standard error: one line that is redrawn on a terminal, a line a gate elsewhere.

import type { GateResult } from "@slipway/core";
import type { GateProgress } from "@slipway/preflight";
import type { Terminal } from "../terminal.ts";
import { withoutControls } from "./outcome-text.ts";

const CLEAR_LINE = "\r\u001b[2K";

export type ProgressLines = {
  readonly started: (gate: string) => void;
  readonly progress: (progress: GateProgress) => void;
  readonly ended: (result: GateResult) => void;
  readonly clear: () => void;
};

export function progressLines(terminal: Terminal): ProgressLines {
  const { live, err, columns } = terminal;
  const redraw = (line: string): void => {
    if (!live) return;
    err(`${CLEAR_LINE}${[...withoutControls(line)].slice(0, columns() - 1).join("")}`);
  };
  const clear = (): void => {
    if (live) err(CLEAR_LINE);
  };
  return {
    started: (gate) => (live ? redraw(`${gate} …`) : err(`${gate} …\n`)),
    progress: ({ gate, done, of, text }) =>
      redraw(`${gate} ${of === null ? "" : `${done}/${of} `}${text}`),
    ended: ({ gate, outcome, because }) => {
      clear();
      err(`${gate}: ${outcome}: ${because}\n`);
    },
    clear,
  };
}
