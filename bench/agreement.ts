// Whether a count-world draws what the world of single requests does: the same scenarios in both, over seeds, and each
// figure's difference with its interval. Exit code 1 where one differs. npm run bench:agreement -- [--quick] [--json]
import { parseArgs } from "node:util";
import { CASES } from "./agreement/cases.ts";
import { type CaseSeeds, compared, FALSE_ALARM, tableOf } from "./agreement/comparison.ts";
import type { Kind, Order, Played } from "./agreement/played.ts";
import { fillAll } from "./crew.ts";
import { thisMachine } from "./machine.ts";

type Size = { readonly requests: number; readonly counts: number; readonly minutes: number };

/** Seeds of each kind, and minutes that are compared of each. */
const SIZE: Size = { requests: 6, counts: 12, minutes: 6 };
/** Tells a gross difference alone. */
const SIZE_QUICK: Size = { requests: 3, counts: 6, minutes: 3 };
const ANSWERS = 2_000;
const SEEDS_MIN = 2;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    /** Scenarios whose names contain this. */
    only: { type: "string", default: "" },
    /** Of worlds of single requests; of count-worlds twice as many. */
    seeds: { type: "string" },
  },
});

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

const size = values.quick ? SIZE_QUICK : SIZE;
const seeds = values.seeds === undefined ? size.requests : Number(values.seeds);
if (!Number.isInteger(seeds) || seeds < SEEDS_MIN) {
  fail(`--seeds is a whole number from ${SEEDS_MIN} on, not ${values.seeds}`);
}
const chosen = CASES.filter(({ scenario }) => scenario.includes(values.only));
if (chosen.length === 0) {
  fail(`--only matches none of ${CASES.map(({ scenario }) => scenario).join(", ")}`);
}
const counts = Math.max(SEEDS_MIN, Math.round((seeds * size.counts) / size.requests));
const { minutes } = size;
const orders = chosen.flatMap((one) =>
  (["requests", "counts"] as const).flatMap((kind) =>
    Array.from({ length: kind === "requests" ? seeds : counts }, (_, index): Order => {
      // Seeds of the two kinds have nothing in common.
      const seed = index + 1 + (kind === "counts" ? 1_000 : 0);
      return { case: one, kind, seed, minutes, answers: ANSWERS };
    }),
  ),
);
const before = performance.now();
const results = await fillAll<Order, Played>(orders, {
  worker: new URL("./agreement/worker-main.ts", import.meta.url),
  nameOf: (order) => `${order.case.scenario} by ${order.kind}, seed ${order.seed}`,
});
const seconds = Math.round((performance.now() - before) / 1_000);
const of = (scenario: string, kind: Kind): readonly Played[] =>
  results.filter((_, index) => {
    const order = orders[index];
    return order?.case.scenario === scenario && order.kind === kind;
  });
const cases = chosen.map(
  ({ scenario, about }): CaseSeeds => ({
    scenario,
    about,
    seeds: { requests: of(scenario, "requests"), counts: of(scenario, "counts") },
  }),
);
const all = compared(cases);
const differing = all.filter(({ agrees }) => !agrees);

if (values.json) {
  const made = { machine: thisMachine(), seeds, counts, minutes, seconds };
  process.stdout.write(`${JSON.stringify({ ...made, falseAlarm: FALSE_ALARM, compared: all })}\n`);
} else {
  const found =
    differing.length === 0
      ? `All ${all.length} figures agree`
      : `${differing.length} of ${all.length} figures differ`;
  process.stdout.write(
    `${tableOf(all)}\n\n${found}: ${seeds} seeds of worlds of single requests and ${counts} of count-worlds, ` +
      `${minutes} minutes of each, in ${seconds} s. Intervals hold together in ${100 * (1 - FALSE_ALARM)}% of such tables.\n`,
  );
}
process.exitCode = differing.length === 0 ? 0 : 1;
