// What both arms suffer, in virtual time, with the real gateway and controller: a candidate that slows stable on the
// machines that both run on, and an outage of both.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutEvent } from "@slipway/core";
import { planOf, World, type WorldPlan } from "@slipway/simulator";
import type { RolloutView } from "@slipway/wire";
import { digest, settle } from "./world-ports.ts";

const SEEDS = [1, 2, 3, 4, 5];

/** A world without trouble of its own. */
function calm(seed: number, candidate: WorldPlan["candidate"]): WorldPlan {
  return {
    ...planOf(seed),
    candidate,
    requestsPerSecond: 70,
    holdMs: 12_000,
    faults: {},
    conditions: { delayMsMin: 1, delayMsMean: 5, lossShare: 0, copyShare: 0, copyDelayMsMean: 0 },
    commits: { crashShare: 0, failShare: 0, delayMsMean: 0 },
  };
}

class Story {
  readonly world: World;
  #id = "";

  constructor(seed: number, candidate: WorldPlan["candidate"]) {
    this.world = new World({ plan: calm(seed, candidate), digest, settle });
  }

  async begin(): Promise<this> {
    const { operator } = this.world;
    await this.world.open();
    operator.ensureRollout();
    await this.world.pass(2_000);
    this.#id = operator.rollout ?? "";
    assert.notEqual(this.#id, "");
    return this;
  }

  async view(): Promise<RolloutView> {
    return await this.world.controller.call((controller) => controller.rollout(this.#id));
  }

  async events(): Promise<readonly RolloutEvent[]> {
    const journal = await this.world.controller.call((one) => one.journal(this.#id));
    return journal.map(({ event }) => event);
  }

  /** Until the view is as wanted; at most so many seconds. */
  async until(what: string, isSo: (view: RolloutView) => boolean, seconds = 60): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      if (isSo(await this.view())) return;
      await this.world.pass(1_000);
      assert.deepEqual(this.world.record.violations, []);
    }
    const { decision, phase } = await this.view();
    assert.fail(`${what} did not come: ${phase.kind}, ${decision.because.text}`);
  }

  async end(): Promise<void> {
    const { problems } = await this.world.controller.call((one) => one.verify());
    assert.deepEqual(problems, []);
    assert.deepEqual(this.world.record.violations, []);
  }
}

function movesOf(events: readonly RolloutEvent[]): string {
  return events.flatMap((event) => (event.type === "moved" ? [event.move.kind] : [])).join(" ");
}

for (const seed of SEEDS) {
  test(`a candidate that slows stable on shared machines steps back, and stable recovers (world ${seed})`, async () => {
    const story = await new Story(seed, "hungry").begin();
    await story.until("a step back", ({ phase }) => phase.kind === "paused");
    const { phase, pages, arms } = await story.view();
    assert.deepEqual(phase.kind === "paused" && phase.at, 0);
    assert.equal(pages[0]?.code, "shared-pool");
    assert.match(pages[0]?.text ?? "", /pool machines/);
    assert.equal(movesOf(await story.events()), "advance advance step-back");
    const slowMs = arms.stable.p99Ms ?? Number.POSITIVE_INFINITY;
    await story.world.pass(20_000);
    const after = await story.view();
    assert.equal(after.phase.kind, "paused");
    const fastMs = after.arms.stable.p99Ms ?? Number.POSITIVE_INFINITY;
    assert.ok(fastMs * 3 < slowMs, `${fastMs} ms after ${slowMs} ms`);
    await story.end();
  });

  test(`an outage of both holds and pages, and the rollout completes by itself after it (world ${seed})`, async () => {
    const story = await new Story(seed, "healthy").begin();
    const { fleet } = story.world;
    await story.until(
      "the second stage",
      ({ phase }) => phase.kind === "stage" && phase.stage === 1,
    );
    const fault = { kind: "errors", rate: 1, status: 503 } as const;
    const ends = [fleet.stable.plant(fault), fleet.candidate.plant(fault)];
    await story.until("a page", ({ pages }) => pages.length > 0);
    await story.world.pass(30_000);
    const { pages, phase } = await story.view();
    assert.equal(pages[0]?.code, "outage");
    assert.deepEqual(phase.kind === "stage" && phase.stage, 1);
    for (const end of ends) end();
    await story.until("completion", (view) => view.phase.kind === "completed");
    assert.equal(movesOf(await story.events()), "advance advance bake complete");
    await story.end();
  });
}
