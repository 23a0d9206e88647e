// One case: what a client sends, byte by byte, and what upstreams answer it. Made from a seed, or kept in the corpus.

import { inPieces, mutated } from "./mutation.ts";
import { caseSeed, SeededRandom } from "./seeded-random.ts";

/** Bytes in pieces, and what is done after the last: wait for the other side, end, or cut. */
export type Script = {
  readonly pieces: readonly string[];
  readonly atLast: "stay" | "end" | "cut";
};

export type FuzzCase = {
  readonly name: string;
  /** All that upstreams see of this case, and all that its client gets, has this and no other case's. */
  readonly token: string;
  readonly client: Script;
  /** What its first, second, … request is answered at upstreams; the last is for all that follow. */
  readonly answers: readonly Script[];
};

/** Stands for the token in bytes that are kept. */
const TOKEN = "TOKEN-TOKEN-TOKEN-TOKEN";
/** The model that stable serves alone, and the one that a candidate gets first. */
export const MODELS = { stable: "gpt-5", split: "gpt-6" } as const;

const PATHS: readonly string[] = [
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/responses",
  "/v1/messages",
  "/v1/embeddings",
  "/v1/moderations",
];

export function fuzzCase(seed: number, index: number): FuzzCase {
  const random = new SeededRandom(caseSeed(seed, index));
  const token = `tok-${random.hex(19)}`;
  const isOfClient = random.chance(0.5);
  const requests = goodRequests(random);
  const client = isOfClient ? mutated(requests, random, goodRequests(random)) : requests;
  const answers = Array.from({ length: 1 + random.below(3) }, () => {
    const answer = goodAnswer(random);
    return isOfClient && random.chance(0.8)
      ? { pieces: inPieces(answer, random), atLast: "stay" as const }
      : scriptOf(mutated(answer, random, goodAnswer(random)), random);
  });
  const { pieces } = scriptOf(client, random);
  const atLast = random.pick(["stay", "stay", "stay", "end", "cut"] as const);
  return withToken({ name: `case ${index}`, token, client: { pieces, atLast }, answers }, token);
}

/** Nothing is wrong with it: one request for what a candidate gets first, and a good answer. */
export function plainCase(name: string, random: SeededRandom): FuzzCase {
  const token = `tok-${random.hex(19)}`;
  const body = `{"model":"${MODELS.split}","user":"${TOKEN}","messages":[{"role":"user","content":"x"}]}`;
  const head = `POST ${PATHS[0]}?t=${TOKEN} HTTP/1.1\r\nX-Token: ${TOKEN}\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n`;
  const client = {
    pieces: [`${head}Content-Length: ${body.length}\r\n\r\n${body}`],
    atLast: "stay" as const,
  };
  const json = `{"id":"1","choices":[{"message":{"content":"${TOKEN}"}}]}`;
  const type = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  const answer = {
    pieces: [`${type}Content-Length: ${json.length}\r\n\r\n${json}`],
    atLast: "stay" as const,
  };
  return withToken({ name, token, client, answers: [answer] }, token);
}

/** A run of x as the corpus has it, so that its files stay short. */
const RUN = /<x\*(\d+)>/g;
const LONG_RUN = /x{100,}/g;

/** A case as a text for the corpus. */
export function keptText(failed: FuzzCase): string {
  const json = JSON.stringify(failed, null, 2).replaceAll(failed.token, TOKEN);
  return `${json.replace(LONG_RUN, (run) => `<x*${run.length}>`)}\n`;
}

/** A case of the corpus, with a token of its own. */
export function keptCase(text: string, token: string): FuzzCase {
  const whole = text.replace(RUN, (_, length) => "x".repeat(Number(length)));
  return withToken(JSON.parse(whole) as FuzzCase, token);
}

/** Pieces keep their places. */
function withToken(kept: FuzzCase, token: string): FuzzCase {
  const told = ({ pieces, atLast }: Script): Script => {
    const whole = pieces.join("").replaceAll(TOKEN, token);
    let from = 0;
    const again = pieces.map((piece) => {
      from += piece.length;
      return whole.slice(from - piece.length, from);
    });
    return { pieces: again, atLast };
  };
  return { name: kept.name, token, client: told(kept.client), answers: kept.answers.map(told) };
}

function scriptOf(bytes: string, random: SeededRandom): Script {
  return { pieces: inPieces(bytes, random), atLast: random.pick(["stay", "end", "cut"] as const) };
}

function goodRequests(random: SeededRandom): string {
  const requests = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => goodRequest(random));
  return requests.join("");
}

function goodRequest(random: SeededRandom): string {
  const version = random.chance(0.1) ? "1.0" : "1.1";
  const ours = `X-Token: ${TOKEN}\r\nHost: h\r\n`;
  const more = random.pick([
    "",
    "",
    "Connection: keep-alive\r\n",
    "Connection: close\r\n",
    "Expect: 100-continue\r\n",
    "Connection: x-hop\r\nX-Hop: 1\r\nTE: trailers\r\n",
    "Authorization: Bearer sk-1\r\nAccept-Encoding: gzip\r\n",
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n",
    "X-Slipway-Model: gpt-6\r\n",
  ]);
  if (random.chance(0.2)) {
    const method = random.pick(["GET", "HEAD", "DELETE", "OPTIONS"]);
    const path = random.pick(["/v1/models", "/v1/responses/resp_1", "/v1/files", "/healthz"]);
    return `${method} ${path}?t=${TOKEN} HTTP/${version}\r\n${ours}${more}\r\n`;
  }
  const isForm = random.chance(0.1);
  const body = isForm ? goodForm(random) : goodBody(random);
  const path = isForm ? "/v1/audio/transcriptions" : random.pick(PATHS);
  const type = isForm ? "multipart/form-data; boundary=b" : "application/json";
  const head = `POST ${path}?t=${TOKEN} HTTP/${version}\r\n${ours}Content-Type: ${type}\r\n${more}`;
  if (version === "1.1" && random.chance(0.3)) {
    return `${head}Transfer-Encoding: chunked\r\n\r\n${chunked(body, random)}`;
  }
  return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
}

function goodBody(random: SeededRandom): string {
  const model = random.pick([MODELS.stable, MODELS.stable, MODELS.split]);
  const stream = random.pick(["", ',"stream":true', ',"stream":false']);
  const words = "x".repeat(random.pick([0, 1, 10, 200, 2_000, 70_000]));
  return `{"model":"${model}"${stream},"user":"${TOKEN}","messages":[{"role":"user","content":"${words}"}]}`;
}

function goodForm(random: SeededRandom): string {
  const part = (name: string, value: string): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const model = random.pick([MODELS.stable, MODELS.split]);
  return `${part("model", model)}${part("prompt", TOKEN)}--b--\r\n`;
}

function goodAnswer(random: SeededRandom): string {
  const json = `{"id":"resp_1","choices":[{"message":{"content":"${TOKEN}"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`;
  const events = `data: {"choices":[{"delta":{"content":"${TOKEN}"}}]}\n\ndata: [DONE]\n\n`;
  const of = (status: string, type: string, body: string): string =>
    `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nX-Token: ${TOKEN}\r\n${framed(body, random)}`;
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return of("200 OK", "application/json", json);
    case 3:
    case 4:
      return of("200 OK", "text/event-stream", events);
    case 5:
      return of(
        random.pick(["400 Bad", "404 None", "429 Much", "500 Ill", "503 Full"]),
        "application/json",
        json,
      );
    case 6:
      return `HTTP/1.1 ${random.pick(["204 No Content", "304 Not Modified"])}\r\nX-Token: ${TOKEN}\r\n\r\n`;
    case 7:
      return `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${of("200 OK", "application/json", json)}`;
    case 8:
      return of("302 Found\r\nLocation: http://x.test/", "text/plain", TOKEN);
    default:
      return of(
        "200 OK",
        "application/json",
        `{"text":"${TOKEN.repeat(random.pick([1, 100, 5_000]))}"}`,
      );
  }
}

function framed(body: string, random: SeededRandom): string {
  const kind = random.below(4);
  if (kind === 0) return `Connection: close\r\n\r\n${body}`;
  if (kind === 1) return `Transfer-Encoding: chunked\r\n\r\n${chunked(body, random)}`;
  return `Content-Length: ${body.length}\r\n\r\n${body}`;
}

function chunked(body: string, random: SeededRandom): string {
  let text = "";
  for (const piece of inPieces(body, random)) {
    if (piece === "") continue;
    text += `${piece.length.toString(16)}${random.pick(["", "", ";a=b"])}\r\n${piece}\r\n`;
  }
  return `${text}0\r\n${random.pick(["", "", "X-Trailer: t\r\n"])}\r\n`;
}
