// Starting a rollout, and what an operator's command does to one.

import {
  apply,
  type CommandRequest,
  can,
  decide,
  emptyEvidence,
  freezeText,
  type GateAtStart,
  guardsFor,
  type Model,
  moveOf,
  type Neighbour,
  NO_CONTROLS,
  type Policy,
  placeOf,
  type Rollout,
  type RolloutEvent,
  requestsNeeded,
  sharedPoolsOf,
  skippedApproval,
  type Version,
  withBaseline,
  withLessons,
} from "@slipway/core";
import type { CommandBody, StartRequest } from "@slipway/wire";
import { append, appendMove, write } from "../journal/journal.ts";
import { EMPTY_TAIL } from "../journal/journal-tail.ts";
import { lookOf } from "../journal/look.ts";
import type { Digest } from "../ports.ts";
import { gatesAtStart } from "../preflight/preflight.ts";
import {
  candidateIsStable,
  frozen,
  movedOn,
  noBaseline,
  noStages,
  notPossible,
  poolInUse,
  rolloutUnderWay,
  unknownModel,
  unknownVersion,
} from "../refusal.ts";
import { type Draft, mint, putRollout, underWay } from "../world/draft.ts";
import type { Running, World } from "../world/world.ts";
import { controlEventOf, controlsAtStart, isControl } from "./control.ts";
import { freezesOf, recordFreezes } from "./freeze.ts";
import { besideRollout } from "./pool-users.ts";

export type Starting = StartRequest & { readonly id: string; readonly nowMs: number };

/** Starts a rollout of a model to a version, in preflight. */
export function startRollout(draft: Draft, starting: Starting, digest: Digest): Running {
  const model = startableModel(draft, starting);
  if (model.policy.stages.length === 0) throw noStages(model.name);
  const { nowMs } = starting;
  const freezes = freezesOf(draft, model.name, nowMs);
  const [first] = freezes;
  if (first !== undefined && starting.override === undefined) {
    throw frozen(model.name, freezeText(first));
  }
  const beside = besideRollout(draft, model, [model.stable, starting.to]);
  if (beside.length > 0 && starting.sharePools !== true) throw poolInUse(model.name, beside);
  const gates = gatesAtStart(draft, model, {
    to: starting.to,
    by: starting.by,
    overrides: starting.withoutGates ?? [],
    nowMs,
  });
  const controls = controlsAtStart(starting, model.policy, freezes, nowMs);
  return begin(
    draft,
    model,
    { policy: policyFor(model, starting.to), controls, beside, gates },
    starting,
    digest,
  );
}

/** The policy of one rollout: its guards know what the candidate declares that it will change. */
export function policyFor(model: Model, candidate: string): Policy {
  const versionOf = (id: string): Version | undefined =>
    model.versions.find((version) => version.id === id);
  const [from, to] = [versionOf(model.stable), versionOf(candidate)];
  if (from === undefined || to === undefined) return model.policy;
  return { ...model.policy, guards: guardsFor(model.policy.guards, { from, to }) };
}

function startableModel(draft: Draft, { model: name, to }: StartRequest): Model {
  const model = movableModel(draft, name, to);
  const other = underWay(draft.running, name);
  if (other !== undefined) throw rolloutUnderWay(name, other.rollout.id);
  return model;
}

/** A model that has such a version, and does not serve it already; with what was learnt of it, and its limits. */
export function movableModel({ models }: Pick<World, "models">, name: string, to: string): Model {
  const found = models.get(name);
  if (found === undefined) throw unknownModel(name);
  const learnt = withLessons(found.model, found.lessons ?? []);
  const model = withBaseline(learnt, found.baselines?.at(-1) ?? null);
  const known = model.versions.map(({ id }) => id);
  if (!known.includes(to)) throw unknownVersion(name, to, known);
  if (model.stable === to) throw candidateIsStable(name, to);
  return model;
}

/** What a rollout starts with, as its journal keeps it. */
type Terms = Pick<Rollout, "policy" | "controls"> & {
  readonly beside: readonly Neighbour[];
  readonly gates: readonly GateAtStart[];
};

function begin(
  draft: Draft,
  model: Model,
  { policy, controls, beside, gates }: Terms,
  { id, to, by, reason, nowMs }: Starting,
  digest: Digest,
): Running {
  const event: RolloutEvent = {
    type: "started",
    atMs: nowMs,
    // The table in which the rollout first appears, with no slots yet: from it on there is evidence.
    table: draft.table.number + 1,
    rollout: {
      ...{ id, model: model.name, from: model.stable, to, policy, startedBy: by, reason },
      controls,
      ...sharing(model, to),
      ...(beside.length === 0 ? {} : { beside }),
      ...(gates.length === 0 ? {} : { gates }),
      ...(model.drillOf === undefined ? {} : { drill: true as const }),
    },
  };
  const running: Running = {
    rollout: apply(null, event),
    evidence: emptyEvidence(event.table),
    tail: EMPTY_TAIL,
    tickHash: "",
    pending: new Map(),
    lateRequests: 0,
  };
  putRollout(draft, running);
  const written = write(draft, running, event, digest);
  mint(draft, nowMs);
  return written;
}

function sharing({ stable, versions }: Model, to: string): Pick<Rollout, "sharedPools"> {
  const [from, candidate] = [stable, to].map((id) => versions.find((one) => one.id === id));
  if (from === undefined || candidate === undefined) return {};
  const sharedPools = sharedPoolsOf(from, candidate);
  return sharedPools.length === 0 ? {} : { sharedPools };
}

export type Commanding = {
  readonly body: CommandBody;
  /** Id of the rollout that a revert after completion starts. */
  readonly newId: string;
  readonly nowMs: number;
};

/** Does what the command says to an open rollout. */
export function commandRollout(
  draft: Draft,
  before: Running,
  commanding: Commanding,
  digest: Digest,
): Running {
  const { body, nowMs } = commanding;
  assertSequence(before.rollout, body);
  const running = recordFreezes(draft, before, nowMs, digest);
  assertPossible(running.rollout, commanding);
  if (running.rollout.phase.kind === "completed") {
    return startReturn(draft, running.rollout, commanding, digest);
  }
  if (isControl(body.command)) {
    const event = controlEventOf(running, body.command, body, nowMs);
    return append(draft, running, event, digest);
  }
  if (body.command === "promote" && body.to === "end") assertBaseline(running);
  const judgement = decide(running, nowMs);
  const cause = {
    kind: "operator" as const,
    by: body.by,
    command: body.command,
    because: { code: "operator", text: body.reason },
  };
  const move = moveOf(running.rollout, requestOf(body.command, body.to));
  const look = lookOf(running, judgement, digest);
  return appendMove(draft, running, { atMs: nowMs, move, cause, look }, digest);
}

/** With everybody on the candidate, guards compare with what was kept of stable: without that, none can act. */
function assertBaseline({ rollout, evidence }: Running): void {
  const { guards } = rollout.policy;
  if (guards.length === 0 || placeOf(rollout.phase) === "bake") return;
  const counted = evidence.keptStable?.counted ?? 0;
  const needed = guards.filter(({ action }) => action === "roll-back");
  const isEnough = needed.every((guard) => counted >= requestsNeeded(guard));
  if (evidence.keptStable === null || !isEnough) throw noBaseline(rollout.id);
}

function assertSequence(rollout: Rollout, { ifSequence }: CommandBody): void {
  if (ifSequence === undefined || ifSequence === rollout.sequence) return;
  throw movedOn(rollout.id, ifSequence, rollout.sequence);
}

function assertPossible(rollout: Rollout, { body, nowMs }: Commanding): void {
  const allowed = can(rollout, body.command, nowMs);
  if (!allowed.ok) throw notPossible(`${rollout.id}: ${allowed.why}`);
  const skipped = body.to === "end" ? skippedApproval(rollout) : null;
  if (skipped === null) return;
  throw notPossible(
    `${rollout.id}: ${skipped}% needs approval when its turn comes; promote stage by stage`,
  );
}

/** As `commandRollout`, for a rollout whose evidence is closed: only a way back is left. */
export function commandClosed(
  draft: Draft,
  closed: Rollout,
  commanding: Commanding,
  digest: Digest,
): Running {
  assertSequence(closed, commanding.body);
  assertPossible(closed, commanding);
  return startReturn(draft, closed, commanding, digest);
}

function requestOf(
  command: CommandRequest["command"],
  to: "next" | "end" | undefined,
): CommandRequest {
  return command === "promote" ? { command, to: to ?? "next" } : { command };
}

/** After completion the way back is a rollout of its own: everybody at once, and nothing that could hold it. */
function startReturn(
  draft: Draft,
  completed: Rollout,
  { body, newId, nowMs }: Commanding,
  digest: Digest,
): Running {
  const { model: name, from: to } = completed;
  const starting = { model: name, to, by: body.by, reason: body.reason, id: newId, nowMs };
  const model = startableModel(draft, starting);
  // What a later rollout has replaced is not kept warm any more, and nothing would guard the way to it.
  if (draft.models.get(name)?.warm?.rollout !== completed.id) {
    throw notPossible(
      `${completed.id}: a later rollout has replaced it; start a rollout to ${to} instead`,
    );
  }
  // Nobody is held back from the way back.
  const { holdbackPercent: _none, lessons: _neither, baseline: _nor, ...own } = model.policy;
  const policy: Policy = {
    ...own,
    stages: [{ percent: 100, holdMs: 0, minRequests: 0 }],
    guards: [],
    trip: { ...model.policy.trip, enabled: false },
    bakeMs: 0,
    shareTolerance: 1,
    trends: [],
    representative: "warn",
  };
  const controls = { ...NO_CONTROLS, isReturn: true };
  // Whoever wants to go back is not kept from it by what others do.
  return begin(draft, model, { policy, controls, beside: [], gates: [] }, starting, digest);
}
