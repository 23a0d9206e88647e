// The ports of gates on a real machine.

export { type ClosableAsk, chatClient } from "./chat-client.ts";
export { httpClient } from "./http-client.ts";
export { localFiles, localFolders } from "./local-files.ts";
export { scoringPorts } from "./scoring-ports.ts";
export { shellRunner } from "./shell-runner.ts";
export { systemClock } from "./system-clock.ts";
export { threadedShoot } from "./threaded-shoot.ts";
