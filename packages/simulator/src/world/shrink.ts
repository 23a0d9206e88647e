// Looks for less of a world that still breaks the same promise: without this or that kind of trouble, with fewer workers,
// for a shorter time. Every step is tried by running the world again, so it ends when somebody says that time is over.
import { type Reduction, reducedPlan, troublesOf } from "./reduction.ts";

export type ShrinkOptions = {
  readonly seed: number;
  /** What broke it. */
  readonly from: Reduction;
  /** When the promise was broken, counted from the first fault. */
  readonly brokenAfterMs: number;
  /** Runs what is left, and says whether the same promise is broken. */
  readonly fails: (reduction: Reduction) => Promise<boolean>;
  readonly isOver: () => boolean;
};

/** Faults go on for so long after the moment at which the promise was broken, the first time that it is tried. */
const MARGIN_MS = 500;
const SHORTENED = [0.3, 0.6, 0.85];

export async function shrunk(options: ShrinkOptions): Promise<Reduction> {
  const { seed, from, brokenAfterMs } = options;
  let least = from;
  const tries = async (change: Partial<Reduction>): Promise<boolean> => {
    const reduction = { ...least, ...change };
    if (options.isOver() || !(await options.fails(reduction))) return false;
    least = reduction;
    return true;
  };
  const whole = reducedPlan(seed, from);
  const afterMs = Math.max(0, Math.round(brokenAfterMs + MARGIN_MS));
  if (afterMs < whole.faultsMs) await tries({ faultsMs: afterMs });
  if (whole.workersPerGateway > 1) await tries({ workersPerGateway: 1 });
  for (let gateways = 1; gateways < whole.gateways; gateways++) {
    if (await tries({ gateways })) break;
  }
  await withoutTroubles(troublesOf(whole), () => least.without, tries);
  for (const share of SHORTENED) {
    const faultsMs = Math.round((least.faultsMs ?? whole.faultsMs) * share);
    if (await tries({ faultsMs })) break;
  }
  return least;
}

/** Half of them at once, then a quarter, down to one by one. */
async function withoutTroubles(
  troubles: readonly string[],
  without: () => readonly string[],
  tries: (change: Partial<Reduction>) => Promise<boolean>,
): Promise<void> {
  for (let size = troubles.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < troubles.length; from += size) {
      const some = troubles.slice(from, from + size).filter((one) => !without().includes(one));
      if (some.length > 0) await tries({ without: [...without(), ...some] });
    }
  }
}
