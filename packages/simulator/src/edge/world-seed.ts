// Runs the world of a seed, and what shrinks one that breaks a promise: for the commands and the threads that do so.
import { createHash } from "node:crypto";
import { PLANTS } from "../world/plants.ts";
import { type Reduction, reducedPlan } from "../world/reduction.ts";
import { runWorld, type WorldReport } from "../world/run.ts";
import { shrunk } from "../world/shrink.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

export async function runSeed(seed: number, reduction: Reduction): Promise<WorldReport> {
  const tampering = PLANTS.get(reduction.plant ?? "");
  const plan = reducedPlan(seed, reduction);
  return await runWorld({
    plan,
    digest,
    settle,
    ...(tampering === undefined ? {} : { tampering }),
  });
}

/** Less of a world that breaks the same promise, as far as it can be found within so many seconds of the machine. */
export async function shrunkSeed(
  seed: number,
  from: Reduction,
  { violations, plan, faultsFromMs }: WorldReport,
  secondsMax: number,
): Promise<Reduction> {
  const [first] = violations;
  const endMs = performance.now() + secondsMax * 1_000;
  return await shrunk({
    seed,
    from,
    brokenAfterMs: Math.min(plan.faultsMs, (first?.atMs ?? 0) - faultsFromMs),
    fails: async (reduction) => {
      const report = await runSeed(seed, reduction);
      return report.violations[0]?.checker === first?.checker;
    },
    isOver: () => performance.now() >= endMs,
  });
}
