// What a controller has to do with right now, for its gauges.

import { type Check, decide } from "@slipway/core";
import type { MemberView, OpenPage } from "@slipway/wire";
import { openPagesOf } from "./page.ts";
import { memberView } from "./view/model-view.ts";
import type { Running, World } from "./world/world.ts";

export type ControllerState = {
  /** Those that still move, or still absorb the evidence of their last requests; drills are none. */
  readonly rollouts: readonly {
    readonly model: string;
    readonly phase: string;
    readonly pages: readonly OpenPage[];
    readonly lateRequests: number;
  }[];
  readonly members: readonly MemberView["state"][];
  readonly table: number;
  /** What has yet to be delivered, by target. */
  readonly notifications: readonly {
    readonly target: string;
    readonly pending: number;
    readonly waitedMs: number;
  }[];
  /** What a schedule asks for and does not happen. */
  readonly lapses: readonly {
    readonly model: string;
    readonly check: Check;
    readonly isTold: boolean;
    readonly forMs: number;
  }[];
};

export function stateOf(world: World, now: { nowMs: number; monoMs: number }): ControllerState {
  const { members, leases } = world;
  return {
    rollouts: [...world.running.values()].filter(isForUsers).map((running) => {
      const { rollout, lateRequests } = running;
      const pages = openPagesOf(decide(running, now.nowMs).decision, running);
      return { model: rollout.model, phase: rollout.phase.kind, pages, lateRequests };
    }),
    members: [...members.values()].map((record) => {
      const endMs = leases.get(record.member.incarnation) ?? 0;
      return memberView(record, endMs, now.monoMs).state;
    }),
    table: world.table.number,
    notifications: waiting(world, now.nowMs),
    lapses: lapsed(world, now.nowMs),
  };
}

function isForUsers({ rollout }: Running): boolean {
  return rollout.drill !== true;
}

/** Targets that nothing waits for are there with none. */
function waiting({ outbox }: World, nowMs: number): ControllerState["notifications"] {
  const pending = [...outbox.pending.values()];
  const known = outbox.settings.targets.map(({ name }) => name);
  return [...new Set([...known, ...pending.map(({ target }) => target)])].map((target) => {
    const own = pending.filter((one) => one.target === target);
    const oldestMs = Math.min(nowMs, ...own.map(({ notice }) => notice.atMs));
    return { target, pending: own.length, waitedMs: nowMs - oldestMs };
  });
}

function lapsed({ models }: World, nowMs: number): ControllerState["lapses"] {
  return [...models.values()].flatMap(({ model, lapses = [] }) =>
    lapses.map(({ check, toldAtMs, sinceMs }) => {
      return { model: model.name, check, isTold: toldAtMs !== null, forMs: nowMs - sinceMs };
    }),
  );
}
