// Freezes as people see them: what holds now, what comes next, and which orders are over.

import {
  type FreezeOrder,
  type FreezeWindow,
  isInEffect,
  stretchAfter,
  stretchAt,
} from "@slipway/core";
import type { FreezeView } from "@slipway/wire";
import type { World } from "../world/world.ts";

const RANK: { readonly [state in FreezeView["state"]]: number } = {
  "in-effect": 0,
  "to-come": 1,
  over: 2,
};

/** What holds now first, then by what comes soonest, then the latest that is over. */
export function freezeViews(
  { freezes, models }: Pick<World, "freezes" | "models">,
  nowMs: number,
): readonly FreezeView[] {
  return [
    ...freezes.orders.map((order) => ofOrder(order, nowMs)),
    ...freezes.windows.map((window) => ofWindow(null, window, nowMs)),
    ...[...models.values()].flatMap(({ model }) =>
      (model.freeze ?? []).map((window) => ofWindow(model.name, window, nowMs)),
    ),
  ].sort(
    (a, b) =>
      RANK[a.state] - RANK[b.state] ||
      ((a.sinceMs ?? 0) - (b.sinceMs ?? 0)) * (a.state === "over" ? -1 : 1),
  );
}

function ofOrder(order: FreezeOrder, nowMs: number): FreezeView {
  const { model, ordered, untilMs, ended } = order;
  return {
    model,
    name: "ordered",
    reason: ordered.reason,
    by: ordered.by,
    state: isInEffect(order, nowMs) ? "in-effect" : "over",
    sinceMs: ordered.atMs,
    untilMs: ended?.atMs ?? untilMs,
    zone: null,
    ended,
  };
}

function ofWindow(model: string | null, window: FreezeWindow, nowMs: number): FreezeView {
  const { name, reason, zone } = window;
  const current = stretchAt(window, nowMs);
  const stretch = current ?? stretchAfter(window, nowMs);
  return {
    model,
    name,
    reason,
    by: null,
    state: current !== null ? "in-effect" : stretch !== null ? "to-come" : "over",
    sinceMs: stretch?.sinceMs ?? null,
    untilMs: stretch?.untilMs ?? null,
    zone,
    ended: null,
  };
}
