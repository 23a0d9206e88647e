// The workers of one gateway, as one: in this process, or in processes of their own.

import type { GatewaySnapshot } from "../snapshot.ts";
import type { RunOptions } from "./options.ts";
import { startWorker } from "./worker.ts";

export type Crew = {
  readonly port: number;
  readonly snapshots: () => Promise<readonly GatewaySnapshot[]>;
  /** Resolves once every worker has applied it. */
  readonly divert: (model: string, on: boolean) => Promise<void>;
  /** Has every worker read its files again. Throws SlipwayError `tls_files`; what was read before then stays. */
  readonly reload: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** One worker, in this process. */
export async function soloCrew(run: RunOptions, diverted: readonly string[]): Promise<Crew> {
  const worker = await startWorker({ run, worker: 1, diverted });
  return {
    port: worker.port,
    snapshots: () => Promise.resolve([worker.snapshot()]),
    divert: (model, on) => {
      worker.divert(model, on);
      return Promise.resolve();
    },
    reload: () => Promise.resolve().then(worker.reload),
    close: worker.close,
  };
}
