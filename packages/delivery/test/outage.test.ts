// The outbox and the courier together: an hour of the test's clock, real sockets on this machine, and a receiver that is
// down, slow, redirects, fails and lies before it is well again. It then has every notice once.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";
import { type Controller, createController, createMemoryStore } from "@slipway/controller";
import { OCCASIONS, type Target } from "@slipway/core";
import { type Courier, createCourier, ownPlaces, ownSecrets } from "@slipway/delivery/edge";
import { type HookBehaviour, HookReceiver } from "@slipway/simulator/edge";
import { loadConfig } from "@slipway/wire/config";

const receiver = await new HookReceiver().listen();
after(() => receiver.close());

const env = {
  KEY: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  SLACK: `${receiver.url}/slack`,
  ROUTING: "k",
};

const WELL: HookBehaviour = { kind: "answers", status: 200, body: "ok" };
const TARGET = { occasions: OCCASIONS, models: [], templates: {}, giveUpAfterMs: 86_400_000 };
const TARGETS: readonly Target[] = [
  {
    ...TARGET,
    name: "hook",
    way: { kind: "webhook", url: `${receiver.url}/hook`, secret: { kind: "env", name: "KEY" } },
  },
  { ...TARGET, name: "slack", way: { kind: "slack", url: { kind: "env", name: "SLACK" } } },
];

/** What has no answer may have been read all the same: by its id the receiver can tell. */
type Bad = { readonly what: string; readonly behaviour: HookBehaviour };

const BAD: readonly Bad[] = [
  { what: "resets connections", behaviour: { kind: "resets" } },
  { what: "never answers", behaviour: { kind: "silent" } },
  { what: "answers 500", behaviour: { kind: "answers", status: 500 } },
  {
    what: "redirects",
    behaviour: { kind: "answers", status: 302, headers: { location: `${receiver.url}/elsewhere` } },
  },
  { what: "breaks off its answers", behaviour: { kind: "breaks-off" } },
  { what: "is behind a login page", behaviour: { kind: "answers", status: 200, body: "<html>" } },
];

const CONFIG = `
models:
  m:
    stable: a
    versions:
      a: {upstreams: [{url: http://127.0.0.1:9/v1}]}
      b: {upstreams: [{url: http://127.0.0.1:9/v1}]}
`;
const EXPECTED = ["rollout-started", "stage-began", "stage-began", "rolled-back"];
const STEP_MS = 30_000;
const HOUR_MS = 3_600_000;

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A controller on a clock of the test's own; sockets keep to the machine's. */
class Clocked {
  nowMs = 1_767_225_600_000;
  readonly controller: Controller;
  courier: Courier = createCourier({
    secrets: ownSecrets(env),
    places: ownPlaces,
    nowMs: () => this.nowMs,
  });

  constructor() {
    const now = (): number => this.nowMs;
    this.controller = createController({
      clock: { wall: now, mono: now, after: () => () => {} },
      ids: { next: () => "r1" },
      digest: sha256,
      log: { info: () => {}, warn: () => {}, error: () => {} },
      store: createMemoryStore("s"),
      deliver: (sending) => this.courier(sending),
    });
  }

  async rolledBack(targets: readonly Target[]): Promise<void> {
    const loaded = loadConfig({ file: "slipway.yaml", text: CONFIG, sha256, isSet: null });
    assert.ok(loaded.ok);
    const { controller } = this;
    await controller.open();
    const { models, clients, pools } = loaded;
    const notifications = { mail: null, targets };
    await controller.apply({ models, clients, pools, notifications, by: "ann" });
    const said = { by: "ann", reason: "to see" };
    const { id } = await controller.start({ model: "m", to: "b", ...said });
    await controller.tick();
    await controller.command(id, { command: "promote", ...said });
    await controller.command(id, { command: "rollback", ...said });
  }

  /** Looks at the outbox each half minute. */
  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      this.nowMs += STEP_MS;
      await this.controller.deliverDue();
    }
  }
}

for (const { what, behaviour } of BAD) {
  test(`a receiver that ${what} for an hour gets each notice once when it is well again`, async () => {
    const clocked = new Clocked();
    // The login page is no webhook's failure: it answers 200.
    const isLogin = behaviour.kind === "answers" && behaviour.status === 200;
    const targets = TARGETS.filter(({ name }) => !isLogin || name === "slack");
    await clocked.rolledBack(targets);
    receiver.behaviour = behaviour;
    // Only who never answers is not waited for: everybody else may take their time on a busy machine.
    const patient = clocked.courier;
    const nowMs = (): number => clocked.nowMs;
    if (behaviour.kind === "silent")
      clocked.courier = createCourier({
        secrets: ownSecrets(env),
        places: ownPlaces,
        nowMs,
        timeoutMs: 200,
      });
    await clocked.pass(HOUR_MS);
    assert.ok(receiver.requests.length > targets.length);
    receiver.behaviour = WELL;
    clocked.courier = patient;
    // What was sent before has been read when this has.
    await fetch(receiver.url, { method: "POST" });
    receiver.requests.length = 0;
    await clocked.pass(HOUR_MS / 2);
    for (const { name } of targets) {
      const ids = receiver.requests
        .filter(({ path }) => path === `/${name}`)
        .map(({ headers }) => String(headers["idempotency-key"]));
      assert.deepEqual(
        ids.map((id) => id.replace(/^.*-\d+-/, "")),
        EXPECTED,
      );
      assert.equal(new Set(ids).size, ids.length);
    }
    const { notifications } = await clocked.controller.notifications();
    assert.ok(notifications.every(({ state }) => state === "delivered"));
    assert.ok(receiver.requests.every(({ path }) => path !== "/elsewhere"));
    receiver.requests.length = 0;
  });
}
