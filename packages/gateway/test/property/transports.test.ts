// Both transports before the same generated conversations: requests of a client, one after the other on a connection, and
// what upstreams answer them. The same must come of it: answers, what upstreams saw, what was counted, whether the
// connection was kept. node:http and undici are the oracle.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import fc from "fast-check";
import { type RunningWorker, startWorker } from "../../src/edge/crew/worker.ts";
import type { Transport } from "../../src/edge/index.ts";
import { routeOf, tableOf, upstreamOf, versionOf } from "../fixtures.ts";
import { mutated } from "../fuzz/mutation.ts";
import { SeededRandom } from "../fuzz/seeded-random.ts";
import { NotStrict, strictAnswers } from "../fuzz/strict-http.ts";
import { until } from "../live-gateway.ts";
import { type RawUpstream, rawUpstream, type Sending, withoutConnection } from "../raw-http.ts";
import { type FakeController, fakeController } from "../scripted-upstream.ts";
import { property } from "./property.ts";

const NAME = "@@@";
/** In the bodies of errors, too. */
const REQUEST_ID = /"request_id":"[^"]*"/g;
const TRANSPORTS: readonly Transport[] = ["node", "llhttp"];

let upstream: RawUpstream;
let controller: FakeController;
const workers: RunningWorker[] = [];
const folders: string[] = [];

before(async () => {
  upstream = await rawUpstream();
  const version = versionOf("v1", upstreamOf({ url: upstream.url }));
  controller = await fakeController(tableOf(1, routeOf({ stable: version })));
  for (const transport of TRANSPORTS) {
    const dataDir = mkdtempSync(join(tmpdir(), "slipway-both-"));
    folders.push(dataDir);
    const run = {
      listen: { host: "127.0.0.1", port: 0 },
      controllerUrl: controller.url,
      dataDir,
      name: transport,
      workers: 1,
      logLevel: "silent",
      transport,
      dataLimits: { idleGraceMs: 0 },
    };
    workers.push(await startWorker({ run, worker: 1, diverted: [], grants: [] }));
  }
  await until(() => workers.every((worker) => worker.snapshot().table !== null));
});

after(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  await Promise.all([controller.close(), upstream.close()]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

type Turn = {
  /** Its bytes, with NAME in place of its number. */
  readonly request: string;
  readonly cuts: readonly number[];
  readonly answer: Sending;
};

const body = fc.constantFrom(
  '{"model":"gpt-5","messages":[]}',
  '{"model":"gpt-5","stream":true,"messages":[{"role":"user","content":"h\u00e9"}]}',
  '{"model":"gpt-9"}',
  '{"messages":[]}',
  "{",
  "",
  `{"model":"gpt-5","x":"${"x".repeat(70_000)}"}`,
);
const header = fc.constantFrom(
  "",
  "X-A: 1\r\nx-a: 2\r\n",
  "X-Empty:\r\nX-Pad: \t p \r\n",
  "Connection: keep-alive\r\n",
  "Connection: close\r\n",
  "Connection: x-hop\r\nX-Hop: 1\r\nTE: trailers\r\n",
  "Authorization: Bearer sk-1\r\nAccept-Encoding: gzip\r\n",
  "X-Latin: \xe9\r\n",
);
const target = fc.constantFrom(
  "POST /v1/chat/completions",
  "POST /v1/responses?a=%20b",
  "POST /v1/messages",
  "POST /v1/embeddings",
  "POST /v1/unknown/thing",
  "GET /v1/models",
  "HEAD /v1/models",
  "GET /v1/files/f-1",
  "DELETE /v1/files/f-1",
  "PUT /nothing",
);

const request = fc
  .tuple(target, fc.constantFrom("1.1", "1.1", "1.1", "1.0"), header, body, fc.nat(3))
  .map(([line, version, more, said, chunks]): string => {
    // An answer without a body ends a connection of HTTP/1.0 at node:http, also where it was asked to be kept.
    const isKept = version === "1.0" && more.includes("keep-alive");
    const head = `${line} HTTP/${isKept ? "1.1" : version}\r\nHost: h\r\nX-Case: ${NAME}\r\n${more}`;
    if (!line.startsWith("POST")) return `${head}\r\n`;
    const bytes = Buffer.from(said).toString("latin1");
    if (chunks > 0 || version === "1.0")
      return `${head}Content-Length: ${bytes.length}\r\n\r\n${bytes}`;
    return `${head}Transfer-Encoding: chunked\r\n\r\n${chunked(bytes, 20_000)}`;
  });

function chunked(bytes: string, size: number): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.slice(at, at + size);
    text += `${piece.length.toString(16)}\r\n${piece}\r\n`;
  }
  return `${text}0\r\n\r\n`;
}

const JSON_ANSWER = '{"id":"1","choices":[{"text":"hi"}],"usage":{"prompt_tokens":1}}';
const EVENTS = 'data: {"choices":[{"delta":{"content":"hi"}}]}\n\ndata: [DONE]\n\n';

/** An answer that is good, and after which the connection may be used again. */
const good = fc
  .tuple(
    fc.constantFrom(
      "200 OK",
      "200 ",
      "201 Made",
      "204 No",
      "304 Same",
      "302 Found",
      "400 Bad",
      "429 Much",
      "500 Ill",
      "599 Own",
    ),
    fc.constantFrom(JSON_ANSWER, EVENTS, "", `{"x":"${"y".repeat(70_000)}"}`),
    fc.constantFrom(
      "",
      "X-A: 1\r\nx-a: 2\r\n",
      "Content-Encoding: gzip\r\n",
      "Connection: x-h\r\nX-H: 1\r\n",
      "Retry-After: 1\r\n",
    ),
    fc.constantFrom("length", "chunks", "close"),
    fc.constantFrom("", "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"),
  )
  .map(([status, said, more, framing, interim]): string => {
    const type = said.startsWith("data:") ? "text/event-stream" : "application/json";
    const head = `${interim}HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\n${more}`;
    if (/^(204|304)/.test(status)) return `${head}\r\n`;
    if (framing === "chunks")
      return `${head}Transfer-Encoding: chunked\r\n\r\n${chunked(said, 20_000)}`;
    if (framing === "close") return `${head}Connection: close\r\n\r\n${said}`;
    return `${head}Content-Length: ${said.length}\r\n\r\n${said}`;
  });

const answer: fc.Arbitrary<Sending> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.tuple(good, fc.nat()).map(([text, cut]) => ({
      pieces: inTwo(text, cut),
      atLast: text.includes("Connection: close") ? ("end" as const) : ("stay" as const),
    })),
  },
  {
    // Bytes that are no good answer any more end with the connection: nobody waits for what never comes.
    weight: 1,
    arbitrary: fc.tuple(good, fc.nat(), good).map(([text, seed, other]) => ({
      pieces: [mutated(text, new SeededRandom(seed), other)],
      atLast: "end" as const,
    })),
  },
);

function inTwo(text: string, cut: number): readonly string[] {
  const at = cut % (text.length + 1);
  return [text.slice(0, at), text.slice(at)].filter((piece) => piece !== "");
}

const turn: fc.Arbitrary<Turn> = fc.record({
  request,
  cuts: fc.array(fc.nat(), { maxLength: 2 }),
  answer,
});

type Told = {
  readonly answers: readonly object[];
  readonly seen: readonly (string | undefined)[];
  readonly counted: readonly string[];
  /** How many of the requests the connection carried, and whether the gateway then closed it. */
  readonly carried: number;
  readonly isClosed: boolean;
};

async function told(worker: RunningWorker, turns: readonly Turn[]): Promise<Told> {
  for (const [at, { answer: said }] of turns.entries()) {
    upstream.seen.delete(String(at));
    upstream.answers.set(String(at), said);
  }
  const before = await counts(worker);
  const { carried, isClosed, text } = await converse(worker.port, turns);
  await until(() => worker.snapshot().openRequests === 0);
  const counted = [...(await counts(worker))].flatMap(([what, times]) => {
    const more = times - (before.get(what) ?? 0);
    return more === 0 ? [] : [`${more} of ${what}`];
  });
  return {
    answers: comparable(text, turns, isClosed),
    seen: turns.map((_, at) => withoutConnection(upstream.seen.get(String(at)))),
    counted: counted.sort(),
    carried,
    isClosed,
  };
}

/** Of this hop, or of this moment. */
const PASSING: ReadonlySet<string> = new Set([
  "date",
  "connection",
  "keep-alive",
  "transfer-encoding",
  "x-slipway-request-id",
  "x-request-id",
  "request-id",
]);

function comparable(text: string, turns: readonly Turn[], isClosed: boolean): readonly object[] {
  const methods = turns.map(methodOf);
  return strictAnswers(text, methods, isClosed).map((one) => ({
    ...one,
    headers: one.headers.filter(([name]) => !PASSING.has(name.toLowerCase())),
    // How much of a broken answer was passed on before it was known to be broken is up to chance.
    body: one.isWhole ? one.body.replaceAll(REQUEST_ID, "") : null,
  }));
}

function methodOf({ request: bytes }: Turn): string {
  return bytes.slice(0, bytes.indexOf(" "));
}

/** Requests so far, by what became of them. */
async function counts(worker: RunningWorker): Promise<ReadonlyMap<string, number>> {
  const text = await worker.metrics.registry.getSingleMetricAsString("slipway_requests_total");
  const lines = text.split("\n").filter((line) => line.startsWith("slipway_requests_total"));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end))];
    }),
  );
}

type Conversation = Pick<Told, "carried" | "isClosed"> & { readonly text: string };

/** One request when the answer to the last has come, as long as the connection is kept. */
async function converse(port: number, turns: readonly Turn[]): Promise<Conversation> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  let isClosed = false;
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    isClosed = true;
  });
  const methods: string[] = [];
  for (const [at, one] of turns.entries()) {
    const { cuts, request: of } = one;
    const bytes = of.replace(NAME, String(at));
    methods.push(methodOf(one));
    for (const piece of cutAt(bytes, cuts)) socket.write(piece, "latin1");
    await until(() => isClosed || answered(text, methods) !== "not yet");
    if (!isClosed && answered(text, methods) === "last") await until(() => isClosed);
    if (isClosed) return { carried: at + 1, isClosed, text };
  }
  socket.end();
  await until(() => isClosed);
  return { carried: turns.length, isClosed: false, text };
}

function answered(text: string, methods: readonly string[]): "not yet" | "kept" | "last" {
  try {
    const answers = strictAnswers(text, methods, false);
    const newest = answers[methods.length - 1];
    if (newest?.isWhole !== true) return "not yet";
    return newest.isLast ? "last" : "kept";
  } catch (error) {
    if (error instanceof NotStrict) return "not yet";
    throw error;
  }
}

function cutAt(bytes: string, places: readonly number[]): readonly string[] {
  const ends = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, at) => bytes.slice(ends[at - 1] ?? 0, end));
}

property(
  "whatever a client asks and an upstream answers, both transports make the same of it",
  40,
  fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 3 }), async (turns) => {
    const [node, llhttp] = workers;
    assert.ok(node !== undefined && llhttp !== undefined);
    const oracle = await told(node, turns);
    assert.deepEqual(await told(llhttp, turns), oracle);
  }),
);
