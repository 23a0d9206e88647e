// A world with less in it than its seed draws: fewer kinds of trouble, a shorter time, fewer workers. What is left strikes
// as before, since each kind has a generator of its own. A planted bug may be the only thing that is more.
import { planOf, WORLD_FAULTS, type WorldPlan } from "./plan.ts";

/** Trouble that lasts as long as the faults do, instead of striking. */
const LASTING = ["loss", "copies", "delay", "commit-crash", "commit-fail", "commit-delay", "drift"];

/** Everything that can be left out of a world. */
export const TROUBLES: readonly string[] = [...WORLD_FAULTS, ...LASTING];

export type Reduction = {
  readonly without: readonly string[];
  /** Null: as the seed draws. */
  readonly faultsMs: number | null;
  readonly gateways: number | null;
  readonly workersPerGateway: number | null;
  /** The name of a bug that is planted; null for none. */
  readonly plant: string | null;
};

export const WHOLE: Reduction = {
  without: [],
  faultsMs: null,
  gateways: null,
  workersPerGateway: null,
  plant: null,
};

export function reducedPlan(seed: number, reduction: Reduction): WorldPlan {
  const plan = planOf(seed);
  const without = new Set(reduction.without);
  const unless = (trouble: string, value: number): number => (without.has(trouble) ? 0 : value);
  const { conditions, commits } = plan;
  return {
    ...plan,
    faultsMs: reduction.faultsMs ?? plan.faultsMs,
    gateways: reduction.gateways ?? plan.gateways,
    workersPerGateway: reduction.workersPerGateway ?? plan.workersPerGateway,
    faults: Object.fromEntries(Object.entries(plan.faults).filter(([kind]) => !without.has(kind))),
    conditions: {
      ...conditions,
      delayMsMean: without.has("delay") ? 1 : conditions.delayMsMean,
      lossShare: unless("loss", conditions.lossShare),
      copyShare: unless("copies", conditions.copyShare),
    },
    commits: {
      crashShare: unless("commit-crash", commits.crashShare),
      failShare: unless("commit-fail", commits.failShare),
      delayMsMean: unless("commit-delay", commits.delayMsMean),
    },
    driftMax: unless("drift", plan.driftMax ?? 0),
  };
}

/** The troubles that a plan has. */
export function troublesOf({ faults, conditions, commits, driftMax }: WorldPlan): string[] {
  const lasting: Readonly<Record<string, boolean>> = {
    loss: conditions.lossShare > 0,
    copies: conditions.copyShare > 0,
    delay: conditions.delayMsMean > 1,
    "commit-crash": commits.crashShare > 0,
    "commit-fail": commits.failShare > 0,
    "commit-delay": commits.delayMsMean > 0,
    drift: (driftMax ?? 0) > 0,
  };
  return [...Object.keys(faults), ...LASTING.filter((name) => lasting[name] === true)];
}

/** The command that runs it. */
export function commandOf(seed: number, reduction: Reduction): string {
  const { without, faultsMs, gateways, workersPerGateway, plant } = reduction;
  const options = [
    ...(without.length > 0 ? [`--without ${without.join(",")}`] : []),
    ...(faultsMs === null ? [] : [`--faults-ms ${faultsMs}`]),
    ...(gateways === null ? [] : [`--gateways ${gateways}`]),
    ...(workersPerGateway === null ? [] : [`--workers ${workersPerGateway}`]),
    ...(plant === null ? [] : [`--plant ${plant}`]),
  ];
  return ["npm run world -- --seed", seed, ...options].join(" ");
}
