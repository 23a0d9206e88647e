// Writes the configuration of an nginx that keeps all its files in one folder.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes it, and gives the command that runs it. `http` is what stands in its http block. */
export function nginxCommand(place: string, http: string): readonly string[] {
  mkdirSync(place, { recursive: true });
  const file = join(place, "nginx.conf");
  writeFileSync(
    file,
    `worker_processes 1;
daemon off;
pid ${place}/pid;
error_log ${place}/error.log;
events { worker_connections 2048; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${place}/body;
  proxy_temp_path ${place}/proxy;
  fastcgi_temp_path ${place}/fastcgi;
  uwsgi_temp_path ${place}/uwsgi;
  scgi_temp_path ${place}/scgi;
${http}
}
`,
  );
  return ["nginx", "-c", file, "-e", `${place}/error.log`];
}

export function nginxVersion(): string {
  return /nginx\/(\S+)/.exec(spawnSync("nginx", ["-v"], { encoding: "utf8" }).stderr)?.[1] ?? "?";
}
