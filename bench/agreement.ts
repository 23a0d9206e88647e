// Whether a count-world draws what the world of single requests does: the same scenarios in both, over seeds, and each
// figure's difference with its interval. Exit code 1 where one differs. npm run bench:agreement -- [--quick] [--json]
import { CASES } from "./agreement/cases.ts";
import { type CaseSeeds, compared, FALSE_ALARM, tableOf } from "./agreement/comparison.ts";
import type { Kind, Order, Played } from "./agreement/played.ts";
import { fillAll } from "./crew.ts";
import { thisMachine } from "./machine.ts";
import { scenarioOptions } from "./scenario-options.ts";

type Size = { readonly requests: number; readonly counts: number; readonly minutes: number };

/** Seeds of each kind, and minutes that are compared of each. */
const SIZE: Size = { requests: 6, counts: 12, minutes: 6 };
/** Tells a gross difference alone. */
const SIZE_QUICK: Size = { requests: 3, counts: 6, minutes: 3 };
const ANSWERS = 2_000;
const SEEDS_MIN = 2;

const asked = scenarioOptions({ seedsMin: SEEDS_MIN, hasPage: false });
const size = asked.quick ? SIZE_QUICK : SIZE;
/** Of worlds of single requests; of count-worlds there are twice as many. */
const seeds = asked.seeds ?? size.requests;
const chosen = CASES.filter(({ scenario }) => scenario.includes(asked.only));
if (chosen.length === 0) {
  const names = CASES.map(({ scenario }) => scenario).join(", ");
  process.stderr.write(`--only matches none of ${names}\n`);
  process.exit(2);
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

if (asked.json) {
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
