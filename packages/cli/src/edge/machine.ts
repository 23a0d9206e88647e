// What `up` assumes about this machine when it is not told.

import { existsSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { join } from "node:path";

/** A gateway worker needs a core; more than this many is for a team that says so. */
const WORKERS_DEFAULT_MAX = 4;

export function defaultWorkers(): number {
  return Math.max(1, Math.min(WORKERS_DEFAULT_MAX, availableParallelism()));
}

export function machineName(): string {
  return hostname();
}

export function fileExists(path: string): boolean {
  return existsSync(path);
}

/** The controller's own folder, where the data directory of `up` is named. */
export function controllerFolder(dataDir: string): string {
  const inside = join(dataDir, "controller");
  return existsSync(inside) ? inside : dataDir;
}
