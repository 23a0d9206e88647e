// How the default guards decide: how often they roll a healthy version back, how soon they find a bad one, how long
// a healthy one takes to reach everybody. Simulated on counts: npm run bench:guards -- [--quick] [--json] [--seeds N] [--holdback 0%] [NAME]
import { parseArgs } from "node:util";
import { holdbackLine, policyOf } from "./default-policy.ts";
import { CASES, type Case } from "./guards/cases.ts";
import { type Course, courseOf } from "./guards/world.ts";
import { thisMachine } from "./machine.ts";

const SEEDS = 1_000;
/** Too few for a rate: it shows that every case still ends as it should. */
const SEEDS_QUICK = 4;
type Figures = {
  readonly name: string;
  readonly seeds: number;
  readonly rolledBack: number;
  readonly completed: number;
  readonly asked: number;
  /** Shares of seeds as wanted, and minutes until then. */
  readonly asWanted: number;
  readonly medianMinutes: number | null;
  readonly p90Minutes: number | null;
  readonly reference: string;
};

/** The value that a share of all lies below; what never came counts as the longest. */
function quantileOf(minutes: readonly number[], share: number, of: number): number | null {
  const sorted = minutes.toSorted((a, b) => a - b);
  const value = sorted[Math.floor(share * of)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}

function figuresOf({ name, world, wanted, told, reference }: Case, seeds: number): Figures {
  const policy = policyOf(holdbackLine(values.holdback));
  const courses: Course[] = [];
  for (let seed = 1; seed <= seeds; seed++) courses.push(courseOf({ ...world, policy }, seed));
  const share = (outcome: Course["outcome"]): number =>
    courses.filter((course) => course.outcome === outcome).length / seeds;
  const minutes = courses.flatMap((course) => {
    const value = told === "end" ? course.minutes : course.allUsersMinutes;
    return course.outcome === wanted && value !== null ? [value] : [];
  });
  return {
    name,
    seeds,
    rolledBack: share("rolled-back"),
    completed: share("completed"),
    asked: courses.filter(({ asked }) => asked).length / seeds,
    asWanted: share(wanted),
    medianMinutes: quantileOf(minutes, 0.5, seeds),
    p90Minutes: quantileOf(minutes, 0.9, seeds),
    reference,
  };
}

function row(figures: Figures): string {
  const percent = (part: number): string => `${Math.round(part * 1000) / 10}%`.padStart(12);
  const time = (minutes: number | null): string => String(minutes ?? "never").padStart(8);
  return [
    figures.name.padEnd(40),
    percent(figures.rolledBack),
    percent(figures.completed),
    percent(figures.asked),
    time(figures.medianMinutes),
    time(figures.p90Minutes),
    `  ${figures.reference}`,
  ].join("");
}

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    seeds: { type: "string" },
    holdback: { type: "string" },
  },
  allowPositionals: true,
});
const seeds = Number(values.seeds ?? (values.quick === true ? SEEDS_QUICK : SEEDS));
const chosen = CASES.filter(({ name }) => positionals.every((part) => name.includes(part)));
const heads = ["rolled back", "completed", "asked"].map((head) => head.padStart(12)).join("");
const head = `${"1,000 requests a minute".padEnd(40)}${heads}${"median".padStart(8)}${"p90".padStart(8)}  reference, minutes`;
if (values.json !== true) process.stdout.write(`${head}\n`);
const all: Figures[] = [];
for (const one of chosen) {
  const figures = figuresOf(one, seeds);
  all.push(figures);
  if (values.json !== true) process.stdout.write(`${row(figures)}\n`);
}
if (values.json === true)
  process.stdout.write(`${JSON.stringify({ machine: thisMachine(), figures: all })}\n`);
