// bench/plain-proxy.ts: node:http and undici with no work between them.
import { readFileSync } from "node:fs";
import { nodeCommand, startPinned, untilHealthy } from "../../processes.ts";
import { type Peer, PROXY_CORE, pidOf, trusting } from "../peer.ts";

export const plain: Peer = {
  name: "plain",
  what: "node:http and undici's Pool.dispatch, no work (bench/plain-proxy.ts)",
  headers: () => ({}),
  missing: () => null,
  version: () => {
    const file = readFileSync("node_modules/undici/package.json", "utf8");
    return `undici ${(JSON.parse(file) as { version: string }).version}`;
  },
  start: async ({ port, upstream }) => {
    const command = nodeCommand("bench/plain-proxy.ts", String(port), upstream.origin);
    const child = startPinned(PROXY_CORE, command, trusting(upstream));
    const origin = `http://127.0.0.1:${port}`;
    await untilHealthy(`${origin}/healthz`);
    return { origin, pid: pidOf(child) };
  },
};
