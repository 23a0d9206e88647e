// Clients' connections over llhttp, where timing matters: who is waited for and for how long, who has left, what is kept.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { DEFAULT_DATA_LIMITS } from "../src/edge/transport/data-limits.ts";
import { ClientConnection } from "../src/edge/transport/llhttp/client-connection.ts";
import { Llhttp } from "../src/edge/transport/llhttp/llhttp.ts";
import { Outbox } from "../src/edge/transport/llhttp/outbox.ts";
import type { Exchange } from "../src/ports.ts";
import { until } from "./live-gateway.ts";

const llhttp = new Llhttp();

type Served = {
  readonly port: number;
  readonly connections: Set<ClientConnection>;
  /** The server's ends. */
  readonly sockets: Socket[];
  readonly beat: { seconds: number; date: string };
  isClosing: boolean;
  /** Lets time pass, and has every connection look at it. */
  readonly pass: (seconds: number) => void;
};

/** A server whose time is the test's. */
async function serve(t: TestContext, handle: (exchange: Exchange) => void): Promise<Served> {
  const beat = { seconds: 0, date: "now" };
  const connections = new Set<ClientConnection>();
  const outbox = new Outbox();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const events = {
      handle,
      limits: DEFAULT_DATA_LIMITS,
      outbox,
      isClosing: () => served.isClosing,
      closesIdle: () => served.isClosing,
      closed: (connection: ClientConnection) => connections.delete(connection),
    };
    connections.add(new ClientConnection(socket, llhttp, beat, events));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const connection of connections) connection.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const served: Served = {
    port,
    connections,
    sockets,
    beat,
    isClosing: false,
    pass: (seconds) => {
      beat.seconds += seconds;
      for (const connection of connections) connection.check();
    },
  };
  return served;
}

type Client = { readonly socket: Socket; text: string; isClosed: boolean };

async function clientOf(t: TestContext, { connections, port }: Served): Promise<Client> {
  const known = connections.size;
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  const client: Client = { socket, text: "", isClosed: false };
  socket.on("data", (chunk) => {
    client.text += chunk.toString("latin1");
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    client.isClosed = true;
  });
  await until(() => connections.size > known);
  return client;
}

function answerText(exchange: Exchange, text: string): void {
  exchange.respond(200, ["content-length", String(text.length)]);
  exchange.write(Buffer.from(text));
  exchange.end();
}

const echo = (exchange: Exchange): void => {
  exchange.read(
    100_000,
    (body) => answerText(exchange, `${exchange.path}:${body.length}`),
    (reason) => answerText(exchange, reason),
  );
};

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
const post = (bytes: number): string =>
  `POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes}\r\n\r\n`;

test("a client that does not say what it wants is told so after half a minute, with a body after five", async (t) => {
  const served = await serve(t, echo);
  const [silent, slowHead, slowBody] = [
    await clientOf(t, served),
    await clientOf(t, served),
    await clientOf(t, served),
  ];
  slowHead.socket.write("GET / HT");
  slowBody.socket.write(`${post(5)}hel`);
  // The others are answered, so what was sent before has been read.
  const quick = await clientOf(t, served);
  quick.socket.write(get("/q"));
  await until(() => quick.text.includes("/q:0"));
  served.pass(31);
  await until(() => slowHead.isClosed && silent.isClosed);
  assert.match(slowHead.text, /^HTTP\/1.1 408 /);
  assert.equal(silent.text, "");
  assert.equal(slowBody.isClosed, false);
  served.pass(270);
  await until(() => slowBody.isClosed);
  assert.match(slowBody.text, /^HTTP\/1.1 408 /);
});

test("a connection is kept for 75 s after an answer, and as long as an answer takes", async (t) => {
  let open: Exchange | null = null;
  const served = await serve(t, (exchange) => {
    if (exchange.path === "/slow") open = exchange;
    else answerText(exchange, "hi");
  });
  const [kept, slow] = [await clientOf(t, served), await clientOf(t, served)];
  kept.socket.write(get("/"));
  slow.socket.write(get("/slow"));
  await until(() => kept.text.includes("hi") && open !== null);
  served.pass(74);
  kept.socket.write(get("/"));
  await until(() => kept.text.endsWith("hi") && kept.text.split("hi").length === 3);
  served.pass(76);
  await until(() => kept.isClosed);
  served.pass(100_000);
  assert.ok(open !== null);
  answerText(open, "at last");
  await until(() => slow.text.endsWith("at last"));
});

test("while the server closes, idle connections end, and the others end with their answers", async (t) => {
  let open: Exchange | null = null;
  const served = await serve(t, (exchange) => {
    if (exchange.path === "/slow") open = exchange;
    else answerText(exchange, "hi");
  });
  const [idle, busy, fresh] = [
    await clientOf(t, served),
    await clientOf(t, served),
    await clientOf(t, served),
  ];
  idle.socket.write(get("/"));
  busy.socket.write(get("/slow"));
  await until(() => idle.text.endsWith("hi") && open !== null);
  served.isClosing = true;
  served.pass(0);
  await until(() => idle.isClosed);
  fresh.socket.write(get("/"));
  await until(() => fresh.isClosed);
  assert.match(fresh.text, /Connection: close\r\n[\s\S]*hi$/, "its request was on its way");
  assert.ok(open !== null);
  answerText(open, "at last");
  await until(() => busy.isClosed);
  assert.match(busy.text, /Connection: close\r\n[\s\S]*at last$/);
});

test("a client that leaves is noticed: while it sends, while it waits, and while it is answered", async (t) => {
  const heard: string[] = [];
  const served = await serve(t, (exchange) => {
    exchange.onClosed(() => heard.push(`${exchange.path} closed`));
    exchange.read(
      1_000,
      () => {
        if (exchange.path !== "/answered") return;
        exchange.respond(200, []);
        exchange.write(Buffer.from("part"));
      },
      (reason) => heard.push(`${exchange.path} ${reason}`),
    );
  });
  const [sending, waiting, answered] = [
    await clientOf(t, served),
    await clientOf(t, served),
    await clientOf(t, served),
  ];
  sending.socket.write(`${post(5)}hel`);
  waiting.socket.write(get("/waiting"));
  answered.socket.write(get("/answered"));
  await until(() => answered.text.includes("part"));
  waiting.socket.end();
  answered.socket.resetAndDestroy();
  sending.socket.destroy();
  await until(() => heard.length === 4);
  assert.deepEqual(heard.sort(), [
    "/answered closed",
    "/p aborted",
    "/p closed",
    "/waiting closed",
  ]);
  await until(() => served.connections.size === 0);
});

test("whoever is cut, or ends its side, gets the answer that only waits to leave with others", async (t) => {
  const open: Exchange[] = [];
  const served = await serve(t, (exchange) => open.push(exchange));
  const clients: Client[] = [];
  for (let i = 0; i < 8; i++) clients.push(await clientOf(t, served));
  const ask = async (): Promise<void> => {
    for (const { socket } of clients) socket.write(get("/"));
    await until(() => open.length === clients.length);
  };
  await ask();
  // Many in one turn: those of the next leave together.
  for (const exchange of open.splice(0)) answerText(exchange, "first");
  await until(() => clients.every(({ text }) => text.endsWith("first")));
  await ask();
  for (const exchange of open.splice(0)) answerText(exchange, "second");
  // In the same turn, before it is over.
  const cut = [...served.connections].slice(0, 4);
  for (const connection of cut) connection.destroy();
  for (const socket of served.sockets.slice(4)) socket.emit("end");
  await until(() => clients.every(({ text }) => text.endsWith("second")));
});

test("many requests at once are answered in their order, without being read ahead of it", async (t) => {
  const open: Exchange[] = [];
  const served = await serve(t, (exchange) => {
    open.push(exchange);
  });
  const client = await clientOf(t, served);
  const paths = Array.from({ length: 3_000 }, (_, index) => `/${index}/${"x".repeat(60)}`);
  client.socket.write(paths.map(get).join(""));
  for (const path of paths) {
    await until(() => open.length === 1);
    const [exchange] = open.splice(0);
    assert.equal(exchange?.path, path);
    if (exchange !== undefined) answerText(exchange, "a");
  }
  await until(() => client.text.split("\r\n\r\na").length === paths.length + 1);
});

test("a request that is too large is answered, and the rest of it thrown away", async (t) => {
  const served = await serve(t, echo);
  const declared = await clientOf(t, served);
  declared.socket.write(post(1_000_000));
  await until(() => declared.text.includes("too-large"));
  declared.socket.write("x".repeat(1_000_000));
  await until(() => declared.isClosed);
  const chunked = await clientOf(t, served);
  chunked.socket.write("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (let i = 0; i < 4; i++) chunked.socket.write(`9c40\r\n${"x".repeat(40_000)}\r\n`);
  await until(() => chunked.text.includes("too-large"));
  await until(() => chunked.isClosed);
});

test("chunks that are nearly all framing are not read for long", async (t) => {
  const served = await serve(t, echo);
  const client = await clientOf(t, served);
  client.socket.write("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.socket.write("1;");
  while (client.text === "") {
    client.socket.write("x".repeat(10_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => client.text.startsWith("HTTP/1.1 400 "));
  await until(() => client.isClosed);
});

test("a slow client is waited for, and gets everything in the end", async (t) => {
  const part = Buffer.alloc(50_000, "x");
  let drains = 0;
  let written = 0;
  const served = await serve(t, (exchange) => {
    exchange.respond(200, []);
    const more = (): void => {
      while (written < 400) {
        written++;
        if (exchange.write(part)) continue;
        exchange.onDrain(() => {
          drains++;
          more();
        });
        return;
      }
      exchange.end();
    };
    more();
  });
  const client = await clientOf(t, served);
  client.socket.pause();
  client.socket.write(get("/"));
  await until(() => written > 0);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(written < 400, "it does not write what nobody takes");
  client.socket.resume();
  await until(() => client.text.endsWith("0\r\n\r\n"));
  assert.ok(drains > 0);
  assert.equal(client.text.split("x").length - 1, 400 * part.length);
});

test("an answer that is shorter than it said is cut, not left open", async (t) => {
  const served = await serve(t, (exchange) => {
    exchange.respond(200, ["content-length", "10"]);
    exchange.write(Buffer.from("short"));
    exchange.end();
  });
  const client = await clientOf(t, served);
  client.socket.write(get("/"));
  await until(() => client.isClosed);
  assert.match(client.text, /short$/);
});
