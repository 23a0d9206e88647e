// Freezes in effect: what of the calendar and of operators' orders keeps a model's rollouts from moving forwards at a
// moment. Resolved where the clock is, and journaled, so that decisions are made again without any calendar.

import { type FreezeWindow, stretchAt } from "./freeze-window.ts";

/** Who did something, when and why. */
export type Said = { readonly atMs: number; readonly by: string; readonly reason: string };

/** A freeze that an operator ordered. */
export type FreezeOrder = {
  readonly id: string;
  /** Null freezes every model. */
  readonly model: string | null;
  readonly ordered: Said;
  /** Null until it is ended. */
  readonly untilMs: number | null;
  readonly ended: Said | null;
};

/** A freeze in effect. Times in milliseconds since the epoch. */
export type Freeze = {
  /** Of this stretch alone: the next weekend's freeze has another. */
  readonly key: string;
  /** A window's name; "ordered" where an operator did. */
  readonly name: string;
  readonly reason: string;
  readonly by: string | null;
  readonly sinceMs: number;
  /** Null where nobody has said. */
  readonly untilMs: number | null;
};

export type FreezeRules = {
  /** Of all models. */
  readonly windows: readonly FreezeWindow[];
  readonly modelWindows: readonly FreezeWindow[];
  readonly orders: readonly FreezeOrder[];
};

/** The freezes of a model at a moment. */
export function freezesAt(rules: FreezeRules, model: string, atMs: number): readonly Freeze[] {
  return [
    ...rules.orders.flatMap((order) =>
      (order.model ?? model) === model && isInEffect(order, atMs) ? [ofOrder(order)] : [],
    ),
    ...rules.windows.flatMap((window) => ofWindow("all", window, atMs)),
    ...rules.modelWindows.flatMap((window) => ofWindow("model", window, atMs)),
  ];
}

export function isInEffect({ ended, untilMs }: FreezeOrder, atMs: number): boolean {
  return ended === null && (untilMs === null || atMs < untilMs);
}

function ofOrder({ id, ordered, untilMs }: FreezeOrder): Freeze {
  const { atMs: sinceMs, by, reason } = ordered;
  return { key: id, name: "ordered", reason, by, sinceMs, untilMs };
}

function ofWindow(scope: "all" | "model", window: FreezeWindow, atMs: number): readonly Freeze[] {
  const stretch = stretchAt(window, atMs);
  if (stretch === null) return [];
  const { name, reason } = window;
  return [{ key: `${scope}/${name}@${stretch.sinceMs}`, name, reason, by: null, ...stretch }];
}
