#!/usr/bin/env node
// Starts the slipway command with a Node that can run it, from its built files or straight from its sources.
// No dependencies, and nothing that an old Node would not understand.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 24;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, "..", "dist", "main.js");
const source = join(here, "..", "src", "main.ts");
// An installed package has no tests; a checkout runs its sources, so that it never runs stale builds.
const checkout = existsSync(join(here, "..", "test"));
const fromSource = existsSync(source) && (checkout || !existsSync(built));
const main = fromSource ? source : built;
const flags = fromSource ? ["--conditions=@slipway/source"] : [];

function major(version) {
  return Number(version.split(".")[0]);
}

/** The binary of the `node` package in the nearest node_modules that has one. */
function packagedNode() {
  for (let at = here; ; at = dirname(at)) {
    const binary = join(at, "node_modules", "node", "bin", "node");
    if (existsSync(binary)) return binary;
    if (dirname(at) === at) return null;
  }
}

const recent = major(process.versions.node) >= NODE_MAJOR_MIN;
const node = recent ? process.execPath : packagedNode();
if (node === null) {
  process.stderr.write(
    `slipway: needs Node ${NODE_MAJOR_MIN} or later, and this is ${process.versions.node}\n` +
      "         install it, or add the npm package node@24 to your project\n",
  );
  process.exit(2);
}

if (recent && flags.length === 0) {
  await import(main);
} else {
  const child = spawn(node, [...flags, main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`slipway: ${node} cannot be started: ${error.message}\n`);
    process.exit(70);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 70);
    // End as the child ended, so that a shell sees the same.
    for (const name of SIGNALS) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}
