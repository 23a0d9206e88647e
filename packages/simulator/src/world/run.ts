// One world from its first event to its last: trouble, healing, and then what must come of it in time.
import type { LoadReport } from "../population/load.ts";
import type { WorldPlan } from "./plan.ts";
import type { Violation } from "./record.ts";
import { World, type WorldOptions } from "./world.ts";

export type WorldReport = {
  readonly plan: WorldPlan;
  /** Over every event; the same seed gives the same. */
  readonly hash: number;
  readonly events: number;
  readonly violations: readonly Violation[];
  /** What happened, a line each. */
  readonly story: readonly string[];
  /** What checkers saw, a line each. */
  readonly summaries: readonly string[];
  readonly virtualMs: number;
  /** When the first fault could strike. */
  readonly faultsFromMs: number;
  readonly load: LoadReport | null;
};

/** After healing, a rollout that was under way decides itself within so long, or an operator rolls it back. */
const DECIDE_MS_MAX = 40_000;
/** And then it must end within so long. */
const END_MS_MAX = 30_000;
/** A rollout that nothing disturbs must come to its right end within so long. */
const CALM_ROLLOUT_MS_MAX = 90_000;
const REST_MS = 15_000;

export async function runWorld(options: WorldOptions): Promise<WorldReport> {
  const world = new World(options);
  const { clock, faults, operator, plan, record } = world;
  await world.open();
  operator.ensureRollout();
  const faultsFromMs = clock.mono();
  faults.start();
  await world.pass(plan.faultsMs, () => operator.ensureRollout());
  faults.heal();
  await rolloutEnds(world);
  await calmRollout(world);
  await rest(world);
  return {
    plan,
    hash: record.hash,
    events: record.events,
    violations: record.violations,
    story: record.story,
    summaries: record.summaries(),
    virtualMs: clock.mono(),
    faultsFromMs,
    load: world.report,
  };
}

/** Whatever was under way ends, one way or the other. */
async function rolloutEnds(world: World): Promise<void> {
  const { clock, operator, record } = world;
  // The controller may only just be opening.
  await world.pass(5_000);
  const decideMs = clock.mono() + DECIDE_MS_MAX;
  const endMs = decideMs + END_MS_MAX;
  while (operator.rollout !== null && record.violations.length === 0) {
    const nowMs = clock.mono();
    if (nowMs >= endMs) record.object("liveness", `${operator.rollout} does not end`);
    else if (nowMs < decideMs) await operator.resumeIfPaused();
    // Trouble may have left it without the evidence that it waits for: no baseline, say.
    else operator.rollBack();
    await world.pass(1_000);
  }
}

/** A new rollout, undisturbed: a bad candidate is rolled back, any other is completed. */
async function calmRollout(world: World): Promise<void> {
  const { clock, controller, operator, plan, record } = world;
  const isBad = plan.candidate !== "healthy" && operator.stable === "v1";
  const expected = isBad ? "rolled-back" : "completed";
  record.tell({ kind: "note", text: "a calm rollout" });
  operator.ensureRollout();
  await world.pass(1_000);
  const id = operator.rollout;
  if (record.violations.length > 0) return;
  if (id === null) return record.object("liveness", "no rollout can be started");
  const untilMs = clock.mono() + CALM_ROLLOUT_MS_MAX;
  while (operator.rollout === id && clock.mono() < untilMs) {
    await world.pass(1_000);
    if (record.violations.length > 0) return;
  }
  const { phase } = await controller.call((one) => one.rollout(id));
  if (phase.kind === expected) return;
  record.object("liveness", `${id} is ${phase.kind}; undisturbed it should be ${expected}`);
}

/** No more requests: every frame is stored, every member leased, every decision can be made again. */
async function rest(world: World): Promise<void> {
  const { controller, record, workers } = world;
  world.stopTraffic();
  await world.pass(REST_MS);
  if (record.violations.length > 0) return;
  record.atRest();
  const open = world.report?.inFlight ?? 0;
  if (open > 0) record.object("liveness", `${open} requests are open`);
  const members = controller.controller?.members() ?? [];
  const table = controller.controller?.table().number ?? 0;
  for (const { worker } of workers) {
    const member = members.find(({ incarnation }) => incarnation === worker?.incarnation);
    if (member?.state === "leased" && member.confirmedTable === table) continue;
    record.object(
      "liveness",
      `${worker?.incarnation} is ${member?.state ?? "no member"} and confirmed table ${member?.confirmedTable}, the newest is ${table}`,
    );
  }
  const { problems } = await controller.call((one) => one.verify());
  for (const { rolloutId, sequence, problem } of problems) {
    record.object("journal", `${rolloutId} ${sequence}: ${problem}`);
  }
}
