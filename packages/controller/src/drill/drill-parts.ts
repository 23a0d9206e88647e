// The drills' part of a controller: each act a change of its own.

import { DRILL_FAULT_DEFAULT } from "@slipway/core";
import { type DrillMiss, type DrillStart, type DrillsView, SlipwayError } from "@slipway/wire";
import type { History } from "../journal/history.ts";
import type { ControllerPorts } from "../ports.ts";
import type { Keeper } from "../world/keeper.ts";
import {
  type Drilled,
  drillsView,
  endDrill,
  endLeftBehind,
  faultDrill,
  leftBehind,
  missDrill,
  startDrill,
  type ToldOfDrill,
} from "./drill.ts";

export type DrillParts = {
  readonly startDrill: (model: string, start: DrillStart) => Promise<DrillsView>;
  /** The fault of the drill under way begins now. */
  readonly faultDrill: (model: string) => Promise<DrillsView>;
  /** `because`: what broke it off; null where it came to its end. */
  readonly endDrill: (model: string, by: string, because?: string | null) => Promise<DrillsView>;
  /** Nobody could run one. */
  readonly missDrill: (model: string, miss: DrillMiss) => Promise<DrillsView>;
  readonly drills: (model: string) => DrillsView;
};

export function drillParts(
  keeper: Keeper,
  history: History,
  { digest, ids }: ControllerPorts,
): DrillParts {
  const drilled = (model: string, by: string): Drilled => ({
    ...{ model, by, id: ids.next() },
    nowMs: keeper.nowMs(),
  });
  return {
    startDrill: (model, { by, fault = DRILL_FAULT_DEFAULT }) =>
      keeper.change((draft) => startDrill(draft, { ...drilled(model, by), fault }, digest)),
    faultDrill: (model) => keeper.change((draft) => faultDrill(draft, model, keeper.nowMs())),
    // All of it in one turn: the rollout may be closed in the one before.
    endDrill: (model, by, because = null) =>
      keeper.lane.run(async () => {
        const told = { ...(await toldOf(keeper, history, model)), brokenBy: because };
        return await keeper.commit((draft) => endDrill(draft, drilled(model, by), told, digest));
      }),
    missDrill: (model, miss) =>
      keeper.change((draft) => missDrill(draft, model, miss, keeper.nowMs())),
    drills: (model) => drillsView(keeper.world(), model),
  };
}

/**
 * Ends what nobody ended, whoever began it: its runner has died, or the controller did. Within a turn of the lane; what goes
 * wrong is logged, and tried again in the next turn.
 */
export async function endDrillsLeftBehind(
  keeper: Keeper,
  history: History,
  { digest, ids, log }: ControllerPorts,
): Promise<void> {
  const nowMs = keeper.nowMs();
  for (const model of leftBehind(keeper.world(), nowMs)) {
    try {
      const told = await toldOf(keeper, history, model);
      await keeper.commit((draft) =>
        endLeftBehind(draft, { model, id: ids.next(), nowMs }, told, digest),
      );
    } catch (error) {
      // As in a turn of rollouts: the store's failures concern everything.
      if (error instanceof SlipwayError) throw error;
      log.error({ model, error: String(error) }, "a drill that was left behind could not be ended");
    }
  }
}

/** What its rollout's journal says of a model's drill. */
async function toldOf(keeper: Keeper, history: History, model: string): Promise<ToldOfDrill> {
  const { models, running } = keeper.world();
  const id = models.get(model)?.drilling?.rollout;
  if (id === undefined) return { closed: null, movedBy: null, brokenBy: null };
  const closed = running.has(id) ? null : await history.closed(id);
  return { closed, movedBy: await history.movedBy(id), brokenBy: null };
}
