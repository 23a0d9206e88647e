// The controller: one world in memory, one lane in which it changes, one store that agrees with it. Everything that
// changes it computes a draft, commits it, and only then shows it.

import type { Cancel, Table } from "@slipway/core";
import {
  type Acknowledgement,
  type ApplyRequest,
  type ApplyResult,
  type CommandBody,
  type Frame,
  type FreezeEnd,
  type FreezeStart,
  type FreezeView,
  type JournalEntry,
  type MemberView,
  type MirrorRequest,
  type MirrorStop,
  type MirrorView,
  type ModelView,
  type RolloutSummary,
  type RolloutView,
  SlipwayError,
  type StartRequest,
  type VerifyResult,
} from "@slipway/wire";
import { type ControllerState, stateOf } from "./controller-state.ts";
import { type DriftParts, driftParts } from "./drift/drift-parts.ts";
import { type DrillParts, drillParts, endDrillsLeftBehind } from "./drill/drill-parts.ts";
import { createFrameQueue } from "./evidence/frame-queue.ts";
import { hasMatureTick, nextTickOf } from "./evidence/maturity.ts";
import { createForecasting, type Forecasting } from "./forecasting.ts";
import { History } from "./journal/history.ts";
import { verifyJournals } from "./journal/verify.ts";
import { type LearningParts, learningParts } from "./learning/learning-parts.ts";
import { createListeners } from "./listeners.ts";
import { createDelivering } from "./notify/delivering.ts";
import { type OutboxParts, outboxParts } from "./notify/outbox-parts.ts";
import { type Observe, UNOBSERVED } from "./observe.ts";
import { applied } from "./orders/apply-config.ts";
import { endFreeze, startFreeze } from "./orders/freeze.ts";
import { endMirrors, startMirror, stopMirror } from "./orders/mirror.ts";
import { commandClosed, commandRollout, movableModel, startRollout } from "./orders/start.ts";
import { logPage } from "./page.ts";
import type { ControllerPorts } from "./ports.ts";
import { type PreflightParts, preflightParts } from "./preflight/preflight-parts.ts";
import type { PlanAsk } from "./reading/plan-rollout.ts";
import { noMirror, unknownModel, unknownRollout } from "./refusal.ts";
import { createCommunicating } from "./status/communicating.ts";
import { type PublicParts, publicParts } from "./status/public-parts.ts";
import { expireLeases, ROLLOUT_STEPS } from "./turn.ts";
import { freezeViews } from "./view/freeze-view.ts";
import { mirrorView } from "./view/mirror-view.ts";
import { memberView, modelView } from "./view/model-view.ts";
import { rolloutView } from "./view/rollout-view.ts";
import { createKeeper, type Keeper } from "./world/keeper.ts";
import type { KnownModel, Running, World } from "./world/world.ts";

export const TICK_EVERY_MS = 250;
const TABLE_LISTENERS_MAX = 2_000;
const ENTRY_LISTENERS_MAX = 200;

export type Controller = PublicParts &
  OutboxParts &
  LearningParts &
  DriftParts &
  DrillParts &
  PreflightParts & {
    /** Takes the lead over the store and makes every open rollout again. */
    readonly open: () => Promise<void>;
    /** Ticks every so often until cancelled, never two at once. */
    readonly run: (everyMs: number) => Cancel;
    readonly tick: () => Promise<void>;
    /** Whether a turn is under way. */
    readonly busy: () => boolean;
    /** Resolves when every turn that was asked for has ended. */
    readonly settled: () => Promise<void>;
    readonly acceptFrame: (frame: Frame) => Promise<Acknowledgement>;
    readonly table: () => Table;
    /** Hears every new table once it is committed. */
    readonly onTable: (listener: (table: Table) => void) => Cancel;
    /** Hears every journal entry once it is committed. */
    readonly onEntry: (listener: (entry: JournalEntry) => void) => Cancel;
    readonly apply: (request: ApplyRequest) => Promise<ApplyResult>;
    readonly start: (request: StartRequest) => Promise<RolloutView>;
    readonly command: (rolloutId: string, body: CommandBody) => Promise<RolloutView>;
    readonly models: () => readonly ModelView[];
    readonly members: () => readonly MemberView[];
    readonly startMirror: (model: string, request: MirrorRequest) => Promise<MirrorView>;
    readonly stopMirror: (model: string, request: MirrorStop) => Promise<MirrorView>;
    /** The mirror under way, or the last one. */
    readonly mirror: (model: string) => MirrorView;
    /** What keeps rollouts from moving forwards: now, next, and before. */
    readonly freezes: () => readonly FreezeView[];
    readonly startFreeze: (request: FreezeStart) => Promise<readonly FreezeView[]>;
    readonly endFreeze: (request: FreezeEnd) => Promise<readonly FreezeView[]>;
    readonly rollouts: (model: string | null) => Promise<readonly RolloutSummary[]>;
    readonly rollout: (rolloutId: string) => Promise<RolloutView>;
    readonly journal: (rolloutId: string) => Promise<readonly JournalEntry[]>;
    /** The name of a model that there is. */
    readonly known: (model: string) => string;
    /** What a plan of such a rollout is made from. */
    readonly planning: (model: string, to: string) => Omit<PlanAsk, "request">;
    /** The controller's time: it never runs back, and is never behind what is stored. */
    readonly nowMs: () => number;
    readonly verify: () => Promise<VerifyResult>;
    readonly state: () => ControllerState;
  };

export function createController(ports: ControllerPorts): Controller {
  const { log } = ports;
  const tables = createListeners<Table>("table", TABLE_LISTENERS_MAX, log);
  const entries = createListeners<JournalEntry>("journal", ENTRY_LISTENERS_MAX, log);
  const onEntry = told(entries.tell, ports, (entry) => communicating.onEntry(entry));
  const keeper = createKeeper(ports, { onTable: tables.tell, onEntry });
  const communicating = createCommunicating(keeper, ports);
  const history = new History(ports.store, keeper);
  const frames = createFrameQueue(keeper, ports);
  const forecasting = createForecasting(keeper, ports);
  const delivering = createDelivering(keeper, ports);
  const tick = (): Promise<boolean> =>
    keeper.lane.run(() => turn(keeper, history, ports, forecasting));
  return {
    open: () => keeper.open(),
    run: (everyMs) => {
      const cancel = repeat(tick, everyMs, ports);
      const cancelCommunicating = ports.publish === undefined ? () => {} : communicating.run();
      const cancelDelivering = ports.deliver === undefined ? () => {} : delivering.run();
      return () => {
        cancel();
        cancelCommunicating();
        cancelDelivering();
        forecasting.stop();
      };
    },
    tick: async () => {
      await tick();
    },
    busy: () => keeper.lane.busy() || forecasting.busy(),
    settled: async () => {
      await delivering.ended();
      await keeper.lane.run(() => Promise.resolve());
    },
    acceptFrame: frames.accept,
    table: () => keeper.world().table,
    onTable: tables.add,
    onEntry: entries.add,
    apply: (request) => applied(keeper, ports, communicating, request),
    start: (request) => start(keeper, ports, request),
    command: (id, body) => command(keeper, ports, history, id, body),
    models: () => models(keeper),
    members: () => members(keeper, ports),
    startMirror: (model, request) =>
      keeper.change((draft) => {
        const mirroring = {
          ...request,
          model,
          id: `mirror-${ports.ids.next()}`,
          nowMs: keeper.nowMs(),
        };
        return shownMirror(model, startMirror(draft, mirroring));
      }),
    stopMirror: (model, request) =>
      keeper.change((draft) =>
        shownMirror(model, stopMirror(draft, model, request, keeper.nowMs())),
      ),
    ...freezeParts(keeper, ports),
    ...preflightParts(keeper),
    ...driftParts(keeper),
    ...drillParts(keeper, history, ports),
    mirror: (model) => shownMirror(model, keeper.world().models.get(model)),
    ...publicParts(keeper, ports, communicating),
    ...outboxParts(keeper, ports, delivering),
    rollouts: (model) => history.rollouts(model),
    rollout: (id) => history.rollout(id),
    journal: (id) => history.journal(id),
    known: (model) => {
      if (!keeper.world().models.has(model)) throw unknownModel(model);
      return model;
    },
    ...learningParts(keeper),
    planning: (name, to) => ({
      model: movableModel(keeper.world(), name, to),
      nowMs: keeper.nowMs(),
    }),
    nowMs: keeper.nowMs,
    verify: () => verifyJournals(ports.store, ports.digest),
    state: () => stateOf(keeper.world(), { nowMs: keeper.nowMs(), monoMs: ports.clock.mono() }),
  };
}

type FreezeParts = Pick<Controller, "freezes" | "startFreeze" | "endFreeze">;

function freezeParts(keeper: Keeper, ports: ControllerPorts): FreezeParts {
  return {
    freezes: () => freezeViews(keeper.world(), keeper.nowMs()),
    startFreeze: (request) =>
      keeper.change((draft) => {
        const ordering = { ...request, id: `freeze-${ports.ids.next()}`, nowMs: keeper.nowMs() };
        startFreeze(draft, ordering, ports.digest);
        return freezeViews(draft, ordering.nowMs);
      }),
    endFreeze: (request) =>
      keeper.change((draft) => {
        const nowMs = keeper.nowMs();
        endFreeze(draft, request, nowMs, ports.digest);
        return freezeViews(draft, nowMs);
      }),
  };
}

function told(
  tell: (entry: JournalEntry) => void,
  { log, observe = UNOBSERVED }: ControllerPorts,
  communicate: (entry: JournalEntry) => void,
): (entry: JournalEntry, isDrill: boolean) => void {
  return (entry, isDrill) => {
    // Whoever is woken by a rehearsal learns to sleep through alarms.
    if (!isDrill) {
      logPage(entry, log);
      observe.entry(entry);
    }
    tell(entry);
    communicate(entry);
  };
}

/**
 * One turn: leases and what has had its time first, then every open rollout through its steps, each committed by itself. Returns whether ticks
 * are left that another turn could consume at once.
 */
async function turn(
  keeper: Keeper,
  history: History,
  ports: ControllerPorts,
  forecasting: Forecasting,
): Promise<boolean> {
  const { clock, digest, log, observe = UNOBSERVED } = ports;
  const now = { nowMs: keeper.nowMs(), monoMs: clock.mono() };
  await keeper.commit((draft) => {
    expireLeases(draft, now);
    endMirrors(draft, now.nowMs);
  });
  let isBehind = false;
  for (const id of [...keeper.world().running.keys()]) {
    try {
      const before = keeper.world().running.get(id);
      await keeper.commit((draft) => {
        const startedMs = clock.mono();
        for (const step of ROLLOUT_STEPS) step(draft, id, now, digest);
        observe.looked(clock.mono() - startedMs);
      });
      tellMatured(before, keeper.world().running.get(id), observe);
      isBehind ||= isRolloutBehind(keeper.world(), id, now.nowMs);
    } catch (error) {
      // The store's failures concern every rollout; what goes wrong in one must not stop the others.
      if (error instanceof SlipwayError) throw error;
      log.error({ rollout: id, error: String(error) }, "a rollout's turn failed");
    }
  }
  await endDrillsLeftBehind(keeper, history, ports);
  forecasting.begin(now.nowMs);
  observe.turned(clock.mono() - now.monoMs);
  return isBehind;
}

/** The window forgets ticks without requests first when there are many at once: those were complete. */
function tellMatured(
  before: Running | undefined,
  after: Running | undefined,
  { matured }: Observe,
): void {
  if (before === undefined || after === undefined) return;
  const newest = after.evidence.watermark;
  const known = Math.max(before.evidence.watermark, nextTickOf(before) - 1);
  if (newest <= known) return;
  const partial = after.evidence.window.filter(
    ({ tick, missing }) => tick > known && missing.length > 0,
  );
  matured(newest - known, partial.length);
}

function isRolloutBehind(
  { running, members, openedAtMs }: World,
  id: string,
  nowMs: number,
): boolean {
  const one = running.get(id);
  return one !== undefined && hasMatureTick(one, members.values(), { nowMs, openedAtMs });
}

/**
 * The next tick is set when one has ended, whatever came of it: at once while evidence waits, so that guards are not
 * blind for long after a stop, but by a timer all the same, so that frames get in between.
 */
function repeat(
  tick: () => Promise<boolean>,
  everyMs: number,
  { clock, log }: ControllerPorts,
): Cancel {
  let cancelled = false;
  let failures = 0;
  let cancelNext: Cancel = () => {};
  const failed = (error: unknown): void => {
    failures++;
    // The 1st, 2nd, 4th, 8th, … in a row: a store that is away must not fill the log.
    if ((failures & (failures - 1)) === 0) {
      log.error({ error: String(error), failures }, "a tick failed");
    }
  };
  const fire = (): void => {
    let isBehind = false;
    tick()
      .then((behind) => {
        failures = 0;
        isBehind = behind;
      }, failed)
      .finally(() => {
        if (!cancelled) cancelNext = clock.after(isBehind ? 0 : everyMs, fire);
      });
  };
  cancelNext = clock.after(everyMs, fire);
  return () => {
    cancelled = true;
    cancelNext();
  };
}

function shownMirror(model: string, known: KnownModel | undefined): MirrorView {
  if (known === undefined) throw unknownModel(model);
  if (known.mirror === null) throw noMirror(model);
  return mirrorView(model, known.mirror);
}

async function start(
  keeper: Keeper,
  { ids, digest }: ControllerPorts,
  request: StartRequest,
): Promise<RolloutView> {
  return await keeper.change((draft) => {
    const starting = { ...request, id: ids.next(), nowMs: keeper.nowMs() };
    return rolloutView(startRollout(draft, starting, digest), draft, starting.nowMs);
  });
}

async function command(
  keeper: Keeper,
  { ids, digest }: ControllerPorts,
  history: History,
  id: string,
  body: CommandBody,
): Promise<RolloutView> {
  // All of it in one turn: the rollout may be closed in the one before.
  return await keeper.lane.run(async () => {
    const closed = keeper.world().running.has(id) ? null : await history.closed(id);
    return await keeper.commit((draft) => {
      const commanding = { body, newId: ids.next(), nowMs: keeper.nowMs() };
      const running = draft.running.get(id);
      if (running !== undefined) {
        const next = commandRollout(draft, running, commanding, digest);
        return rolloutView(next, draft, commanding.nowMs);
      }
      if (closed === null) throw unknownRollout(id);
      const next = commandClosed(draft, closed, commanding, digest);
      return rolloutView(next, draft, commanding.nowMs);
    });
  });
}

function models(keeper: Keeper): readonly ModelView[] {
  const world = keeper.world();
  return [...world.models.values()]
    .sort((a, b) => (a.model.name < b.model.name ? -1 : 1))
    .map((known) => modelView(known, world, keeper.nowMs()));
}

function members(keeper: Keeper, { clock }: ControllerPorts): readonly MemberView[] {
  const { members: records, leases } = keeper.world();
  return [...records.values()].map((record) =>
    memberView(record, leases.get(record.member.incarnation) ?? 0, clock.mono()),
  );
}
