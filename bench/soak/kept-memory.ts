// What the processes of a gateway under soak keep, as `collector-main.ts` wrote it down in each of them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Sample } from "./flatness.ts";

const MIB = 2 ** 20;

/** Of a process, after each collection. `atMs`: since the epoch. */
export type KeptMemory = {
  /** What its objects take, and what they hold outside of the heap. */
  readonly kept: readonly Sample[];
  readonly resident: readonly Sample[];
};

/** The environment in which Node's processes write down what they keep. */
export function collectingInto(folder: string): Readonly<Record<string, string>> {
  const collector = pathToFileURL(join(import.meta.dirname, "collector-main.ts"));
  return {
    NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --import=${collector.href}`.trim(),
    SLIPWAY_SOAK_MEMORY: folder,
  };
}

/** Nothing of a process that is too young to have written anything. */
export function keptMemoryOf(folder: string, pid: number): KeptMemory {
  const file = join(folder, String(pid));
  if (!existsSync(file)) return { kept: [], resident: [] };
  const rows = readFileSync(file, "utf8").trimEnd().split("\n");
  const taken = rows.map((row) => row.split(" ").map(Number));
  const column = (at: number): readonly Sample[] =>
    taken.map((numbers) => ({
      atMs: numbers[0] ?? Number.NaN,
      value: (numbers[at] ?? Number.NaN) / MIB,
    }));
  return { kept: column(1), resident: column(2) };
}
