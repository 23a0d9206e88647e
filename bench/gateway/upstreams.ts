// The model servers of a run, on core 1: nginx gives every request the same answer at once, which no upstream in
// JavaScript could do as fast as the proxies ask; streams come from a program of our own, over HTTP or TLS.
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, nodeCommand, startPinned } from "../processes.ts";
import type { Certificate } from "./certificate.ts";
import { nginxCommand } from "./nginx-file.ts";
import { LOAD_CORE, type UpstreamPlace } from "./peer.ts";

const READY_TRIES = 400;
const READY_PAUSE_MS = 25;

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

async function untilAccepting(port: number): Promise<void> {
  for (let i = 0; i < READY_TRIES; i++) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (accepted) return;
    await sleep(READY_PAUSE_MS);
  }
  throw new Error(`nothing listens on port ${port}`);
}

function placeOf(port: number, certificate: Certificate | null): UpstreamPlace {
  const scheme = certificate === null ? "http" : "https";
  return { origin: `${scheme}://127.0.0.1:${port}`, port, caFile: certificate?.caFile ?? null };
}

export async function startAnswering(
  folder: string,
  certificate: Certificate | null,
): Promise<UpstreamPlace> {
  const port = await freePort();
  const secure =
    certificate === null
      ? `listen 127.0.0.1:${port};`
      : `listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certificate.certFile};
    ssl_certificate_key ${certificate.keyFile};`;
  const http = `  server {
    ${secure}
    location / { default_type application/json; return 200 '${ANSWER}'; }
  }`;
  startPinned(LOAD_CORE, nginxCommand(join(folder, "upstream"), http));
  await untilAccepting(port);
  return placeOf(port, certificate);
}

export async function startStreaming(certificate: Certificate | null): Promise<UpstreamPlace> {
  const port = await freePort();
  const files = certificate === null ? [] : [certificate.certFile, certificate.keyFile];
  startPinned(
    LOAD_CORE,
    nodeCommand("bench/gateway/load/stream-upstream-main.ts", String(port), ...files),
  );
  await untilAccepting(port);
  return placeOf(port, certificate);
}
