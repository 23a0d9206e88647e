// How a worker's process is started: beside this file, as source or as built, and with a heap whose young part is bounded.

import { fileURLToPath } from "node:url";

/**
 * V8 by itself lets the part of the heap for what is new grow to four times that, and gives none of it back. Requests leave
 * little that lasts, so that it buys nothing: docs/decisions has the figures.
 */
const YOUNG_MIB_MAX = 16;
const YOUNG_FLAG = "--max-semi-space-size";

export type WorkerEntry = { readonly exec: string; readonly execArgv: string[] };

/** Other flags of this process (a test runner's, say) are not for workers that run from source. */
export function workerEntry(): WorkerEntry {
  const isSource = import.meta.url.endsWith(".ts");
  const exec = new URL(`./worker-main.${isSource ? "ts" : "js"}`, import.meta.url);
  const flags = isSource ? ["--conditions=@slipway/source"] : process.execArgv;
  return {
    exec: fileURLToPath(exec),
    execArgv: [...youngFlags([...process.execArgv, process.env["NODE_OPTIONS"] ?? ""]), ...flags],
  };
}

/** None where an operator has said otherwise. V8 takes hyphens and underscores alike. */
export function youngFlags(said: readonly string[]): readonly string[] {
  const isSaid = said.some((flag) => flag.replaceAll("_", "-").includes(YOUNG_FLAG));
  return isSaid ? [] : [`${YOUNG_FLAG}=${YOUNG_MIB_MAX}`];
}
