// The parser of the llhttp transport: where it comes from, and that it finds the same however bytes arrive.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { Llhttp, MESSAGE, type MessageKind } from "../src/edge/transport/llhttp/llhttp.ts";
import { MessageParser } from "../src/edge/transport/llhttp/message-parser.ts";

const llhttp = new Llhttp();

test("undici, whose files the parser is, is pinned to one version", () => {
  const file = new URL("../package.json", import.meta.url);
  const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly dependencies: { readonly [name: string]: string };
  };
  assert.match(dependencies["undici"] ?? "", /^\d+\.\d+\.\d+$/);
});

test("a Node without WebAssembly is told what to do", () => {
  const known = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly");
  assert.ok(known !== undefined);
  Reflect.deleteProperty(globalThis, "WebAssembly");
  try {
    assert.throws(() => new Llhttp(), { code: "no_llhttp", fix: /without --jitless/ });
  } finally {
    Object.defineProperty(globalThis, "WebAssembly", known);
  }
});

type Found = {
  readonly line: string;
  readonly headers: readonly string[];
  body: string;
  isWhole: boolean;
};

/** Every message in the chunks; then "error" where they are not HTTP. */
function messagesIn(kind: MessageKind, chunks: readonly Buffer[]): readonly (Found | "error")[] {
  const parser = new MessageParser(llhttp, kind);
  const found: Found[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length && parser.failure === null; ) {
      at = parser.run(chunk, at);
      take(parser, kind, found);
    }
  }
  parser.free();
  return parser.failure === null ? found : [...found, "error"];
}

/** Adds what the newest run has found. */
function take(parser: MessageParser, kind: MessageKind, found: Found[]): void {
  const { foundEnd, foundHead, headers, method, parts, status, url } = parser;
  const line = kind === MESSAGE.request ? `${method} ${url}` : `${status}`;
  if (foundHead) found.push({ line, headers, body: "", isWhole: false });
  const current = found.at(-1);
  if (current === undefined) return;
  for (const part of parts) current.body += Buffer.from(part).toString("latin1");
  current.isWhole ||= foundEnd;
}

function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const cuts = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b);
  return [...cuts, bytes.length].map((end, index) => bytes.subarray(cuts[index - 1] ?? 0, end));
}

const REQUESTS = Buffer.from(
  "POST /v1/a?b=c HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nX-Pad: \t p \r\nContent-Length: 11\r\n\r\nhello world" +
    "PUT /v1/b HTTP/1.1\r\nhost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: t\r\n\r\n" +
    "HEAD /last HTTP/1.1\r\nHost: \xe9\r\nX-A: 1\r\nX-A: 2\r\n\r\n" +
    "GET /bare HTTP/1.0\r\n\r\n",
  "latin1",
);

const ANSWERS = Buffer.from(
  "HTTP/1.1 100 Continue\r\n\r\n" +
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello" +
    "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" +
    "HTTP/1.1 204 No Content\r\n\r\n" +
    "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
);

test("messages are the same wherever their bytes are cut", () => {
  for (const [kind, bytes] of [
    [MESSAGE.request, REQUESTS],
    [MESSAGE.response, ANSWERS],
  ] as const) {
    const whole = messagesIn(kind, [bytes]);
    assert.ok(whole.length >= 4 && whole.every((one) => one !== "error" && one.isWhole));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length - 1), { maxLength: 40 }), (places) => {
        assert.deepEqual(messagesIn(kind, cutAt(bytes, places)), whole);
      }),
    );
  }
});

test("whatever the bytes, a run comes to an end, and an error is the last that is heard", () => {
  const mangled = fc
    .array(fc.tuple(fc.nat(REQUESTS.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    .map((changes) => {
      const bytes = Buffer.from(REQUESTS);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(
      mangled,
      fc.array(fc.nat(REQUESTS.length - 1), { maxLength: 8 }),
      (bytes, places) => {
        const cut = messagesIn(MESSAGE.request, cutAt(bytes, places));
        assert.deepEqual(
          cut.includes("error"),
          messagesIn(MESSAGE.request, [bytes]).includes("error"),
        );
      },
    ),
  );
});

test("white space around a value is not part of it, whatever else is", () => {
  const head = "GET / HTTP/1.1\r\nA: \t a b \t \r\nB:\r\nC: \t \r\nD: \xa0\r\n\r\n";
  const [found] = messagesIn(MESSAGE.request, [Buffer.from(head, "latin1")]);
  assert.ok(found !== undefined && found !== "error");
  assert.deepEqual(found.headers, ["A", "a b", "B", "", "C", "", "D", "\xa0"]);
});

test("a head is refused by its size, in its URL, its names or its values, however it is cut", () => {
  const large = "x".repeat(17_000);
  for (const head of [
    `GET /${large}`,
    `GET / HTTP/1.1\r\n${large}`,
    `GET / HTTP/1.1\r\na: ${large}`,
  ]) {
    const parser = new MessageParser(llhttp, MESSAGE.request);
    for (const letter of head) {
      if (parser.failure === null) parser.run(Buffer.from(letter), 0);
    }
    assert.equal(parser.failure?.isTooLarge, true, head.slice(0, 20));
    parser.free();
  }
});

test("more than fits at once is parsed piece by piece", () => {
  const body = "y".repeat(300_000);
  const bytes = Buffer.from(
    `POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}GET / HTTP/1.1\r\n\r\n`,
  );
  const [first, second] = messagesIn(MESSAGE.request, [bytes]);
  assert.ok(first !== undefined && first !== "error" && first.isWhole && first.body === body);
  assert.ok(second !== undefined && second !== "error" && second.isWhole);
});
