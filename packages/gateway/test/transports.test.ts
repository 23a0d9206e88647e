// Both transports before the same bytes: what clients get and what upstreams see must be the same, whichever of them
// carries it. node:http and undici are the oracle; a case where they are not followed says so, and why.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { routeOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, type LiveGateway, liveGateway, useTransport } from "./live-gateway.ts";
import {
  type RawUpstream,
  rawClient,
  rawUpstream,
  readable,
  type Sending,
  withoutConnection,
} from "./raw-http.ts";

const ANSWER = '{"choices":[{"message":{"content":"hi"}}]}';
const BODY = '{"model":"gpt-5","messages":[]}';
const OK = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${ANSWER.length}\r\n\r\n${ANSWER}`;
const SSE =
  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const event = (text: string): string => {
  const data = `data: ${text}\n\n`;
  return `${data.length.toString(16)}\r\n${data}\r\n`;
};

const whole = (...pieces: readonly string[]): Sending => ({ pieces, atLast: "stay" });
const ended = (...pieces: readonly string[]): Sending => ({ pieces, atLast: "end" });
const cut = (...pieces: readonly string[]): Sending => ({ pieces, atLast: "cut" });

/** What an upstream may answer to a good request. */
const ANSWERS: Readonly<Record<string, Sending>> = {
  "a length": whole(OK),
  "a length, byte by byte": whole(...OK),
  chunks: whole(`${SSE}${event('{"choices":[]}')}${event("[DONE]")}0\r\n\r\n`),
  "chunks, in pieces": whole(SSE, event('{"choices":[]}'), event("[DONE]"), "0\r\n\r\n"),
  "chunks, byte by byte": whole(...`${SSE}${event("[DONE]")}0\r\n\r\n`),
  "chunks with extensions and trailers": whole(
    `${SSE}5;a="b"\r\ndata:\r\n9;c\r\n [DONE]\n\n\r\n0\r\nX-Trailer: t\r\n\r\n`,
  ),
  "until it closes": ended(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${ANSWER}`),
  "HTTP/1.0": ended(`HTTP/1.0 200 OK\r\n\r\n${ANSWER}`),
  "interim answers first": whole(
    `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}`,
  ),
  "no content": whole("HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"),
  "not modified": whole("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"),
  "no headers at all": ended("HTTP/1.1 200 OK\r\n\r\n"),
  "no reason": whole(OK.replace("200 OK", "200 ")),
  "a reason of its own": whole(OK.replace("200 OK", "200 Splendid")),
  "headers twice, empty, padded, and in latin1": whole(
    OK.replace(
      "Content-Type",
      "X-A: 1\r\nX-A: 2\r\nX-B:\r\nX-C:  \t c \t\r\nX-D: \xe9\r\nContent-Type",
    ),
  ),
  "headers of the hop": whole(
    OK.replace(
      "Content-Type",
      "Connection: x-mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=1\r\nContent-Type",
    ),
  ),
  "an error": whole("HTTP/1.1 422 Unprocessable\r\nContent-Length: 2\r\n\r\n{}"),
  "a redirect": whole("HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n"),
  "a status that is none": whole(OK.replace("200 OK", "042 Low")),
  "a status of zero after an interim answer": whole(
    `HTTP/1.1 103 Early Hints\r\n\r\n${OK.replace("200 OK", "000 None")}`,
  ),
  "an unknown status": whole("HTTP/1.1 599 Own\r\nContent-Length: 2\r\n\r\n{}"),
  "a large answer": whole(
    `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n{"a":"${"x".repeat(299_992)}"}`,
  ),
  compressed: whole(OK.replace("Content-Type", "Content-Encoding: gzip\r\nContent-Type")),
  "nothing, and the end": ended(),
  "nothing, and a reset": cut(),
  "part of a head, and the end": ended("HTTP/1.1 200 OK\r\nContent-Ty"),
  "part of a body, and the end": ended(OK.slice(0, -5)),
  "part of a body, and a reset": cut(OK.slice(0, -5)),
  "chunks without an end": ended(`${SSE}${event('{"choices":[]}')}`),
  "part of a chunk": ended(`${SSE}ff\r\ndata: `),
  "no HTTP": ended("hello\r\n\r\n"),
  "lines without a carriage return": ended(OK.replaceAll("\r\n", "\n")),
  "a folded header": ended(OK.replace("Content-Type", "X-A: 1\r\n 2\r\nContent-Type")),
  "a length that is none": ended(OK.replace("Content-Length: ", "Content-Length: x")),
  "two lengths": ended(OK.replace("Content-Type", "Content-Length: 3\r\nContent-Type")),
  "a length and chunks": ended(
    `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  ),
  "a chunk that is none": ended(`${SSE}xyz\r\ndata: [DONE]\n\n\r\n`),
  "a chunk longer than it says": ended(`${SSE}3\r\ndata: [DONE]\n\n\r\n0\r\n\r\n`),
  "another protocol": ended(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
  ),
};

const post = (name: string, more = ""): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nX-Case: ${name}\r\n${more}Content-Length: ${BODY.length}\r\n`;
const closing = "Connection: close\r\n\r\n";

/** What a client may send; its upstream answers well. */
const REQUESTS: Readonly<Record<string, Sending>> = {
  "byte by byte": whole(...`${post("a1")}${closing}${BODY}`),
  "two at once": whole(`${post("a2")}\r\n${BODY}${post("a2")}${closing}${BODY}`),
  chunks: whole(
    `${post("a4").replace(/Content-Length.*\r\n/, "Transfer-Encoding: chunked\r\n")}${closing}`,
    `10;x=y\r\n${BODY.slice(0, 16)}\r\n`,
    `f\r\n${BODY.slice(16)}\r\n0\r\nX-Trailer: t\r\n\r\n`,
  ),
  "HTTP/1.0": whole(`${post("a5").replace("1.1", "1.0")}\r\n${BODY}`),
  "HTTP/1.0, kept": whole(
    `${post("a6", "Connection: keep-alive\r\n").replace("1.1", "1.0")}\r\n${BODY}`,
    `${post("a6").replace("1.1", "1.0")}\r\n${BODY}`,
  ),
  "it expects to be asked": whole(`${post("a7", "Expect: 100-continue\r\n")}${closing}`, BODY),
  "headers of many kinds": whole(
    `${post("a8", "X-A: 1\r\nx-a: 2\r\nX-Empty:\r\nX-Latin: \xe9\r\nTE: trailers\r\nConnection: x-hop\r\nX-Hop: 1\r\n")}${closing}${BODY}`,
  ),
  "a query": whole(
    `${post("a9").replace("completions ", "completions?a=%20b&c ")}${closing}${BODY}`,
  ),
  "the list of models": whole(`GET /v1/models HTTP/1.1\r\nHost: h\r\n${closing}`),
  "its head": whole(`HEAD /v1/models HTTP/1.1\r\nHost: h\r\n${closing}`),
  "no such path": whole(`GET /nothing HTTP/1.1\r\nHost: h\r\n${closing}`),
  "a whole URL": whole(`GET http://h/v1/models HTTP/1.1\r\nHost: h\r\n${closing}`),
  "an offer of another protocol": whole(
    `GET /v1/models HTTP/1.1\r\nHost: h\r\nConnection: upgrade, close\r\nUpgrade: h2c\r\n\r\n`,
  ),
  "empty lines first": whole(`\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: h\r\n${closing}`),
  "no host": whole(`GET /v1/models HTTP/1.1\r\n${closing}`),
  "a length and chunks": whole(`${post("b1", "Transfer-Encoding: chunked\r\n")}\r\n0\r\n\r\n`),
  "two lengths": whole(`${post("b2", "Content-Length: 3\r\n")}\r\n${BODY}`),
  "two lengths that agree": whole(`${post("b3", `Content-Length: ${BODY.length}\r\n`)}\r\n${BODY}`),
  "a length with a sign": whole(`${post("b4").replace("Length: ", "Length: +")}\r\n${BODY}`),
  "a list of lengths": whole(`${post("b5").replace("Length: ", "Length: 31, ")}\r\n${BODY}`),
  "chunks, but not at last": whole(
    "POST /v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
  ),
  "chunks of another spelling": whole(
    "POST /v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
  ),
  "chunks in HTTP/1.0": whole(
    "POST /v1/x HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n",
  ),
  "a space before a colon": whole(
    `POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\nhello`,
  ),
  "a folded header": whole("GET /v1/models HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n 2\r\n\r\n"),
  "a zero in a header": whole("GET /v1/models HTTP/1.1\r\nHost: h\r\nX-A: a\0b\r\n\r\n"),
  "lines without a carriage return": whole("GET /v1/models HTTP/1.1\nHost: h\n\n"),
  "a carriage return alone": whole("GET /v1/models HTTP/1.1\r\nHost: h\r\nX-A: a\rX-B: b\r\n\r\n"),
  "a bad chunk": whole(
    "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
    "zz\r\n{}\r\n0\r\n\r\n",
  ),
  "a chunk longer than it says": whole(
    "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
  ),
  "headers without an end": whole(`GET / HTTP/1.1\r\nHost: h\r\nX-A: ${"a".repeat(20_000)}`),
  "many headers": whole(`GET / HTTP/1.1\r\nHost: h\r\n${"X-A: bbbbbbbbbb\r\n".repeat(1_500)}\r\n`),
  "no HTTP": whole("\x16\x03\x01\x02\x00\x01\x00\x01"),
  "HTTP/2": whole("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  "another expectation": whole(`${post("b6", "Expect: more\r\n")}${closing}${BODY}`),
};

let upstream: RawUpstream;
const gateways: LiveGateway[] = [];

before(async () => {
  upstream = await rawUpstream();
  const version = versionOf("v1", upstreamOf({ url: upstream.url }));
  for (const transport of ["node", "llhttp"] as const) {
    useTransport(transport);
    gateways.push(await liveGateway(tableOf(1, routeOf({ stable: version, split: null }))));
  }
  await Promise.all(gateways.map(({ base }) => healthy(base)));
});

after(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await upstream.close();
});

type Told = { readonly client: readonly string[]; readonly upstream: string | undefined };

async function told(gateway: LiveGateway, name: string, sending: Sending): Promise<Told> {
  upstream.seen.delete(name);
  const text = await rawClient(gateway.gateway.port, sending);
  return { client: readable(text), upstream: withoutConnection(upstream.seen.get(name)) };
}

/** By both transports, the oracle first. */
async function toldByBoth(name: string, sending: Sending): Promise<readonly [Told, Told]> {
  const [node, llhttp] = gateways;
  assert.ok(node !== undefined && llhttp !== undefined);
  return [await told(node, name, sending), await told(llhttp, name, sending)];
}

for (const [name, answer] of Object.entries(ANSWERS)) {
  test(`an upstream answers with ${name}: both transports tell the same`, async () => {
    upstream.answers.set(name, answer);
    const [oracle, other] = await toldByBoth(name, whole(`${post(name)}${closing}${BODY}`));
    assert.deepEqual(other, oracle);
  });
}

for (const [name, request] of Object.entries(REQUESTS)) {
  test(`a client sends ${name}: both transports tell the same`, async () => {
    const number = /X-Case: (\w+)/.exec(request.pieces.join(""))?.[1] ?? "";
    upstream.answers.set(number, ANSWERS["a length"] ?? whole());
    const [oracle, other] = await toldByBoth(number, request);
    assert.deepEqual(other, oracle);
  });
}

test("what comes before bytes that are no HTTP is answered by llhttp; node:http answers none of it", async () => {
  upstream.answers.set("c1", ANSWERS["a length"] ?? whole());
  const request = `${post("c1")}\r\n${BODY}`;
  const [, llhttp] = await toldByBoth("c1", whole(`${request}${request}hello\r\n\r\n`));
  const statuses = llhttp.client.map((answer) => answer.slice(0, "HTTP/1.1 200".length));
  assert.deepEqual(statuses, ["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 400"]);
});
