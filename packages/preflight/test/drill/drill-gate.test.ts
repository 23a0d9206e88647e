// The gate `drill` and a rehearsal: in which order things happen, whom the fault strikes, and when an earlier drill still counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DRILL_FAULT_HEADER,
  DRILL_USER_HEADER,
  type DrillFault,
  type DrillOrder,
  type DrillRecord,
  type Lesson,
  type Phase,
} from "@slipway/core";
import {
  type Ask,
  type Drilling,
  type GateFinding,
  gates,
  type Outcome,
  type Question,
} from "@slipway/preflight";
import type { DrillsView } from "@slipway/wire";
import { hastyClock, surroundings } from "../surroundings.ts";

const DAY_MS = 86_400_000;
const NOW_MS = 100 * DAY_MS;

const ORDER: DrillOrder = {
  schedule: null,
  gateways: ["http://one/v1", "http://two/v1"],
  keyEnv: "DRILL_KEY",
  detectMsMax: 10_000,
  confirmMsMax: 10_000,
};

const RECORD: DrillRecord = {
  rollout: "r-1",
  atMs: NOW_MS,
  by: "ann",
  fault: "connect",
  passed: true,
  because: "seen 2 s after the fault",
  detectMs: 2_000,
  confirmMs: 100,
  expired: [],
};

const STAGE: Phase = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 };
const BACK: Phase = {
  ...{ kind: "rolled-back", from: 0, sinceMs: 0 },
  ...{ confirmMs: 100, expired: [] },
};

/** A controller that sees the fault after so many requests that carry it; null for never. */
class FakeController implements Drilling {
  readonly acts: string[] = [];
  readonly asked: Question[] = [];
  brokenBy: string | null = null;
  drills: readonly DrillRecord[];
  readonly #seenAfter: number | null;
  #fault: DrillFault = "connect";

  constructor(seenAfter: number | null, ...drills: readonly DrillRecord[]) {
    this.#seenAfter = seenAfter;
    this.drills = drills;
  }

  get struck(): readonly Question[] {
    return this.asked.filter(({ endpoint }) => endpoint.headers[DRILL_FAULT_HEADER] !== undefined);
  }

  readonly key = (name: string, gateway: string): string => `${name} for ${gateway}`;

  readonly look = (): Promise<DrillsView> => Promise.resolve(this.#view());

  readonly start = (fault: DrillFault): Promise<DrillsView> => {
    this.#fault = fault;
    return this.#act("start");
  };

  readonly fault = (): Promise<DrillsView> => this.#act("fault");

  readonly end = (because: string | null): Promise<DrillsView> => {
    this.brokenBy = because;
    const passed = this.#isSeen();
    const said = passed ? RECORD.because : "the fault was not noticed";
    this.drills = [...this.drills, { ...RECORD, fault: this.#fault, passed, because: said }];
    return this.#act("end");
  };

  readonly phase = (): Promise<Phase> => Promise.resolve(this.#isSeen() ? BACK : STAGE);

  #isSeen(): boolean {
    return this.#seenAfter !== null && this.struck.length >= this.#seenAfter;
  }

  #act(what: string): Promise<DrillsView> {
    this.acts.push(what);
    return Promise.resolve(this.#view());
  }

  #view(): DrillsView {
    const fault = this.#fault;
    const drilling = { rollout: "r-1", startedAtMs: 0, by: "ann", fault, faultAtMs: null };
    const { drills } = this;
    return {
      ...{ model: "coder", standIn: "coder:drill", order: ORDER, drilling, drills, lapse: null },
      horizonMs: 60_000,
    };
  }
}

const ANSWER: Outcome = {
  ...{ kind: "answer", text: "pong", refusal: null, toolCalls: [], finishReason: "length" },
  ...{ usage: null, ttftMs: 1, totalMs: 1, gapMsMax: 0, pieces: 1 },
};
const DOWN: Outcome = { kind: "failure", because: "connection", totalMs: 1 };

async function found(
  controller: FakeController,
  answer: (question: Question) => Outcome = () => ANSWER,
  learnt: readonly Lesson[] = [],
): Promise<GateFinding> {
  const ask: Ask = (question) => {
    controller.asked.push(question);
    return Promise.resolve(answer(question));
  };
  return await gates.drill.run({
    ...surroundings({ clock: hastyClock(NOW_MS), ask, drilling: controller }),
    settings: ORDER,
    learnt,
    before: [],
    progress: () => {},
  });
}

test("all is well at first; then the fault strikes synthetic users until it is seen", async () => {
  const controller = new FakeController(100);
  const { outcome, because, figures } = await found(controller);
  assert.equal(outcome, "pass");
  assert.equal(because, "seen 2 s after the fault");
  assert.deepEqual(controller.acts, ["start", "fault", "end"]);
  const calm = controller.asked.findIndex((one) => controller.struck.includes(one));
  assert.ok(calm > 100, "a while without the fault");
  for (const { endpoint, body } of controller.asked) {
    assert.equal(endpoint.model, "coder:drill");
    assert.match(endpoint.headers[DRILL_USER_HEADER] ?? "", /^synthetic-\d+$/);
    assert.equal(endpoint.headers["authorization"], `Bearer DRILL_KEY for ${endpoint.baseUrl}`);
    assert.equal(body["max_tokens"], 1);
  }
  const addresses = new Set(controller.asked.map(({ endpoint }) => endpoint.baseUrl));
  assert.deepEqual([...addresses], ORDER.gateways);
  assert.deepEqual(figures.map(({ name, value, limit }) => [name, value, limit]).slice(0, 2), [
    ["fault to decision", 2, 10],
    ["decision to the last confirmation", 0.1, 10],
  ]);
});

test("a fault that is not seen in time fails, and the drill is ended", async () => {
  const controller = new FakeController(null);
  const { outcome, because } = await found(controller);
  assert.deepEqual([outcome, because], ["fail", "the fault was not noticed"]);
  assert.deepEqual(controller.acts, ["start", "fault", "end"]);
});

test("a gateway that does not answer while all is well ends the drill, and is named", async () => {
  const controller = new FakeController(100);
  const answer = ({ endpoint }: Question): Outcome =>
    endpoint.baseUrl === "http://two/v1" ? DOWN : ANSWER;
  await assert.rejects(found(controller, answer), /the gateway at http:\/\/two\/v1 did not answer/);
  assert.deepEqual(controller.acts, ["start", "end"]);
  assert.match(controller.brokenBy ?? "", /^the gateway at http:\/\/two\/v1 did not answer/);
});

test("users whom stable can answer for no longer do not end a drill: that is what the fault does", async () => {
  const controller = new FakeController(100);
  const { outcome } = await found(controller, ({ endpoint }) =>
    endpoint.headers[DRILL_FAULT_HEADER] === undefined ? ANSWER : DOWN,
  );
  assert.equal(outcome, "pass");
});

test("a drill of the last 30 days counts, and is not run again; an older, failed or too slow one is", async () => {
  const recent = new FakeController(100, { ...RECORD, atMs: NOW_MS - 30 * DAY_MS });
  const { outcome, because } = await found(recent);
  assert.deepEqual([outcome, recent.acts], ["pass", []]);
  assert.match(because, /\(30 days ago\)$/);
  const stale = new FakeController(100, { ...RECORD, atMs: NOW_MS - 31 * DAY_MS });
  await found(stale);
  const failed = new FakeController(100, { ...RECORD, passed: false });
  await found(failed);
  const slow = new FakeController(100, { ...RECORD, detectMs: ORDER.detectMsMax + 1 });
  await found(slow);
  for (const { acts } of [stale, failed, slow]) assert.deepEqual(acts, ["start", "fault", "end"]);
});

function taught(fault: DrillFault, days: number): Lesson {
  return {
    ...{
      id: `r-1-6:drill-${fault}`,
      incidentId: "r-1-6",
      name: `drill-${fault}`,
      what: "",
      why: "",
    },
    ...{
      owner: "team",
      reason: "it hung for an hour",
      acceptedAtMs: 0,
      promised: null,
      dropped: null,
    },
    change: { kind: "drill", fault, days },
  };
}

test("a lesson has the way back rehearsed with its fault, and names its incident", async () => {
  const controller = new FakeController(30, RECORD);
  const { outcome, lessons } = await found(controller, () => ANSWER, [taught("errors", 14)]);
  assert.equal(outcome, "pass");
  const faults = controller.struck.map(({ endpoint }) => endpoint.headers[DRILL_FAULT_HEADER]);
  assert.deepEqual(new Set(faults), new Set(["errors"]));
  assert.deepEqual(
    lessons?.map(({ id, holds }) => [id, holds]),
    [["r-1-6:drill-errors", true]],
  );
  assert.match(lessons?.[0]?.because ?? "", /learnt from r-1-6: it hung for an hour/);
});

test("a rehearsal with the lesson's fault counts for its days, and one with another fault does not", async () => {
  const recent = { ...RECORD, fault: "errors", atMs: NOW_MS - 14 * DAY_MS } as const;
  const counted = new FakeController(30, recent);
  await found(counted, () => ANSWER, [taught("errors", 14)]);
  assert.deepEqual(counted.acts, []);
  const old = new FakeController(30, { ...recent, atMs: NOW_MS - 15 * DAY_MS });
  await found(old, () => ANSWER, [taught("errors", 14)]);
  assert.deepEqual(old.acts, ["start", "fault", "end"]);
});

test("a way back from what hangs is rehearsed with requests that wait, and fails where nobody sees it", async () => {
  const controller = new FakeController(null);
  const { outcome, because } = await found(controller, () => ANSWER, [taught("hang", 14)]);
  assert.equal(outcome, "fail");
  assert.match(because, /not noticed/);
  const hung = controller.struck.filter(
    ({ endpoint }) => endpoint.headers[DRILL_FAULT_HEADER] === "hang",
  );
  assert.equal(hung.length, 6 * 20 * ORDER.gateways.length);
  assert.ok(hung.every(({ timeoutMs }) => timeoutMs > 60_000));
});
