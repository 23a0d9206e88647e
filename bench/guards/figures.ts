// What came of a case's rollouts, as a line of text and as a row of the page.
import type { Case } from "./cases.ts";
import type { Course } from "./world.ts";

export type Figures = {
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

export function figuresOf(
  { name, wanted, told, reference }: Case,
  courses: readonly Course[],
): Figures {
  const seeds = courses.length;
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

const HEADS = ["rolled back", "completed", "asked", "median", "p90"] as const;
const NAME_WIDTH = 66;
const WIDTH = 12;

export const HEAD_LINE: string = [
  "".padEnd(NAME_WIDTH),
  ...HEADS.map((head) => head.padStart(WIDTH)),
  "  reference, minutes",
].join("");

export function lineOf(figures: Figures): string {
  const parts = partsOf(figures).map((part) => part.padStart(WIDTH));
  return [figures.name.padEnd(NAME_WIDTH), ...parts, `  ${figures.reference}`].join("");
}

/** A line for each rollout that did not end as it should, with the seed that plays it again. */
export function strayLines({ wanted }: Case, courses: readonly Course[]): string {
  return courses
    .filter(({ outcome }) => outcome !== wanted)
    .map(
      ({ seed, outcome, minutes, because }) =>
        `  seed ${seed}: ${outcome} after ${Math.round(minutes)} min${because === null ? "" : `, ${because}`}\n`,
    )
    .join("");
}

/** As Markdown. */
export function tableOf(all: readonly Figures[]): string {
  const row = (parts: readonly string[]): string => `| ${parts.join(" | ")} |`;
  const heads = ["", "seeds", ...HEADS, "reference, minutes"];
  return [
    row(heads),
    row(heads.map(() => "---")),
    ...all.map((figures) =>
      row([figures.name, String(figures.seeds), ...partsOf(figures), figures.reference]),
    ),
  ].join("\n");
}

function partsOf(figures: Figures): readonly string[] {
  const percent = (part: number): string => `${Math.round(part * 1000) / 10}%`;
  const time = (minutes: number | null): string => String(minutes ?? "never");
  const { rolledBack, completed, asked, medianMinutes, p90Minutes } = figures;
  return [
    percent(rolledBack),
    percent(completed),
    percent(asked),
    time(medianMinutes),
    time(p90Minutes),
  ];
}
