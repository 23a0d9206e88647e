// @portkey-ai/gateway from npm, the best-known gateway in TypeScript. It is installed when it is first measured, into
// bench/peers/, so that the project's own installation stays small. Its server library is pinned by an override:
// with the newest one that it allows, this version answers every stream with a 500.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { startPinned, untilHealthy } from "../../processes.ts";
import { type Peer, PROXY_CORE, pidOf, trusting, type UpstreamPlace } from "../peer.ts";

const PLACE = "bench/peers";
const SERVER = `${PLACE}/node_modules/@portkey-ai/gateway/build/start-server.js`;
const INSTALL_MS_MAX = 120_000;

function versionIn(name: string): string {
  const file = readFileSync(`${PLACE}/node_modules/${name}/package.json`, "utf8");
  return (JSON.parse(file) as { version: string }).version;
}

function missing(): string | null {
  if (existsSync(SERVER)) return null;
  const done = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: PLACE,
    encoding: "utf8",
    timeout: INSTALL_MS_MAX,
  });
  if (done.status === 0 && existsSync(SERVER)) return null;
  const why = /npm error (?!code)(.+)/.exec(done.stderr)?.[1] ?? done.error?.message ?? "";
  return `npm ci in ${PLACE} failed: ${why}`;
}

/** Where its requests go is said by each of them. */
function portkeyHeaders({ origin }: UpstreamPlace): Record<string, string> {
  return {
    authorization: "Bearer benchmark",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `${origin}/v1`,
  };
}

export const portkey: Peer = {
  name: "portkey",
  what: "@portkey-ai/gateway, with @hono/node-server 1.13.8",
  headers: portkeyHeaders,
  missing,
  version: () =>
    `${versionIn("@portkey-ai/gateway")}, node-server ${versionIn("@hono/node-server")}`,
  start: async ({ port, upstream }) => {
    const child = startPinned(
      PROXY_CORE,
      [process.execPath, SERVER, `--port=${port}`, "--headless"],
      { ...trusting(upstream), NODE_ENV: "production" },
    );
    const origin = `http://127.0.0.1:${port}`;
    await untilHealthy(`${origin}/`);
    return { origin, pid: pidOf(child) };
  },
};
