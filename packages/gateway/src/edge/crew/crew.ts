// The workers of one gateway, as one: in this process, or in processes of their own.

import type { Grant } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import type { GatewaySnapshot } from "../../snapshot.ts";
import type { RunOptions } from "../options.ts";
import { startWorker } from "./worker.ts";

export type Crew = {
  readonly port: number;
  readonly snapshots: () => Promise<readonly GatewaySnapshot[]>;
  /** Resolves once every worker has applied it. */
  readonly divert: (model: string, on: boolean) => Promise<void>;
  /** Has every worker send keys where they may be sent now. */
  readonly grant: (grants: readonly Grant[]) => Promise<void>;
  /** Has every worker read its files again. Throws SlipwayError `tls_files`; what was read before then stays. */
  readonly reload: () => Promise<void>;
  /**
   * Replaces the workers one by one: the new one listens before the old one takes no more. Throws SlipwayError
   * `one_process`, `restart_under_way`, `worker_failed`.
   */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** One worker, in this process. */
export async function soloCrew(run: RunOptions, diverted: readonly string[]): Promise<Crew> {
  const worker = await startWorker({ run, worker: 1, diverted, grants: run.grants?.() ?? [] });
  return {
    port: worker.port,
    snapshots: () => Promise.resolve([worker.snapshot()]),
    divert: (model, on) => {
      worker.divert(model, on);
      return Promise.resolve();
    },
    restart: () => Promise.reject(oneProcess()),
    grant: (grants) => {
      worker.grant(grants);
      return Promise.resolve();
    },
    reload: () => Promise.resolve().then(worker.reload),
    close: worker.close,
  };
}

function oneProcess(): SlipwayError {
  return new SlipwayError({
    code: "one_process",
    status: 409,
    message: "this gateway is a single process: nobody would serve while it is replaced",
    fix: "Run it with --workers 2 or more.",
  });
}
