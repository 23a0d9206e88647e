// Runs client libraries and a coding agent, as npm has them, against a gateway. They are many and large, so they have a
// folder and a lock of their own, and are installed when they are first needed. Arguments name the test files to run.
import { spawnSync } from "node:child_process";
import { globSync, statSync } from "node:fs";

function changedMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function run(command: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

// npm writes the inner file when it has installed what the outer one names.
if (changedMs("compat/node_modules/.package-lock.json") < changedMs("compat/package-lock.json")) {
  run("npm", "ci", "--prefix", "compat");
}
run("tsc", "-p", "compat");
const names = process.argv.slice(2);
const files = globSync("compat/test/**/*.test.ts").filter(
  (file) => names.length === 0 || names.some((name) => file.includes(name)),
);
run(
  process.execPath,
  "--conditions=@slipway/source",
  "--test",
  "--test-timeout=300000",
  ...files.sort(),
);
