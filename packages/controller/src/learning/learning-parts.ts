// The controller's face towards what rollouts teach: lessons of incidents, and baselines of what came to stay.

import type { Baseline, Lesson } from "@slipway/core";
import type { Keeper } from "../world/keeper.ts";
import { baselinesOf, type SettingBaseline, setBaseline } from "./baselines.ts";
import {
  type Accepting,
  acceptLesson,
  type Dropping,
  dropLesson,
  lessonsOfModel,
} from "./lessons.ts";

export type LearningParts = {
  /** What was learnt of a model, dropped or not, in the order in which it was accepted. */
  readonly lessons: (model: string) => readonly Lesson[];
  readonly acceptLesson: (accepting: Omit<Accepting, "nowMs">) => Promise<Lesson>;
  readonly dropLesson: (dropping: Omit<Dropping, "nowMs">) => Promise<Lesson>;
  /** The oldest first: the last one is in force. */
  readonly baselines: (model: string) => readonly Baseline[];
  readonly setBaseline: (setting: Omit<SettingBaseline, "nowMs">) => Promise<Baseline>;
};

export function learningParts(keeper: Keeper): LearningParts {
  return {
    lessons: (model) => lessonsOfModel(keeper.world(), model),
    acceptLesson: (accepting) =>
      keeper.change((draft) => acceptLesson(draft, { ...accepting, nowMs: keeper.nowMs() })),
    dropLesson: (dropping) =>
      keeper.change((draft) => dropLesson(draft, { ...dropping, nowMs: keeper.nowMs() })),
    baselines: (model) => baselinesOf(keeper.world(), model),
    setBaseline: (setting) =>
      keeper.change((draft) => setBaseline(draft, { ...setting, nowMs: keeper.nowMs() })),
  };
}
