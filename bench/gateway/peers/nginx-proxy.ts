// nginx's own reverse proxy, as one sets it up in front of a model: kept connections, and no buffering of answers.
import { join } from "node:path";
import { isInstalled, startPinned, untilHealthy } from "../../processes.ts";
import { nginxCommand, nginxVersion } from "../nginx-file.ts";
import { type Peer, PROXY_CORE, pidOf, type UpstreamPlace } from "../peer.ts";

function trust({ caFile }: UpstreamPlace): string {
  if (caFile === null) return "";
  return `
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate ${caFile};
      proxy_ssl_name localhost;
      proxy_ssl_server_name on;`;
}

export const nginxProxy: Peer = {
  name: "nginx",
  what: "nginx proxy_pass, one worker",
  headers: () => ({}),
  missing: () => (isInstalled("nginx") ? null : "apt-get install nginx-light"),
  version: nginxVersion,
  start: async ({ folder, port, upstream }) => {
    const command = nginxCommand(
      join(folder, "nginx-proxy"),
      `  upstream model { server 127.0.0.1:${upstream.port}; keepalive 256; }
  server {
    listen 127.0.0.1:${port};
    location = /healthz { return 200; }
    location / {
      proxy_pass ${new URL(upstream.origin).protocol}//model;
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Connection "";${trust(upstream)}
    }
  }`,
    );
    const child = startPinned(PROXY_CORE, command);
    await untilHealthy(`http://127.0.0.1:${port}/healthz`);
    return { origin: `http://127.0.0.1:${port}`, pid: pidOf(child) };
  },
};
