// runGateway(options): a gateway on this machine, with one worker in this process or several in their own.

import { mkdirSync } from "node:fs";
import { SlipwayError } from "@slipway/wire";
import { requireFreeDataDir, serveAdmin } from "./admin-socket.ts";
import { clusterCrew } from "./crew/cluster-crew.ts";
import { type Crew, soloCrew } from "./crew/crew.ts";
import { divertFile } from "./divert-file.ts";
import { feedbackKeys } from "./feedback-key.ts";
import type { RunOptions } from "./options.ts";
import { environmentSecret, pinoLog } from "./system-ports.ts";

/** A controller refuses the frames of a gateway with a longer name. */
const NAME_LENGTH_MAX = 200;
const GRANTS_LOOK_EVERY_MS = 1_000;

export type RunningGateway = {
  /** The data port; the one that was found where 0 was asked for. */
  readonly port: number;
  /** Serves what is open, says goodbye to the controller, and stops. */
  readonly close: () => Promise<void>;
  /** Resolves when it has stopped, by `close` or by a signal. */
  readonly closed: Promise<void>;
};

/**
 * Resolves once it listens; whether a controller can be reached does not matter. SIGTERM and SIGINT close it; SIGHUP
 * has it read its certificate again.
 * Throws SlipwayError `bad_feedback_key`, `bad_name`, `cannot_listen`, `data_dir_in_use`, `file_read`, `socket_path`,
 * `worker_failed`.
 */
export async function runGateway(options: RunOptions): Promise<RunningGateway> {
  requireName(options.name);
  mkdirSync(options.dataDir, { recursive: true });
  await requireFreeDataDir(options.dataDir);
  // Made before there are several workers that would all make one.
  feedbackKeys(options.dataDir, environmentSecret("SLIPWAY_FEEDBACK_KEY"));
  const file = divertFile(options.dataDir);
  const crew =
    options.workers === 1
      ? await soloCrew(options, file.load())
      : await clusterCrew(options, () => file.load());
  const admin = await serveAdmin(options.dataDir, crew, file);
  const forgetGrants = followGrants(options, crew);
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>();
  let isClosing = false;
  const close = (): Promise<void> => {
    if (!isClosing) {
      isClosing = true;
      process.off("SIGTERM", onSignal);
      process.off("SIGINT", onSignal);
      process.off("SIGHUP", onHangUp);
      forgetGrants();
      Promise.all([crew.close(), admin.close()]).then(() => resolve(), reject);
    }
    return closed;
  };
  const onSignal = (): void => {
    // A failure to close is told to whoever waits on `closed`.
    close().catch(() => {});
  };
  const log = pinoLog(options.logLevel ?? "info", { gateway: options.name });
  const onHangUp = (): void => {
    crew.reload().then(
      () => log.info({}, "certificate read again"),
      (error: unknown) => log.error({ reason: String(error) }, "the old certificate stays"),
    );
  };
  process.on("SIGHUP", onHangUp);
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return { port: crew.port, close, closed };
}

/** Returns what ends it. */
function followGrants({ grants }: RunOptions, crew: Crew): () => void {
  if (grants === undefined) return () => {};
  let last = grants();
  const timer = setInterval(() => {
    const next = grants();
    if (next === last) return;
    last = next;
    // A worker that does not hear of it is stuck, or begins again and is told then.
    void crew.grant(next);
  }, GRANTS_LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function requireName(name: string): void {
  if (name.length > 0 && name.length <= NAME_LENGTH_MAX) return;
  throw new SlipwayError({
    code: "bad_name",
    status: 400,
    message: `the name of a gateway has 1 to ${NAME_LENGTH_MAX} characters, and this one ${name.length}`,
    fix: "Choose another name.",
  });
}
