// The simulated model server of a soak, in a process of its own: upstream-main.ts PORT [PLANTED]. It answers as each request
// asks it to, and tells its parent how many answers are open. PLANTED makes it fail now and then, to see that the soak finds it.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { crc32 } from "node:zlib";
import { type Asked, askedOf, chunkText, lastText, wholeText } from "./turn-shape.ts";

const [port = "0", planted = "nothing"] = process.argv.slice(2);
/** Of the requests, one in so many is failed where something is planted. */
const PLANTED_EVERY = 50;
const TELL_MS = 500;

export type UpstreamNews = {
  readonly requests: number;
  /** Whose client left before the end. */
  readonly left: number;
  readonly open: number;
};

const news = { requests: 0, left: 0, open: 0 };

function later(ms: number, fire: () => void): void {
  if (ms === 0) fire();
  else setTimeout(fire, ms);
}

function stream(response: ServerResponse, asked: Asked, isPlanted: boolean): void {
  const { plan } = asked;
  response.writeHead(200, { "content-type": "text/event-stream" });
  let number = 0;
  let sum = 0;
  const next = (): void => {
    if (response.destroyed) return;
    if (number === plan.pieces) {
      response.end(lastText(plan, sum));
      return;
    }
    const text = chunkText(plan, number);
    sum = crc32(text, sum);
    const isOdd = isPlanted && number === 1;
    if (!isOdd || planted !== "lost") response.write(text);
    if (isOdd && planted === "doubled") response.write(text);
    number++;
    if (response.writableNeedDrain) response.once("drain", next);
    else later(plan.gapMs, next);
  };
  next();
}

function whole(response: ServerResponse, asked: Asked): void {
  const bytes = Buffer.from(wholeText(asked));
  const { gapMs } = asked.plan;
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": bytes.length,
  });
  if (gapMs === 0) {
    response.end(bytes);
    return;
  }
  // Some of it at once and the rest later, for those who leave between.
  response.write(bytes.subarray(0, bytes.length >> 1));
  later(gapMs, () => response.end(bytes.subarray(bytes.length >> 1)));
}

function answer(response: ServerResponse, body: string): void {
  const asked = askedOf(body);
  const isPlanted = planted !== "nothing" && news.requests % PLANTED_EVERY === 0;
  if (asked === null || (isPlanted && planted === "error")) {
    response.writeHead(400).end("{}");
    return;
  }
  later(asked.plan.firstMs, () => {
    if (response.destroyed) return;
    if (asked.isStream) stream(response, asked, isPlanted);
    else whole(response, asked);
  });
}

function take(request: IncomingMessage, response: ServerResponse): void {
  news.requests++;
  news.open++;
  response.on("close", () => {
    news.open--;
    if (!response.writableFinished) news.left++;
  });
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => answer(response, Buffer.concat(parts).toString()));
}

const server = createServer(take);
// As common model servers do. Node tells its clients, and undici keeps a connection for as long as it is told.
server.keepAliveTimeout = 5_000;
server.listen(Number(port), "127.0.0.1");
setInterval(() => process.send?.({ ...news } satisfies UpstreamNews), TELL_MS).unref();
process.on("disconnect", () => process.exit());
