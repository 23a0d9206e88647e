// Starts the demo's model servers in a process of their own, so that their work does not slow the users'.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SlipwayError } from "@slipway/wire";

/** This file is a source or a built one; so is its neighbour. */
const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./fleet-main.ts" : "./fleet-main.js", import.meta.url),
);

export type FleetChild = {
  /** Base URLs up to and with /v1, by version name. */
  readonly urls: { readonly [version: string]: string };
  readonly close: () => Promise<void>;
};

export async function startFleetChild(
  versions: readonly string[],
  seed: number,
): Promise<FleetChild> {
  const child = fork(MAIN, [String(seed), ...new Set(versions)]);
  const urls = await firstMessage(child);
  return { urls: Object.fromEntries(Object.entries(urls)), close: () => ended(child) };
}

async function firstMessage(child: ChildProcess): Promise<object> {
  const [message] = await Promise.race([once(child, "message"), once(child, "exit")]);
  if (typeof message === "object" && message !== null) return message;
  throw new SlipwayError({
    code: "fleet_failed",
    status: 500,
    message: "the simulated model servers did not start; what they said is above",
    fix: null,
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}
