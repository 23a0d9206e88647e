// The drills' part of a controller: each act a change of its own.

import type { Rollout } from "@slipway/core";
import type { DrillsView } from "@slipway/wire";
import type { Draft } from "../draft.ts";
import type { History } from "../history.ts";
import type { Keeper } from "../keeper.ts";
import type { ControllerPorts } from "../ports.ts";
import {
  type Drilled,
  drillsView,
  endDrill,
  endLeftBehind,
  faultDrill,
  startDrill,
} from "./drill.ts";

export type DrillParts = {
  readonly startDrill: (model: string, by: string) => Promise<DrillsView>;
  /** The fault of the drill under way begins now. */
  readonly faultDrill: (model: string) => Promise<DrillsView>;
  readonly endDrill: (model: string, by: string) => Promise<DrillsView>;
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
  /** All of it in one turn: the rollout may be closed in the one before. */
  const withRollout = <T>(
    model: string,
    change: (draft: Draft, closed: Rollout | null) => T,
  ): Promise<T> =>
    keeper.lane.run(async () => {
      const { models, running } = keeper.world();
      const id = models.get(model)?.drilling?.rollout;
      const closed = id === undefined || running.has(id) ? null : await history.closed(id);
      return await keeper.commit((draft) => change(draft, closed));
    });
  return {
    startDrill: async (model, by) => {
      // A change of its own: it stays done where the new one has to wait for it.
      await withRollout(model, (draft, closed) =>
        endLeftBehind(draft, drilled(model, by), closed, digest),
      );
      return await keeper.change((draft) => startDrill(draft, drilled(model, by), digest));
    },
    faultDrill: (model) => keeper.change((draft) => faultDrill(draft, model, keeper.nowMs())),
    endDrill: (model, by) =>
      withRollout(model, (draft, closed) => endDrill(draft, drilled(model, by), closed, digest)),
    drills: (model) => drillsView(keeper.world(), model),
  };
}
