// Runs one world, or several, and prints what happened: `npm run world -- --seed 17`, `-- --from 1 --to 300 --quiet`.
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { planOf } from "../world/plan.ts";
import { runWorld, type WorldReport } from "../world/run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    from: { type: "string" },
    to: { type: "string" },
    /** Tells the story of worlds that fail only. */
    quiet: { type: "boolean", default: false },
  },
});

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tell(report: WorldReport, tookMs: number, isQuiet: boolean): void {
  const { plan, violations, story, summaries, events, virtualMs, load } = report;
  const isOk = violations.length === 0;
  if (!(isQuiet && isOk)) {
    print(JSON.stringify(plan));
    for (const line of [...story, ...summaries]) print(line);
  }
  print(
    `seed ${plan.seed}: ${isOk ? "ok" : "VIOLATED"}, ${events} events, ${load?.due} requests, ${load?.errors} errors, ` +
      `${Math.round(virtualMs / 1000)} s in ${Math.round(tookMs)} ms, log ${(report.hash >>> 0).toString(16)}`,
  );
  for (const { checker, atMs, text } of violations) {
    print(`  ${checker} at ${(atMs / 1000).toFixed(3)} s: ${text}`);
  }
}

const from = Number(values.from ?? values.seed);
const to = Number(values.to ?? values.from ?? values.seed);
let failed = 0;
for (let seed = from; seed <= to; seed++) {
  const startedMs = performance.now();
  const report = await runWorld({ plan: planOf(seed), digest, settle });
  tell(report, performance.now() - startedMs, values.quiet);
  if (report.violations.length > 0) failed++;
}
if (from !== to) print(`${to - from + 1 - failed} of ${to - from + 1} worlds held`);
process.exitCode = failed === 0 ? 0 : 1;
