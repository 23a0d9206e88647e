// The simulator on real sockets and in real time.
export { catalogue, scenarioFile, scenarioNames, scenarioOf } from "./catalogue.ts";
export { realClock } from "./clock.ts";
export { type Fleet, type FleetOptions, startFleet } from "./fleet-server.ts";
export { type HttpLoad, type HttpLoadOptions, startLoad } from "./load-generator.ts";
export { type HookBehaviour, HookReceiver } from "./receivers/hook-receiver.ts";
export { MailReceiver } from "./receivers/mail-receiver.ts";
export { rehearseSeeds } from "./rehearsal-crew.ts";
