// Models and members as people see them.

import type { Model } from "@slipway/core";
import type { MemberView, ModelView } from "@slipway/wire";
import { isLeased, type MemberRecord } from "../evidence/member.ts";
import { driftScheduled } from "../lapse/lapse.ts";
import { underWay } from "../world/draft.ts";
import type { KnownModel, World } from "../world/world.ts";

export function modelView({ model, warm }: KnownModel, world: World, nowMs: number): ModelView {
  return {
    name: model.name,
    stable: model.stable,
    versions: model.versions.map(({ id, fingerprint, upstreams }) => ({
      id,
      fingerprint,
      upstreams: upstreams.length,
    })),
    rollout: underWay(world.running, model.name)?.rollout.id ?? null,
    warm: warm !== null && warm.untilMs > nowMs ? warm : null,
    schedules: schedulesOf(model),
  };
}

/** Here, so that one question tells what is due of all models: what is wrong with one hides no other. */
function schedulesOf(model: Model): ModelView["schedules"] {
  const cron = model.drift?.schedule ?? null;
  return {
    drill: model.drill?.schedule ?? null,
    drift: cron === null ? null : { cron, versions: driftScheduled(model) },
  };
}

export function memberView(
  record: MemberRecord,
  leaseEndMonoMs: number,
  monoMs: number,
): MemberView {
  const { member } = record;
  return {
    incarnation: member.incarnation,
    gateway: member.gateway,
    worker: member.worker,
    state: stateOf(record),
    joinedAtMs: record.joinedAtMs,
    seenAtMs: record.seenAtMs,
    confirmedTable: record.confirmedTable,
    leaseLeftMs: isLeased(record) ? Math.max(0, leaseEndMonoMs - monoMs) : 0,
    candidateInFlight: Object.values(record.candidateInFlight).reduce((sum, n) => sum + n, 0),
    diverted: record.diverted,
    rowsDropped: record.rowsDropped,
  };
}

function stateOf(record: MemberRecord): MemberView["state"] {
  if (record.leftAtMs !== null) return "left";
  if (record.expiredAtMs !== null) return "expired";
  return isLeased(record) ? "leased" : "waiting";
}
