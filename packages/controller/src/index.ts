// The control plane over ports: no disk, no socket, no clock of its own.

export { type Controller, createController, TICK_EVERY_MS } from "./controller.ts";
export { EMPTY_TAIL, tailAfter } from "./journal/journal-tail.ts";
export { verifyJournals } from "./journal/verify.ts";
export type { ControllerPorts, Digest, Ids, Log, LogFields } from "./ports.ts";
export { type ForesightAsk, foresee } from "./reading/foresee.ts";
export { type Readings, readingsOf } from "./reading/readings.ts";
export { createMemoryStore, type MemoryStoreHooks } from "./store/memory-store.ts";
export type * from "./store/store.ts";
export { rolloutView } from "./view/rollout-view.ts";
