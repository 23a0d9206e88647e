// Two nginx configurations: an upstream that answers at once, and the plain proxy that Slipway is compared with.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ANSWER = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "bench",
  choices: [
    { index: 0, message: { role: "assistant", content: "x".repeat(330) }, finish_reason: "stop" },
  ],
  usage: { prompt_tokens: 100, completion_tokens: 8, total_tokens: 108 },
});

function write(folder: string, name: string, http: string): readonly string[] {
  const place = join(folder, name);
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

/** The command of an upstream that gives every request the same chat completion. */
export function mockCommand(folder: string, port: number): readonly string[] {
  return write(
    folder,
    "mock",
    `  server {
    listen 127.0.0.1:${port};
    location / { default_type application/json; return 200 '${ANSWER}'; }
  }`,
  );
}

/** The command of nginx's own reverse proxy in front of that upstream. */
export function proxyCommand(
  folder: string,
  port: number,
  upstreamPort: number,
): readonly string[] {
  return write(
    folder,
    "proxy",
    `  upstream model { server 127.0.0.1:${upstreamPort}; keepalive 128; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://model;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }`,
  );
}
