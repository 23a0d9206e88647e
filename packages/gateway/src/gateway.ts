// A gateway worker: it takes requests along one path, follows the routing table under its lease, and reports
// evidence. Everything outside comes through ports, so that the same code runs on sockets and in virtual time.

import type { Cancel, TripReport } from "@slipway/core";
import { type Member, ROWS_PER_FRAME_MAX } from "@slipway/wire";
import { Answers } from "./answers/answers.ts";
import { Scoring } from "./answers/scoring.ts";
import { CandidateFlights } from "./evidence/candidate-flights.ts";
import { ControllerTime } from "./evidence/controller-time.ts";
import { Recorder } from "./evidence/recorder.ts";
import { Reporter } from "./evidence/reporter.ts";
import { Spool } from "./evidence/spool.ts";
import { countHeard } from "./feedback/count-heard.ts";
import { FeedbackDesk } from "./feedback/feedback-desk.ts";
import { LimitedLog } from "./limited-log.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { Mirrors } from "./mirror/mirrors.ts";
import { ObjectMemory, type ShareObjects } from "./objects/object-memory.ts";
import { admit } from "./path/admit.ts";
import { assign } from "./path/assign.ts";
import { BodyRoom } from "./path/body-room.ts";
import type { Context } from "./path/context.ts";
import { ConversationMemory } from "./path/conversation-memory.ts";
import { cut, forward, recall, watch } from "./path/forward.ts";
import { identify } from "./path/identify.ts";
import type { Observe } from "./path/observe.ts";
import { OpenRequests } from "./path/open-requests.ts";
import { read } from "./path/read.ts";
import { spend } from "./path/spend.ts";
import type { Tracing } from "./path/tracing.ts";
import type { Exchange, GatewayPorts } from "./ports.ts";
import { type GatewaySnapshot, snapshotOf } from "./snapshot.ts";
import { Diverted } from "./table/divert.ts";
import { TableFollower } from "./table/follower.ts";
import { Lease } from "./table/lease.ts";
import { isRolledBack } from "./table/rolled-back.ts";
import { RoutingBuilder } from "./table/routing.ts";
import { Trips } from "./trip/trips.ts";
import { FleetShare } from "./upstream/fleet-share.ts";
import type { PoolState } from "./upstream/pool.ts";
import { toldLimits } from "./upstream/told-limits.ts";

export type GatewayOptions = {
  /** For people: host or gateway name. */
  readonly name: string;
  /** Number of this worker within the gateway. */
  readonly worker: number;
  /** Workers of this gateway, which share its limits until a controller tells of more; 1 where absent. */
  readonly workers?: number;
  readonly limits?: Partial<Limits>;
  /** Models that are diverted to stable from the start. */
  readonly diverted?: readonly string[];
  /** Tells the other workers of this gateway where objects live. */
  readonly shareObjects?: ShareObjects;
  /** Hears that this worker left the candidate of a rollout by itself. */
  readonly onTrip?: (model: string, rolloutId: string) => void;
  readonly tracing?: Tracing | null;
  /** Hears of every finished request. */
  readonly observe?: Observe;
};

export type Gateway = {
  readonly handle: (exchange: Exchange) => void;
  /** Loads the table on disk, follows the controller's, begins to report. */
  readonly start: () => void;
  /** Waits for open requests, says goodbye, and stops; `done` once. Requests that come meanwhile are served. */
  readonly drain: (done: () => void) => void;
  /** Stops at once, as a crash would: open requests are cut off, and nothing is said to anybody. */
  readonly kill: () => void;
  /** Sends all of a model's requests to stable, or ends that. */
  readonly divert: (model: string, on: boolean) => void;
  /** What another worker of this gateway has learnt. */
  readonly hearObjects: ShareObjects;
  /** Keys of upstreams may be sent elsewhere now, or no longer. */
  readonly keysChanged: () => void;
  /** Leaves the candidate of a rollout, because another worker of this gateway did. */
  readonly followTrip: (model: string, rolloutId: string) => void;
  readonly snapshot: () => GatewaySnapshot;
};

const NOTHING = (): void => {};
const UNOBSERVED: Observe = {
  finished: NOTHING,
  unreached: NOTHING,
  refused: NOTHING,
  placed: NOTHING,
  tripped: NOTHING,
  heard: NOTHING,
  mirrored: NOTHING,
  mirrorDropped: NOTHING,
  answerKept: NOTHING,
  answerDropped: NOTHING,
  answerScored: NOTHING,
  scoreDropped: NOTHING,
};

export function createGateway(ports: GatewayPorts, options: GatewayOptions): Gateway {
  const worker = new Worker(ports, options);
  return {
    handle: (exchange) => pass(worker.context, exchange),
    start: () => worker.start(),
    drain: (done) => worker.drain(done),
    kill: () => worker.kill(),
    divert: (model, on) => worker.divert(model, on),
    hearObjects: (objects) => worker.context.objects.hear(objects),
    keysChanged: () => worker.keysChanged(),
    followTrip: (model, rolloutId) => worker.followTrip(model, rolloutId),
    snapshot: () => snapshotOf(worker.context, worker.member, worker.pools()),
  };
}

/** The path of a request. A step that has answered it returns nothing, and the path ends there. */
function pass(context: Context, exchange: Exchange): void {
  const admitted = admit(context, exchange);
  if (admitted === null) return;
  read(context, admitted, (body, form) => {
    const identified = identify(context, admitted, body, form);
    if (identified === null) {
      context.bodies.giveBack(body.length);
      return;
    }
    if (!spend(context, admitted, identified)) {
      context.bodies.giveBack(body.length);
      return;
    }
    const passage = assign(context, admitted, identified);
    passage.kept = context.answers.begin(passage, identified);
    forward(passage); // → relay → measure, as the upstream answers
    context.mirrors.offer(passage, identified);
  });
}

class Worker {
  readonly member: Member;
  readonly context: Context;
  readonly #reporter: Reporter;
  readonly #follower: TableFollower;
  readonly #limits: Limits;
  readonly #onTrip: NonNullable<GatewayOptions["onTrip"]>;
  readonly pools: () => readonly PoolState[];
  #stopFollowing: Cancel | null = null;
  #isClosed = false;

  constructor(ports: GatewayPorts, options: GatewayOptions) {
    const { clock } = ports;
    this.#onTrip = options.onTrip ?? NOTHING;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.member = {
      incarnation: ports.ids.next(),
      gateway: options.name,
      worker: options.worker,
    };
    const spool = new Spool(ROWS_PER_FRAME_MAX);
    const time = new ControllerTime(clock);
    const lease = new Lease();
    const flights = new CandidateFlights();
    const diverted = new Diverted();
    for (const model of options.diverted ?? []) diverted.set(model, true);
    const { digest, secret } = ports;
    const { workers = 1 } = options;
    const share = new FleetShare(workers, options.worker - 1);
    const builder = new RoutingBuilder({ limits: this.#limits, secret, digest, share });
    this.#follower = new TableFollower(ports, builder, () => {
      const routes = this.#follower.table?.routes ?? [];
      this.context.trips.keepOnly(routes);
      const mirrors = routes.flatMap(({ mirror }) => (mirror === null ? [] : [mirror.id]));
      this.context.mirrors.keepOnly(new Set(mirrors));
      this.#recall();
      this.#reporter.hurry();
    });
    this.context = {
      ports,
      limits: this.#limits,
      warnings: new LimitedLog(clock, ports.log),
      lease,
      diverted,
      answers: new Answers(clock, ports.answers ?? null, this.#scoring(ports), {
        kept: (model) => this.context.observe.answerKept(model),
        dropped: (model, why) => this.context.observe.answerDropped(model, why),
      }),
      mirrors: new Mirrors(clock, this.#limits.bodyBytesOpenMax, {
        answered: ({ destination }, to, { outcome }) =>
          this.context.observe.mirrored(destination.route.model, to, outcome),
        dropped: (model, why) => this.context.observe.mirrorDropped(model, why),
      }),
      trips: new Trips({ tripped: (report) => this.#tripped(report) }),
      time,
      flights,
      recorder: new Recorder(time, spool, ports.random),
      open: new OpenRequests(clock, watch, (nowMs) => builder.serve(nowMs)),
      conversations: new ConversationMemory(),
      feedback: new FeedbackDesk(),
      bodies: new BodyRoom(this.#limits.bodyBytesOpenMax),
      objects: new ObjectMemory(clock, options.shareObjects ?? null),
      observe: options.observe ?? UNOBSERVED,
      tracing: options.tracing ?? null,
      routing: () => this.#follower.routing,
      isClosed: () => this.#isClosed,
    };
    this.pools = () => [...builder.pools.values()].map((pool) => pool.state(clock.mono()));
    this.#reporter = new Reporter({
      ports,
      member: this.member,
      spool,
      time,
      lease,
      flights,
      reshare: (members, rank) => builder.reshare(members, rank, clock.mono()),
      settle: () => this.context.open.checkAll(),
      mirrored: () => this.context.mirrors.take(),
      standing: () => ({
        confirmedTable: this.#follower.table?.number ?? null,
        storeId: this.#follower.table?.storeId ?? null,
        diverted: diverted.list(),
        tripped: this.context.trips.reports(),
        told: toldLimits(builder.pools.values(), clock.mono()),
      }),
    });
  }

  #scoring({ scorer }: GatewayPorts): Scoring | null {
    if (scorer === undefined) return null;
    return new Scoring(scorer, {
      count: (answered, heard) => countHeard(this.context, answered, heard),
      scored: (model) => this.context.observe.answerScored(model),
      dropped: (model, why) => this.context.observe.scoreDropped(model, why),
    });
  }

  start(): void {
    this.#stopFollowing = this.#follower.start();
    this.#reporter.start();
  }

  keysChanged(): void {
    this.#follower.keysChanged();
  }

  divert(model: string, on: boolean): void {
    this.context.diverted.set(model, on);
    this.context.ports.log.warn({ model, on }, on ? "model diverted to stable" : "divert ended");
    this.#reporter.hurry();
  }

  #tripped(report: TripReport): void {
    const { log } = this.context.ports;
    const { failures, limit, rolloutId, successes } = report;
    const model = this.#modelOf(rolloutId);
    const fields = { model, rollout: rolloutId, failures, successes, limit };
    log.error(fields, "the candidate fails: this worker left it and asks for a rollback");
    this.context.observe.tripped(model);
    this.#reporter.hurry();
    this.#onTrip(model, rolloutId);
  }

  #modelOf(rolloutId: string): string {
    const routes = this.#follower.table?.routes ?? [];
    return routes.find(({ split }) => split?.rolloutId === rolloutId)?.model ?? "";
  }

  followTrip(model: string, rolloutId: string): void {
    const route = this.context.routing()?.destinations.get(model)?.route;
    if (route?.split?.rolloutId !== rolloutId) return;
    this.context.ports.log.warn(
      { model, rollout: rolloutId },
      "another worker tripped: this one leaves the candidate too",
    );
    this.context.trips.follow(route);
  }

  /** Cuts what a policy says is not to finish on a candidate that is rolled back. */
  #recall(): void {
    const { open } = this.context;
    const { routing } = this.#follower;
    if (routing === null) return;
    for (const passage of [...open.all()]) {
      const { route } = passage.destination;
      if (route.onRollback === "cut" && isRolledBack(route, routing)) recall(passage);
    }
  }

  drain(done: () => void): void {
    this.context.mirrors.close();
    const { clock } = this.context.ports;
    let isEmptied = false;
    const emptied = (): void => {
      if (isEmptied) return;
      isEmptied = true;
      cancelWait();
      this.#sayGoodbye(done);
    };
    const cancelWait = clock.after(this.#limits.drainMsMax, emptied);
    this.context.open.whenEmpty(emptied);
  }

  #sayGoodbye(done: () => void): void {
    this.#isClosed = true;
    this.context.answers.flush();
    let isDone = false;
    const finish = (): void => {
      if (isDone) return;
      isDone = true;
      cancelWait();
      this.stop();
      done();
    };
    const cancelWait = this.context.ports.clock.after(this.#limits.goodbyeMsMax, finish);
    this.#reporter.goodbye(finish);
  }

  kill(): void {
    this.context.mirrors.close();
    this.stop();
    for (const passage of [...this.context.open.all()]) cut(passage);
  }

  stop(): void {
    this.#isClosed = true;
    this.#stopFollowing?.();
    this.#reporter.stop();
  }
}
