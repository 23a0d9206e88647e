// Soaks a gateway: real processes and sockets, clients that come, go and leave at every point, tables that change and workers
// that are replaced under them, for ten minutes. Exit code 1 when anything was lost, left over, or grows:
// npm run soak -- [--minutes N] [--seed N] [--transport node|llhttp] [--clients N] [--quick] [--json] [--plant lost|doubled|error]
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { thisMachine } from "./machine.ts";
import { endAll } from "./processes.ts";
import { run } from "./soak/course.ts";
import { optionsOf } from "./soak/options.ts";
import { reportOf, reportText } from "./soak/report.ts";

const args = process.argv.slice(2);
const options = optionsOf(args);
const folder = mkdtempSync(join(tmpdir(), "slipway-soak-"));
try {
  const course = await run(folder, options);
  const loadAverage = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  const command = ["npm run soak --", ...args].join(" ");
  const report = reportOf({ command, loadAverage, machine: thisMachine() }, options, course);
  process.stdout.write(options.isJson ? `${JSON.stringify(report)}\n` : reportText(report));
  process.exitCode = report.failures.length === 0 ? 0 : 1;
} finally {
  await endAll();
  rmSync(folder, { recursive: true, force: true });
}
