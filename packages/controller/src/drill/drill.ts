// Drills: a stand-in of a model for as long as one lasts, its rollout, and what is remembered of it with the model itself.

import {
  DRILL_MS_MAX,
  DRILL_VERSION,
  type DrillEnd,
  type DrillFault,
  type DrillOrder,
  type DrillRecord,
  type DrillUnderWay,
  drillModel,
  drillModelName,
  drillNotice,
  drillOutcome,
  fingerprintText,
  isFinished,
  type Rollout,
} from "@slipway/core";
import type { DrillMiss, DrillsView } from "@slipway/wire";
import { isScheduled, lapseOf, withMiss, withoutLapse } from "../lapse/lapse.ts";
import { notScheduled } from "../lapse/refusal.ts";
import { tell } from "../notify/outbox.ts";
import { commandRollout, startRollout } from "../orders/start.ts";
import type { Digest } from "../ports.ts";
import { unknownModel } from "../refusal.ts";
import { type Draft, deleteModel, mint, putModel } from "../world/draft.ts";
import type { KnownModel, World } from "../world/world.ts";
import { drillOfObserver, drillUnderWay, faultTooLate, noDrill } from "./refusal.ts";

/** Of one model; the oldest are forgotten first. */
const DRILLS_MAX = 50;
const DRILL = { check: "drill", version: null } as const;
/** Where slipway.yaml says nothing. */
const DRILL_DEFAULT: DrillOrder = {
  schedule: null,
  gateways: ["http://127.0.0.1:4700/v1"],
  keyEnv: null,
  detectMsMax: 60_000,
  confirmMsMax: 30_000,
};

export type Drilled = {
  readonly model: string;
  readonly by: string;
  /** Of the rollout, or of the one that would follow it. */
  readonly id: string;
  readonly nowMs: number;
};

export type StartingDrill = Drilled & { readonly fault: DrillFault };

export type ToldOfDrill = {
  /** Its rollout, where its evidence is closed already. */
  readonly closed: Rollout | null;
  readonly movedBy: DrillEnd["movedBy"];
  readonly brokenBy: DrillEnd["brokenBy"];
};

export function startDrill(draft: Draft, starting: StartingDrill, digest: Digest): DrillsView {
  const { model: name, by, id, fault, nowMs } = starting;
  const known = knownModel(draft, name);
  if (known.drilling !== undefined) throw drillUnderWay(name, known.drilling);
  if (known.model.policy.mode === "observe") throw drillOfObserver(name);
  const standIn = drillModel(known.model, (version) => digest(fingerprintText(version)));
  if (standIn === null || known.model.drillOf !== undefined) throw unknownModel(name);
  if (draft.models.has(standIn.name)) throw drillUnderWay(name, null);
  putModel(draft, { model: standIn, warm: null, mirror: null });
  const drilling: DrillUnderWay = { rollout: id, startedAtMs: nowMs, by, fault, faultAtMs: null };
  putModel(draft, { ...known, drilling });
  startRollout(
    draft,
    {
      model: standIn.name,
      to: DRILL_VERSION,
      by,
      reason: `a drill of ${name}`,
      // Nobody real is moved, and its traffic is next to nothing.
      override: "a drill moves no users",
      sharePools: true,
      id,
      nowMs,
    },
    digest,
  );
  return drillsView(draft, name);
}

/** From now on the fault is there: time counts from here. */
export function faultDrill(draft: Draft, name: string, nowMs: number): DrillsView {
  const known = knownModel(draft, name);
  const { drilling } = known;
  if (drilling === undefined) throw noDrill(name);
  if (drilling.faultAtMs === null) {
    // A fault that comes once its users have been taken back would be "seen" at once.
    const phase = draft.running.get(drilling.rollout)?.rollout.phase;
    if (phase?.kind !== "stage") throw faultTooLate(name, drilling);
    putModel(draft, { ...known, drilling: { ...drilling, faultAtMs: nowMs } });
  }
  return drillsView(draft, name);
}

/** Ends it, whatever it came to, and remembers what that was. */
export function endDrill(
  draft: Draft,
  drilled: Drilled,
  told: ToldOfDrill,
  digest: Digest,
): DrillsView {
  const known = knownModel(draft, drilled.model);
  if (known.drilling === undefined) throw noDrill(drilled.model);
  const { drilling, ...rest } = known;
  const record = recordOf(draft, known, told, drilled);
  const drills = [...(known.drills ?? []), record].slice(-DRILLS_MAX);
  const ended = { ...rest, drills };
  // One that never came to its fault has rehearsed nothing: as a drill that failed people are told of it, and a lapse goes on.
  const hasRun = drilling.faultAtMs !== null;
  putModel(draft, hasRun ? withoutLapse(draft, ended, DRILL, drilled.nowMs) : ended);
  if (!record.passed) tell(draft, [drillNotice(drilled.model, record)]);
  takeBack(draft, drilling, drilled, digest);
  return drillsView(draft, drilled.model);
}

/** A drill by schedule that nobody could run. */
export function missDrill(
  draft: Draft,
  name: string,
  { because }: DrillMiss,
  nowMs: number,
): DrillsView {
  const known = knownModel(draft, name);
  if (!isScheduled(known.model, DRILL)) throw notScheduled(`drills of ${name}`);
  const workedAtMs = known.drills?.findLast(({ detectMs }) => detectMs !== null)?.atMs ?? null;
  putModel(draft, withMiss(draft, known, { ...DRILL, because, workedAtMs }, nowMs));
  return drillsView(draft, name);
}

export function drillsView({ models }: Pick<World, "models">, name: string): DrillsView {
  const known = models.get(name);
  if (known === undefined) throw unknownModel(name);
  return {
    model: name,
    standIn: drillModelName(name),
    order: known.model.drill ?? DRILL_DEFAULT,
    drilling: known.drilling ?? null,
    drills: known.drills ?? [],
    lapse: lapseOf(known, DRILL),
    horizonMs: known.model.policy.evidence.horizonMs,
  };
}

function recordOf(
  draft: Draft,
  { model, drilling }: KnownModel,
  told: ToldOfDrill,
  { nowMs, by }: Drilled,
): DrillRecord {
  if (drilling === undefined) throw noDrill(model.name);
  const order = model.drill ?? DRILL_DEFAULT;
  const rollout = draft.running.get(drilling.rollout)?.rollout ?? told.closed;
  const members = [...draft.members.values()].filter(
    ({ leftAtMs, expiredAtMs }) => leftAtMs === null && expiredAtMs === null,
  ).length;
  if (rollout === null) {
    const because = "nothing is known of its rollout";
    const none = { detectMs: null, confirmMs: null, expired: [] };
    const { rollout: drill, fault } = drilling;
    return { rollout: drill, atMs: nowMs, by, fault, passed: false, because, ...none };
  }
  return {
    ...drillOutcome(drilling, rollout.phase, order, {
      members,
      movedBy: told.movedBy,
      brokenBy: told.brokenBy,
      horizonMs: model.policy.evidence.horizonMs,
    }),
    atMs: nowMs,
    by,
  };
}

/** Takes the stand-in away; where its users are still on the candidate, once they have been taken off it. */
function takeBack(
  draft: Draft,
  { rollout: id }: DrillUnderWay,
  { model, by, nowMs, id: newId }: Drilled,
  digest: Digest,
): void {
  const running = draft.running.get(id);
  const isOver = running === undefined || isFinished(running.rollout.phase);
  if (isOver) {
    deleteModel(draft, drillModelName(model));
    mint(draft, nowMs);
    return;
  }
  if (running.rollout.phase.kind === "rolling-back") return;
  const body = { command: "rollback" as const, by, reason: "the drill has ended" };
  commandRollout(draft, running, { body, newId, nowMs }, digest);
}

/** Models with a drill that nobody has ended in time, or with a stand-in whose users have been taken back since. */
export function leftBehind(
  { models, running }: Pick<World, "models" | "running">,
  nowMs: number,
): readonly string[] {
  const open = new Set(
    [...running.values()]
      .filter(({ rollout }) => !isFinished(rollout.phase))
      .map(({ rollout }) => rollout.model),
  );
  return [...models.values()]
    .filter(({ model, drilling }) => {
      if (drilling !== undefined) return nowMs - drilling.startedAtMs > DRILL_MS_MAX;
      const standIn = drillModelName(model.name);
      return models.get(standIn)?.model.drillOf === model.name && !open.has(standIn);
    })
    .map(({ model }) => model.name);
}

export function endLeftBehind(
  draft: Draft,
  { model, ...rest }: Omit<Drilled, "by">,
  told: ToldOfDrill,
  digest: Digest,
): void {
  const drilling = draft.models.get(model)?.drilling;
  if (drilling !== undefined) {
    endDrill(draft, { model, by: drilling.by, ...rest }, told, digest);
    return;
  }
  deleteModel(draft, drillModelName(model));
  mint(draft, rest.nowMs);
}

function knownModel({ models }: Pick<World, "models">, name: string): KnownModel {
  const known = models.get(name);
  if (known === undefined) throw unknownModel(name);
  return known;
}
