// TLS to upstreams: a certificate counts only if the right authority vouches for the right name, whatever the
// environment says, over every transport.

import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { Worker } from "node:worker_threads";
import { upstreamOver } from "../src/edge/transport/transport.ts";
import type { UpstreamRequest } from "../src/ports.ts";
import { authority } from "./certificates.ts";
import { bytes } from "./fixtures.ts";

const [issuer, stranger] = [authority(), authority()];
after(() => {
  issuer.remove();
  stranger.remove();
});

const CALLS = 20;

type Secure = { readonly port: number; readonly names: (string | null)[]; readonly server: Server };

/** Keeps the server names that clients asked for. */
async function secure(names: readonly string[]): Promise<Secure> {
  const { cert, key } = issuer.pair("server", names);
  const asked: (string | null)[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    const { servername } = request.socket as { readonly servername?: string | false };
    asked.push(servername || null);
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, names: asked, server };
}

/** In a thread of its own an upstream answers while this one is busy. */
const AT_ONCE = `
  const { createServer } = require("node:https");
  const { parentPort, workerData } = require("node:worker_threads");
  let connections = 0;
  const server = createServer(workerData, (request, response) => {
    request.resume().on("end", () => response.end("{}"));
  });
  server.on("secureConnection", () => connections++);
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
  parentPort.on("message", () => parentPort.postMessage(connections));
`;

function nextMessage(worker: Worker): Promise<number> {
  return new Promise((resolve) => worker.once("message", resolve));
}

for (const transport of ["node", "llhttp"] as const) {
  test(`${transport}: connections that answer at once are used again`, async (t) => {
    const worker = new Worker(AT_ONCE, {
      eval: true,
      workerData: issuer.pair("server", ["localhost"]),
    });
    t.after(() => worker.terminate());
    const port = await nextMessage(worker);
    const upstream = upstreamOver(transport);
    t.after(() => upstream.close());
    const request: UpstreamRequest = {
      method: "POST",
      baseUrl: `https://localhost:${port}/v1`,
      path: "/chat/completions",
      headers: ["content-type", "application/json"],
      body: bytes("{}"),
      caFile: issuer.caFile,
    };
    const call = (): Promise<void> =>
      new Promise((resolve, reject) => {
        upstream.send(request, {
          onHead: () => {},
          onData: () => true,
          onEnd: resolve,
          onError: ({ message }) => reject(new Error(message)),
        });
      });
    for (let i = 0; i < CALLS; i++) {
      const answered = call();
      // The answer is here before this event loop has come round.
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30));
      await answered;
    }
    worker.postMessage("how many");
    const connections = await nextMessage(worker);
    assert.ok(connections <= CALLS / 4, `${connections} connections for ${CALLS} calls`);
  });

  const called = (url: string, caFile?: string): Promise<string> => {
    const upstream = upstreamOver(transport);
    const request: UpstreamRequest = {
      method: "POST",
      baseUrl: url,
      path: "/chat/completions",
      headers: ["content-type", "application/json"],
      body: bytes("{}"),
      ...(caFile === undefined ? {} : { caFile }),
    };
    return new Promise<string>((resolve) => {
      let status = 0;
      upstream.send(request, {
        onHead: (code) => {
          status = code;
        },
        onData: () => true,
        onEnd: () => resolve(String(status)),
        onError: ({ kind, message, unsent }) => resolve(`${kind} ${unsent ?? false} ${message}`),
      });
    }).finally(() => upstream.close());
  };

  test(`${transport}: an authority's own servers are reached, by the name they are asked for`, async () => {
    const { names, port, server } = await secure(["localhost", "127.0.0.1"]);
    assert.equal(await called(`https://localhost:${port}/v1`, issuer.caFile), "200");
    assert.equal(await called(`https://127.0.0.1:${port}/v1`, issuer.caFile), "200");
    assert.deepEqual(names, ["localhost", null]);
    server.close();
  });

  test(`${transport}: an unknown authority, another name and a missing file fail before anything is sent`, async () => {
    const { names, port, server } = await secure(["elsewhere.test"]);
    const own = await secure(["localhost"]);
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    const answers = [
      await called(`https://localhost:${own.port}/v1`),
      await called(`https://localhost:${own.port}/v1`, stranger.caFile),
      await called(`https://localhost:${port}/v1`, issuer.caFile),
      await called(`https://localhost:${own.port}/v1`, `${issuer.caFile}.missing`),
    ];
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    for (const answer of answers) assert.match(answer, /^connect true /);
    assert.match(answers[2] ?? "", /altname/i);
    assert.deepEqual([...names, ...own.names], []);
    server.close();
    own.server.close();
  });
}
