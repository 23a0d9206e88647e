// An upstream that streams 50 chunks, 20 ms apart, each on its own schedule however late the one before it was:
// stream-upstream-main.ts PORT [CERTIFICATE KEY]
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { CHUNK_GAP_MS, CHUNKS, chunkText, DONE, sumText, sumWith } from "./stream-shape.ts";

const [port = "0", certFile, keyFile] = process.argv.slice(2);
const TURN_MS = 1;

type Stream = { readonly response: ServerResponse; dueMs: number; number: number; sum: number };

/** The gap is the same for all, so that what is put at the end is due last. */
const queue: Stream[] = [];
let isTurning = false;

function writeNext(stream: Stream): void {
  const { response } = stream;
  if (response.destroyed) return;
  if (stream.number === CHUNKS) {
    response.end(sumText(stream.sum) + DONE);
    return;
  }
  const text = chunkText(stream.number);
  stream.sum = sumWith(stream.sum, text);
  stream.number += 1;
  stream.dueMs += CHUNK_GAP_MS;
  response.write(text);
  queue.push(stream);
}

function turn(): void {
  const nowMs = performance.now();
  let next = queue[0];
  while (next !== undefined && next.dueMs <= nowMs) {
    queue.shift();
    writeNext(next);
    next = queue[0];
  }
  isTurning = next !== undefined;
  if (isTurning) setTimeout(turn, TURN_MS);
}

const answer: RequestListener = (request, response) => {
  request.resume();
  request.on("end", () => {
    if (request.method !== "POST") {
      response.end("ready");
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    writeNext({ response, dueMs: performance.now(), number: 0, sum: 0 });
    if (!isTurning) turn();
  });
};

const server =
  certFile === undefined || keyFile === undefined
    ? createServer(answer)
    : createSecureServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, answer);
server.keepAliveTimeout = 600_000;
server.listen(Number(port), "127.0.0.1");
