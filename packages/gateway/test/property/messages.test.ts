// The messages that llhttp finds on a connection are the same wherever its bytes are cut, also where they are not HTTP:
// the same heads, the same bodies, and a fault where there was one.

import assert from "node:assert/strict";
import fc from "fast-check";
import { Llhttp, MESSAGE, type MessageKind } from "../../src/edge/transport/llhttp/llhttp.ts";
import { MessageParser } from "../../src/edge/transport/llhttp/message-parser.ts";
import { fuzzCase } from "../fuzz/fuzz-case.ts";
import { property } from "./property.ts";

const llhttp = new Llhttp();

type Found = {
  readonly line: string;
  readonly version: string;
  readonly headers: readonly string[];
  body: string;
  isWhole: boolean;
  keepsAlive: boolean;
};

type Connection = { readonly messages: readonly Found[]; readonly isFaulty: boolean };

function messagesIn(kind: MessageKind, chunks: readonly Buffer[]): Connection {
  const parser = new MessageParser(llhttp, kind);
  const messages: Found[] = [];
  let isLast = false;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length && parser.failure === null && !isLast; ) {
      const next = parser.run(chunk, at);
      take(parser, kind, messages);
      assert.ok(parser.failure !== null || next > at || parser.foundEnd, "a run goes on");
      // What follows an offer of another protocol is not HTTP any more, and is never run.
      isLast = parser.foundEnd && parser.upgrades;
      at = next;
    }
  }
  if (parser.failure === null && !isLast) {
    parser.finish();
    take(parser, kind, messages);
  }
  // Which of two faults it was may hang on the cut: a name that is too long and ends in no letter of a name.
  const isFaulty = parser.failure !== null;
  parser.free();
  return { messages, isFaulty };
}

function take(parser: MessageParser, kind: MessageKind, messages: Found[]): void {
  const { foundEnd, foundHead, headers, method, parts, status, url, version } = parser;
  const line = kind === MESSAGE.request ? `${method} ${url}` : `${status}`;
  if (foundHead) {
    messages.push({
      line,
      version,
      headers: [...headers],
      body: "",
      isWhole: false,
      keepsAlive: false,
    });
  }
  const current = messages.at(-1);
  if (current === undefined) return;
  for (const part of parts) current.body += Buffer.from(part).toString("latin1");
  if (!foundEnd) return;
  current.isWhole = true;
  current.keepsAlive = parser.keepsAlive;
}

function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

const cuts = fc.oneof(
  fc.array(fc.nat(), { maxLength: 12 }),
  // Byte by byte in some stretch.
  fc.nat().chain((from) => fc.constant(Array.from({ length: 60 }, (_, i) => from + i))),
);
const seed = fc.nat(2 ** 31 - 1);

property(
  "what a client sends holds the same messages, and a fault or none, wherever it is cut",
  400,
  fc.property(seed, cuts, (of, places) => {
    const bytes = Buffer.from(fuzzCase(of, 0).client.pieces.join(""), "latin1");
    const whole = messagesIn(MESSAGE.request, [bytes]);
    assert.deepEqual(messagesIn(MESSAGE.request, cutAt(bytes, places)), whole);
  }),
);

property(
  "what an upstream sends holds the same answers, and a fault or none, wherever it is cut",
  400,
  fc.property(seed, cuts, (of, places) => {
    for (const { pieces } of fuzzCase(of, 0).answers) {
      const bytes = Buffer.from(pieces.join(""), "latin1");
      const whole = messagesIn(MESSAGE.response, [bytes]);
      assert.deepEqual(messagesIn(MESSAGE.response, cutAt(bytes, places)), whole);
    }
  }),
);
