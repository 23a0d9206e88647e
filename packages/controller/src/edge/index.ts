// The control plane on this machine: SQLite, HTTP, and everything else of node:*.

export { createApi } from "./http/api.ts";
export { createMetrics } from "./metrics.ts";
export {
  createLog,
  LOG_LEVELS,
  type LogLevel,
  nodeClock,
  randomIds,
  sha256,
} from "./node-ports.ts";
export { readStore, verifyStore } from "./read-store.ts";
export {
  CONTROLLER_PORT,
  type ControllerOptions,
  type RunningController,
  runController,
} from "./run-controller.ts";
export { openSqliteStore, type SqliteStoreOptions } from "./sqlite/sqlite-store.ts";
