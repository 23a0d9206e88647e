// Forecasts on their way from being made to being scored: which stage each was of, and from when to when it lasted.

import type { Move } from "./event.ts";
import type { Foreseen, Rollout } from "./rollout.ts";

/** Not scored so far; those of stages that had too few requests to be scored stay until others take their place. */
const FORESEEN_MAX = 4;

/** The stage that is left ends here, and a forecast of the one that begins waits to be scored. */
export function foreseenAfter(
  { forecast, foreseen }: Rollout,
  move: Move,
  atMs: number,
): Pick<Rollout, "forecast" | "foreseen"> {
  const ended = foreseen.map((one) =>
    one.toMs === null ? { ...one, toMs: atMs, fromMs: one.fromMs ?? atMs } : one,
  );
  const isOf = move.kind === "advance" && forecast?.stage === move.stage;
  const begun = isOf && forecast !== null ? [{ forecast, fromMs: null, toMs: null }] : [];
  return { forecast: null, foreseen: [...ended, ...begun].slice(-FORESEEN_MAX) };
}

/** Every gateway routes by the new stage. */
export function begunForeseen({ foreseen }: Rollout, atMs: number): readonly Foreseen[] {
  return foreseen.map((one) =>
    one.fromMs === null && one.toMs === null ? { ...one, fromMs: atMs } : one,
  );
}

export function withoutScored(foreseen: readonly Foreseen[], stage: number): readonly Foreseen[] {
  const index = foreseen.findIndex(
    ({ forecast, toMs }) => forecast.stage === stage && toMs !== null,
  );
  return index < 0 ? foreseen : foreseen.toSpliced(index, 1);
}
