// The gateway on real sockets, files and processes.

export {
  type AdminAnswer,
  type AdminRequest,
  adminSocketPath,
  askGateway,
} from "./admin-socket.ts";
export { type KeptFile, keptFiles } from "./answer-spool.ts";
export { controllerLink, type HttpLink, type LinkOptions } from "./controller-link.ts";
export type { RunOptions } from "./options.ts";
export { type RunningGateway, runGateway } from "./run-gateway.ts";
export { type DataServer, type DataServerOptions, serveData } from "./transport/data-server.ts";
export { DEFAULT_TRANSPORT, type Transport } from "./transport/transport.ts";
export { undiciUpstream } from "./transport/undici-upstream.ts";
