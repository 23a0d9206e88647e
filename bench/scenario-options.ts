// What a benchmark over the catalogue's scenarios is asked: which of them, in how many worlds, and where its figures go. What
// it cannot do is said at once, before hours of a processor are spent.
import { parseArgs } from "node:util";

export type ScenarioOptions = {
  readonly quick: boolean;
  readonly json: boolean;
  /** Scenarios whose names contain this; empty for all. */
  readonly only: string;
  /** Null for as many as the benchmark takes by itself. */
  readonly seeds: number | null;
  /** A page in which the tables replace those before; null for none. */
  readonly page: string | null;
};

export type Asking = {
  /** What it says of chance takes so many worlds at least. */
  readonly seedsMin: number;
  /** Whether there is a page that shows it. */
  readonly hasPage: boolean;
};

/** Ends the process where they cannot be used. */
export function scenarioOptions(
  asking: Asking,
  args: readonly string[] = process.argv.slice(2),
): ScenarioOptions {
  const read = readOptions(asking, args);
  if (typeof read !== "string") return read;
  process.stderr.write(`${read}\n`);
  process.exit(2);
}

/** Or what is wrong with them. */
export function readOptions(
  { seedsMin, hasPage }: Asking,
  args: readonly string[],
): ScenarioOptions | string {
  const options = {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    seeds: { type: "string" },
    page: { type: "string" },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    const { quick, json, only, page = null } = values;
    if (page !== null && !hasPage) return "there is no page that shows this: leave --page out";
    if (page !== null && quick) {
      return "--page shows what the whole benchmark measures: leave --quick out";
    }
    const seeds = values.seeds === undefined ? null : Number(values.seeds);
    if (seeds !== null && (!Number.isInteger(seeds) || seeds < seedsMin)) {
      return `--seeds is a whole number from ${seedsMin} on, not ${values.seeds}`;
    }
    return { quick, json, only, seeds, page };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
