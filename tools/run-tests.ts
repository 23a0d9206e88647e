// Runs every test file of the workspace with Node's own test runner. Arguments narrow it:
// `npm test -- packages/core` runs one package, `npm test -- --test-name-pattern=lease` one behaviour.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { resolve } from "node:path";

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith("-"));
const places = args.filter((arg) => !arg.startsWith("-"));
const files = globSync(["packages/*/test/**/*.test.ts", "{bench,tools}/**/*.test.ts"]).filter(
  (file) => places.length === 0 || places.some((place) => file.startsWith(place)),
);
if (files.length === 0) {
  process.stderr.write(`no test file under ${places.join(", ")}\n`);
  process.exit(1);
}
/** Most of what a test file costs is reading the same sources again, and so does every command that a test starts. */
const NODE_COMPILE_CACHE = process.env["NODE_COMPILE_CACHE"] ?? resolve("node_modules/.cache/node");
const child = spawn(
  process.execPath,
  ["--conditions=@slipway/source", "--test", "--test-timeout=600000", ...flags, ...files.sort()],
  { stdio: "inherit", env: { ...process.env, NODE_COMPILE_CACHE } },
);
child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
