// HAProxy with one thread. Without `http-no-delay` it holds the chunks of a stream back for up to 200 ms.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, startPinned, untilHealthy } from "../../processes.ts";
import { type Peer, PROXY_CORE, pidOf, type UpstreamPlace } from "../peer.ts";

function trust({ caFile }: UpstreamPlace): string {
  return caFile === null ? "" : ` ssl verify required ca-file ${caFile} sni str(localhost)`;
}

export const haproxy: Peer = {
  name: "haproxy",
  what: "HAProxy, one thread, option http-no-delay",
  headers: () => ({}),
  missing: () => (isInstalled("haproxy") ? null : "apt-get install haproxy"),
  version: () =>
    /version (\S+)/.exec(spawnSync("haproxy", ["-v"], { encoding: "utf8" }).stdout)?.[1] ?? "?",
  start: async ({ folder, port, upstream }) => {
    const file = join(folder, "haproxy.cfg");
    writeFileSync(
      file,
      `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend clients
  bind 127.0.0.1:${port}
  monitor-uri /healthz
  default_backend model
backend model
  server one 127.0.0.1:${upstream.port}${trust(upstream)}
`,
    );
    const child = startPinned(PROXY_CORE, ["haproxy", "-db", "-f", file]);
    await untilHealthy(`http://127.0.0.1:${port}/healthz`);
    return { origin: `http://127.0.0.1:${port}`, pid: pidOf(child) };
  },
};
