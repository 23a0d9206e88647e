// Calls to upstreams over llhttp, where an upstream's timing and not only its bytes matters.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { llhttpUpstream } from "../src/edge/transport/llhttp/llhttp-upstream.ts";
import type { Call, Sink, Upstream, UpstreamFailure } from "../src/ports.ts";
import { until } from "./live-gateway.ts";
import { deadPort } from "./scripted-upstream.ts";

function upstreamFor(t: TestContext): Upstream {
  const upstream = llhttpUpstream();
  t.after(upstream.close);
  return upstream;
}

async function listening(t: TestContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

class Answer implements Sink {
  status = 0;
  text = "";
  bytes = 0;
  isEnded = false;
  failure: UpstreamFailure | null = null;
  /** What `onData` returns. */
  isFast = true;
  onHead(status: number): void {
    this.status = status;
  }
  onData(chunk: Uint8Array): boolean {
    this.bytes += chunk.length;
    if (this.bytes < 1_000) this.text += Buffer.from(chunk).toString();
    return this.isFast;
  }
  onEnd(): void {
    this.isEnded = true;
  }
  onError(failure: UpstreamFailure): void {
    this.failure = failure;
  }
  get isOver(): boolean {
    return this.isEnded || this.failure !== null;
  }
}

type Asked = { readonly answer: Answer; readonly call: Call };

function ask(upstream: Upstream, baseUrl: string, more: object = {}): Asked {
  const answer = new Answer();
  const request = { method: "GET", baseUrl, path: "/x", headers: [], body: new Uint8Array(0) };
  return { answer, call: upstream.send({ ...request, ...more }, answer) };
}

async function answered(upstream: Upstream, baseUrl: string, more: object = {}): Promise<Answer> {
  const { answer } = ask(upstream, baseUrl, more);
  await until(() => answer.isOver);
  return answer;
}

const HI = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

test("a slow taker pauses the upstream, and gets everything in the end", async (t) => {
  const size = 20_000_000;
  let left = size;
  const url = await listening(
    t,
    createHttpServer((_, response) => {
      response.writeHead(200, { "content-length": String(size) });
      const more = (): void => {
        while (left > 0) {
          const chunk = Buffer.alloc(Math.min(left, 65_536));
          left -= chunk.length;
          if (!response.write(chunk)) {
            response.once("drain", more);
            return;
          }
        }
        response.end();
      };
      more();
    }),
  );
  const { answer, call } = ask(upstreamFor(t), url);
  answer.isFast = false;
  await until(() => answer.bytes > 0);
  const early = answer.bytes;
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answer.bytes, early, "nothing came while it was not asked for");
  assert.ok(left > 0, "the upstream itself has to wait");
  answer.isFast = true;
  call.resume();
  await until(() => answer.isEnded);
  assert.equal(answer.bytes, size);
});

test("a call that is aborted cuts its connection, and is heard of no more", async (t) => {
  const server = createHttpServer((_, response) => response.write("x"));
  const url = await listening(t, server);
  const connected = once(server, "connection") as Promise<[Socket]>;
  const { answer, call } = ask(upstreamFor(t), url);
  const [socket] = await connected;
  await until(() => answer.bytes > 0);
  const gone = once(socket, "close");
  call.abort();
  await gone;
  assert.equal(answer.isOver, false);
});

test("a call that is aborted while it waits for its connection is never sent", async (t) => {
  let requests = 0;
  const url = await listening(
    t,
    createHttpServer((_, response) => {
      requests++;
      response.end("hi");
    }),
  );
  const upstream = upstreamFor(t);
  ask(upstream, url).call.abort();
  await answered(upstream, url);
  const { answer, call } = ask(upstream, url);
  call.abort();
  await answered(upstream, url);
  assert.equal(requests, 2);
  assert.equal(answer.isOver, false);
});

test("an upstream that cannot be reached got nothing, and one that has another certificate neither", async (t) => {
  const upstream = upstreamFor(t);
  const refused = await answered(upstream, `http://127.0.0.1:${await deadPort()}/v1`);
  assert.equal(refused.failure?.unsent, true);
  assert.equal(refused.failure?.kind, "connect");
  const plain = await listening(
    t,
    createServer((socket) => socket.end("no TLS\r\n")),
  );
  const untrusted = await answered(upstream, plain.replace("http:", "https:"));
  assert.equal(untrusted.failure?.unsent, true);
});

test("a header that cannot be sent is no reason to send the rest", async (t) => {
  const url = await listening(t, createServer());
  const answer = await answered(upstreamFor(t), url, { headers: ["authorization", "a\r\nb: c"] });
  assert.equal(answer.failure?.unsent, true);
});

test("what an upstream says out of turn is nobody's answer", async (t) => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on("data", () => {
      socket.write(HI);
      // It comes when the first answer has long been taken for whole.
      setImmediate(() => socket.write(HI.replace("hi", "no")));
    });
  });
  const url = await listening(t, server);
  const upstream = upstreamFor(t);
  assert.equal((await answered(upstream, url)).text, "hi");
  await until(() => connections === 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await answered(upstream, url)).text, "hi");
  assert.equal(connections, 2, "the connection that spoke out of turn was not used again");
});

test("a kept connection is used again, and one that was closed meanwhile is known to be stale", async (t) => {
  const ports = new Set<number | undefined>();
  let isCutting = false;
  const url = await listening(
    t,
    createServer((socket) => {
      ports.add(socket.remotePort);
      socket.on("data", () => {
        if (isCutting) socket.destroy();
        else socket.write(HI);
      });
    }),
  );
  const upstream = upstreamFor(t);
  for (let i = 0; i < 3; i++) assert.equal((await answered(upstream, url)).text, "hi");
  assert.equal(ports.size, 1);
  isCutting = true;
  const { failure } = await answered(upstream, url);
  assert.equal(failure?.stale, true);
  assert.equal(failure?.unsent, undefined);
  const fresh = await answered(upstream, url, { fresh: true });
  assert.equal(fresh.failure?.stale, undefined, "a new connection cannot be stale");
});

test("an answer that comes before the request has been sent ends the connection", async (t) => {
  let connections = 0;
  const url = await listening(
    t,
    createServer((socket) => {
      connections++;
      socket.once("data", () => {
        socket.pause();
        socket.write(HI);
      });
    }),
  );
  const upstream = upstreamFor(t);
  const body = new Uint8Array(30_000_000);
  for (let i = 0; i < 2; i++) {
    const answer = await answered(upstream, url, { method: "POST", body });
    assert.equal(answer.text, "hi");
  }
  assert.equal(connections, 2);
});

test("what one upstream has sent stays as it is while others send", async (t) => {
  const texts = Array.from({ length: 40 }, (_, index) => String(index % 10).repeat(3_000 + index));
  const url = await listening(
    t,
    createHttpServer((request, response) => {
      const text = texts[Number(request.headers["x-number"])] ?? "";
      response.writeHead(200, { "content-length": text.length });
      response.write(text.slice(0, 1_000));
      setImmediate(() => response.end(text.slice(1_000)));
    }),
  );
  const upstream = upstreamFor(t);
  // Kept as they come, as the path keeps what it has yet to write, or to judge.
  const kept = texts.map((_, index) => {
    const chunks: Uint8Array[] = [];
    const answer = new Answer();
    const sink: Sink = {
      onHead: () => {},
      onData: (chunk) => chunks.push(chunk) > 0,
      onEnd: () => answer.onEnd(),
      onError: (failure) => answer.onError(failure),
    };
    const headers = ["x-number", String(index)];
    const request = { method: "GET", baseUrl: url, path: "/x", headers, body: new Uint8Array(0) };
    upstream.send(request, sink);
    return { answer, chunks };
  });
  await until(() => kept.every(({ answer }) => answer.isOver));
  assert.deepEqual(
    kept.map(({ chunks }) => Buffer.concat(chunks).toString()),
    texts,
  );
});

test("answers to HEAD have no body, and leave the connection as it was", async (t) => {
  const ports = new Set<number | undefined>();
  const url = await listening(
    t,
    createHttpServer((request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(200, { "content-length": "2" });
      response.end(request.method === "HEAD" ? "" : "hi");
    }),
  );
  const upstream = upstreamFor(t);
  for (const method of ["HEAD", "GET", "HEAD", "GET"]) {
    const answer = await answered(upstream, url, { method });
    assert.equal(answer.text, method === "HEAD" ? "" : "hi");
  }
  assert.equal(ports.size, 1);
});
