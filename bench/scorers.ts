// How good the scorers are, on answers that were recorded and labelled by people, and code that was written for tests.
// npm run bench:scorers -- --data FOLDER [--quick] [--sample N] [--only refusals|tests] [--json]
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findIsolation, treeSitter } from "@slipway/scorers/edge";
import { thisMachine } from "./machine.ts";
import { completionsOf, type Grades, gradesOf, sampleOf } from "./scorers/graded.ts";
import {
  type Agreement,
  agreementOf,
  type Delta,
  labelledAnswers,
  refusalDelta,
} from "./scorers/refusals.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    only: { type: "string" },
    sample: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

/** Of recorded completions, with --quick; a number of them with --sample; else all. */
const QUICK = 40;
const sample = values.quick ? QUICK : Number(values.sample ?? Number.MAX_SAFE_INTEGER);
const MODELS = { stable: "gpt4", candidate: "llama2new" } as const;

type Report = {
  readonly machine: ReturnType<typeof thisMachine>;
  refusals?: {
    readonly agreement: Readonly<Record<string, Agreement>>;
    readonly delta: { readonly scorer: Delta; readonly people: Delta };
  };
  tests?: Grades & { readonly recorded: number; readonly isolation: string };
};

async function main(): Promise<void> {
  const report: Report = { machine: thisMachine() };
  if (values.only !== "tests") report.refusals = refusals();
  if (values.only !== "refusals") report.tests = await tests();
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : textOf(report));
}

function file(name: string): string {
  const folder = values.data ?? "";
  const path = join(folder, name);
  if (folder === "" || !existsSync(path)) {
    throw new Error(
      `there is no ${name} in ${folder === "" ? "a folder that --data names" : folder}: it takes XSTest's completions (gpt4.gpteval.csv, llama2new.gpteval.csv) and mxeval's mbpp_typescript.jsonl with mbpp_typescript_sample_completions.jsonl`,
    );
  }
  return readFileSync(path, "utf8");
}

function refusals(): NonNullable<Report["refusals"]> {
  const stable = labelledAnswers(file(`${MODELS.stable}.gpteval.csv`));
  const candidate = labelledAnswers(file(`${MODELS.candidate}.gpteval.csv`));
  return {
    agreement: {
      [MODELS.stable]: agreementOf(stable),
      [MODELS.candidate]: agreementOf(candidate),
    },
    delta: {
      scorer: refusalDelta(stable, candidate, "scorer"),
      people: refusalDelta(stable, candidate, "people"),
    },
  };
}

async function tests(): Promise<NonNullable<Report["tests"]>> {
  const tasks = file("mbpp_typescript.jsonl");
  const recorded = file("mbpp_typescript_sample_completions.jsonl");
  const isolation = await findIsolation();
  if (isolation.kind === "none") throw new Error(`nothing can be isolated: ${isolation.because}`);
  const parse = await treeSitter(["typescript"]);
  const all = completionsOf(tasks, recorded);
  try {
    const grades = await gradesOf(sampleOf(all, sample), isolation.sandbox, parse);
    return { ...grades, recorded: all.length, isolation: isolation.sandbox.name };
  } finally {
    isolation.release();
  }
}

function textOf({ machine, refusals: told, tests: graded }: Report): string {
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}`,
  ];
  for (const [model, agreement] of Object.entries(told?.agreement ?? {})) {
    const { accuracy, recall, precision, answers } = agreement;
    lines.push(
      `refusals, ${model}: accuracy ${share(accuracy)}, recall ${share(recall)}, precision ${share(precision)} (${answers} labelled answers)`,
    );
  }
  for (const [by, delta] of Object.entries(told?.delta ?? {})) {
    const [low, high] = delta.interval;
    lines.push(
      `refusals of ${delta.items} safe prompts, by ${by}: ${share(delta.stableRefuses)} → ${share(delta.candidateRefuses)}, ${share(low)} to ${share(high)} more, chance of that in a version no worse ${delta.harmChance.toExponential(1)}: ${delta.verdict}`,
    );
  }
  if (graded !== undefined) lines.push(gradesText(graded));
  return `${lines.join("\n")}\n`;
}

function gradesText(grades: NonNullable<Report["tests"]>): string {
  const { completions, recorded, passed, parses, wallMs, because, isolation } = grades;
  const causes = Object.entries(because)
    .toSorted(([, a], [, b]) => b - a)
    .map(([cause, count]) => `    ${count} ${cause}`);
  const head = `unit tests: ${passed} of ${completions} completions pass (${share(passed / completions)}), ${share(parses)} parse (${recorded} recorded); ${(wallMs / 1000).toFixed(0)} s, ${(wallMs / completions).toFixed(0)} ms each, by ${isolation}`;
  return [head, ...causes].join("\n");
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}

await main();
