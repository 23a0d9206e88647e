// Everything that must hold before a change lands, in the order that fails fastest. Stops at the first failure.
import { spawnSync } from "node:child_process";

const STEPS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["types", "tsc", "-b"],
  ["format and lint", "biome", "check", "."],
  ["unused code", "knip"],
  ["tests", process.execPath, "tools/run-tests.ts"],
];

for (const [name, command, ...args] of STEPS) {
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) {
    process.stderr.write(`verify: ${name} failed\n`);
    process.exit(status ?? 1);
  }
}
