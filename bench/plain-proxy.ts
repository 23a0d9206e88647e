// The least a proxy on Node can do: node:http in, undici's Pool.dispatch out, and no work on the way. What a
// gateway over the same two libraries cannot be faster than. node bench/plain-proxy.ts PORT UPSTREAM
import { createServer, type ServerResponse } from "node:http";
import { type Dispatcher, Pool } from "undici";

const [port = "0", upstream = ""] = process.argv.slice(2);
const pool = new Pool(upstream, {
  connections: 1_024,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
  allowH2: false,
});

/** Headers between two hosts, which stay there. */
const HOP = new Set(["connection", "keep-alive", "transfer-encoding", "host"]);

function passed(raw: readonly (string | Buffer)[]): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = String(raw[i]);
    if (!HOP.has(name.toLowerCase())) headers.push(name, String(raw[i + 1]));
  }
  return headers;
}

function relay(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller) => {
      response.on("drain", () => controller.resume());
      response.on("close", () => {
        if (!response.writableEnded) controller.abort(new Error("the client has left"));
      });
    },
    onResponseStart: (controller, status) => {
      const { rawHeaders } = controller;
      response.writeHead(status, passed(Array.isArray(rawHeaders) ? rawHeaders : []));
    },
    onResponseData: (controller, chunk) => {
      if (!response.write(chunk)) controller.pause();
    },
    onResponseEnd: () => {
      response.end();
    },
    onResponseError: () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    },
  };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = chunks.length === 0 ? null : Buffer.concat(chunks);
    const { method = "GET", url = "/" } = request;
    pool.dispatch(
      { path: url, method, headers: passed(request.rawHeaders), body },
      relay(response),
    );
  });
});
server.listen(Number(port), "127.0.0.1");
