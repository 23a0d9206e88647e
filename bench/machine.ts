// What a figure was measured on, so that it can be read later.
import { cpus, release, totalmem } from "node:os";

export type Machine = {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
};

export function thisMachine(): Machine {
  return {
    // Not those that this process may use: a benchmark keeps itself to one.
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
}
