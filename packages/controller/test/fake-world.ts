// A controller among fake gateways on a clock that the test moves: a whole rollout in milliseconds.

import { createHash } from "node:crypto";
import {
  type Controller,
  type ControllerPorts,
  createController,
  createMemoryStore,
  type Store,
} from "@slipway/controller";
import {
  fingerprintText,
  type Policy,
  type RolloutEvent,
  type Version,
  WHOLE_AUDIENCE,
} from "@slipway/core";
import type { ApplyRequest, CommandBody, ModelDocument, RolloutView } from "@slipway/wire";
import { FakeClock } from "./fake-clock.ts";
import { FakeGateway, GOOD, type Traffic } from "./fake-gateway.ts";

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function versionOf(id: string, url = "http://127.0.0.1:9/v1", pool: string = "p"): Version {
  const made = {
    id,
    upstreams: [
      {
        id: "one",
        url,
        model: id,
        keyEnv: null,
        pool,
        inFlightMax: 64,
        concurrency: "fixed" as const,
      },
    ],
    identity: {},
  };
  return { ...made, fingerprint: sha256(fingerprintText(made)) };
}

export const MODEL = "code-assistant";

export const POLICY: Policy = {
  stages: [
    { percent: 25, holdMs: 6_000, minRequests: 100 },
    { percent: 50, holdMs: 6_000, minRequests: 100 },
  ],
  stageLimitMs: 14_400_000,
  falseAlarmMax: 0.01,
  bakeMs: 6_000,
  warmMs: 60_000,
  guards: [
    {
      id: "p99",
      test: "threshold",
      segment: null,
      metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
      comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
      windowMs: 4_000,
      minRequests: 50,
      action: "roll-back",
    },
    {
      id: "errors",
      test: "threshold",
      segment: null,
      metric: { kind: "events", event: "errors" },
      comparison: { kind: "difference", differenceMax: 0.05 },
      windowMs: 4_000,
      minRequests: 50,
      action: "roll-back",
    },
  ],
  forecast: { enabled: false, unknown: "proceed" },
  shareTolerance: 0.5,
  trends: [],
  representative: "hold",
  keys: { header: null, apiKeyIsUser: false, withoutKey: "stable" },
  audience: WHOLE_AUDIENCE,
  evidence: { tickMs: 1_000, horizonMs: 2_000, segments: [] },
  replay: { enabled: true, budget: 0.2 },
  trip: { enabled: true, failures: 10 },
  answers: { sample: 0, redact: [], bytesMax: 268_435_456, ageMsMax: 604_800_000 },
  lease: { durationMs: 5_000, onLapse: "stable" },
  priority: { header: null, background: [], otherwise: "interactive" },
  deadlineMs: 60_000,
};

export function documentOf(changes: Partial<ModelDocument> = {}): ModelDocument {
  return {
    name: MODEL,
    stable: "gpt-5.0",
    versions: [versionOf("gpt-5.0"), versionOf("gpt-5.3")],
    policy: POLICY,
    ...changes,
  };
}

/** Another model, whose versions have pools of their own or the same as the first one's. */
export function otherModel(name: string, pool: string): ModelDocument {
  const versions = ["gpt-5.0", "gpt-5.3"].map((id) => versionOf(id, undefined, pool));
  return documentOf({ name, versions });
}

export function requestOf(...models: readonly ModelDocument[]): ApplyRequest {
  return { models, pools: [], clients: null, by: "ann" };
}

export type WorldOptions = {
  readonly store?: Store;
  readonly policy?: Partial<Policy>;
  readonly versions?: readonly Version[];
  readonly gateways?: readonly string[];
  readonly log?: Log;
  readonly observe?: ControllerPorts["observe"];
  readonly foresee?: ControllerPorts["foresee"];
  readonly gathered?: ControllerPorts["gathered"];
  readonly publish?: ControllerPorts["publish"];
  readonly deliver?: ControllerPorts["deliver"];
};

type Log = ControllerPorts["log"];
const QUIET: Log = { info: () => {}, warn: () => {}, error: () => {} };

export class FakeWorld {
  readonly clock = new FakeClock();
  readonly store: Store;
  readonly gateways: FakeGateway[];
  readonly policy: Policy;
  /** Every table that was published, in order. */
  readonly published: number[] = [];
  rolloutId = "";
  controller: Controller;
  readonly #log: Log;
  readonly #observe: ControllerPorts["observe"];
  readonly #versions: readonly Version[];
  readonly #foresee: ControllerPorts["foresee"];
  readonly #gathered: ControllerPorts["gathered"];
  readonly #publish: ControllerPorts["publish"];
  readonly #deliver: ControllerPorts["deliver"];
  #ids = 0;

  constructor(options: WorldOptions = {}) {
    this.store = options.store ?? createMemoryStore("store-1");
    this.policy = { ...POLICY, ...options.policy };
    this.#versions = options.versions ?? documentOf().versions;
    this.gateways = (options.gateways ?? ["edge-1"]).map(
      (name) => new FakeGateway(name, this.clock),
    );
    this.#log = options.log ?? QUIET;
    this.#observe = options.observe;
    this.#foresee = options.foresee;
    this.#gathered = options.gathered;
    this.#publish = options.publish;
    this.#deliver = options.deliver;
    this.controller = this.#created();
  }

  #created(): Controller {
    const controller = createController({
      clock: this.clock,
      ids: { next: () => `r-${++this.#ids}` },
      digest: sha256,
      log: this.#log,
      store: this.store,
      ...(this.#observe === undefined ? {} : { observe: this.#observe }),
      ...(this.#foresee === undefined ? {} : { foresee: this.#foresee }),
      ...(this.#gathered === undefined ? {} : { gathered: this.#gathered }),
      ...(this.#publish === undefined ? {} : { publish: this.#publish }),
      ...(this.#deliver === undefined ? {} : { deliver: this.#deliver }),
    });
    controller.onTable((table) => {
      // Who was killed publishes nothing.
      if (controller !== this.controller) return;
      this.published.push(table.number);
      for (const gateway of this.gateways) gateway.hear(table);
    });
    return controller;
  }

  /** Opens the store, applies the model, and lets the gateways get their leases. */
  async open(): Promise<this> {
    await this.controller.open();
    await this.controller.apply(
      requestOf(documentOf({ policy: this.policy, versions: this.#versions })),
    );
    this.greet();
    await this.second();
    return this;
  }

  /** A gateway that connects to the table stream is sent the newest one at once. */
  greet(): void {
    for (const gateway of this.gateways) gateway.hear(this.controller.table());
  }

  /** As after kill -9: a new controller over the same store. */
  async restart(): Promise<void> {
    this.controller = this.#created();
    await this.controller.open();
    this.greet();
  }

  async start(): Promise<RolloutView> {
    const view = await this.controller.start({
      model: MODEL,
      to: "gpt-5.3",
      by: "ann",
      reason: "better at Rust",
    });
    this.rolloutId = view.id;
    return view;
  }

  async command(command: CommandBody["command"], to?: "next" | "end"): Promise<RolloutView> {
    const body = { command, by: "bob", reason: "because", ...(to === undefined ? {} : { to }) };
    return await this.controller.command(this.rolloutId, body);
  }

  /** To the end of the second: four reports of every gateway and four ticks, and the traffic at its end. */
  async second(traffic: Traffic = GOOD): Promise<void> {
    for (let isOver = false; !isOver; ) {
      this.clock.advance(250);
      isOver = this.clock.mono() % 1000 === 0;
      if (isOver) for (const gateway of this.gateways) gateway.serve(traffic);
      await Promise.all(this.gateways.map((gateway) => gateway.report(this.controller)));
      await this.controller.tick();
    }
  }

  async seconds(count: number, traffic: Traffic = GOOD): Promise<void> {
    for (let i = 0; i < count; i++) await this.second(traffic);
  }

  async view(): Promise<RolloutView> {
    return await this.controller.rollout(this.rolloutId);
  }

  async events(): Promise<readonly RolloutEvent[]> {
    return (await this.controller.journal(this.rolloutId)).map(({ event }) => event);
  }

  /** The journal as words, looks left out: `started advance-0 confirmed …`. */
  async story(): Promise<string> {
    return (await this.events())
      .filter(({ type }) => type !== "looked")
      .map(wordOf)
      .join(" ");
  }
}

function wordOf(event: RolloutEvent): string {
  if (event.type !== "moved") return event.type;
  const { move } = event;
  return "stage" in move ? `${move.kind}-${move.stage}` : move.kind;
}
