// What the gateway's own path costs a request, without sockets: processor time, and bytes of the heap. The clients and
// the upstream are in this process and do nothing. Bytes hardly change from run to run, on however busy a machine; what
// the garbage collector has to do follows from them. npm run bench:path -- [--json]
import { createHash, hash } from "node:crypto";
import { NOBODY, SLOTS, type Table, type Version, WHOLE_AUDIENCE } from "@slipway/core";
import { hmacSigner } from "../../src/edge/feedback-key.ts";
import { createMetrics } from "../../src/edge/metrics/metrics.ts";
import { randomIds, systemClock, systemRandom } from "../../src/edge/system-ports.ts";
import { createGateway, type Exchange, type Gateway, type Sink } from "../../src/index.ts";

const BATCHES = 120;
/** Batches before that are not counted. */
const BATCHES_WARM = 60;
const OPEN_AT_ONCE = 64;
const ROUNDS_PER_BATCH = 5;
const USERS = 5_000;
const KEY = "benchmark";
const LEASE_MS = 60_000;

function version(id: string, model: string): Version {
  const upstream = {
    ...{ id: "up", url: "http://127.0.0.1:1/v1", model, keyEnv: null, pool: "up" },
    ...{ inFlightMax: 512, concurrency: "fixed" as const },
  };
  return { id, upstreams: [upstream], identity: {}, fingerprint: id };
}

/** Every policy that looks at each request is at work, as in bench:gateway. */
const TABLE: Table = {
  storeId: "store",
  number: 1,
  mintedAtMs: 0,
  pools: [],
  clients: [
    {
      name: "load",
      keyHashes: [createHash("sha256").update(KEY).digest("hex")],
      models: ["bench"],
      requestsPerMinute: 100_000_000,
      tokensPerMinute: 1_000_000_000,
      inFlightMax: 4_096,
    },
  ],
  routes: [
    {
      model: "bench",
      stable: version("one", "bench"),
      split: { rolloutId: "r", candidate: version("two", "two"), candidateSlots: SLOTS / 2 },
      keys: { header: null, apiKeyIsUser: false, withoutKey: "stable" },
      audience: {
        ...WHOLE_AUDIENCE,
        rings: [{ name: "staff", fromPercent: 0, members: { ...NOBODY, keyPrefixes: ["staff-"] } }],
        exclude: { ...NOBODY, keys: ["somebody"] },
      },
      evidence: {
        tickMs: 1_000,
        horizonMs: 30_000,
        segments: [
          { name: "language", header: "x-language", field: null, detect: "language" },
          { name: "surface", header: null, field: null, detect: "surface" },
          { name: "client", header: null, field: null, detect: "client" },
          { name: "input-length", header: null, field: null, detect: "input-length" },
        ],
      },
      replay: { enabled: true, budget: 0.2 },
      trip: { enabled: true, failures: 10 },
      answers: { sample: 0, redact: [], bytesMax: 1, ageMsMax: 1 },
      mirror: null,
      lease: { durationMs: LEASE_MS, onLapse: "stable" },
      priority: { header: "x-priority", background: [], otherwise: "interactive" },
      deadlineMs: 60_000,
    },
  ],
};

const ANSWER = Buffer.from(
  JSON.stringify({
    id: "chatcmpl-1",
    choices: [{ index: 0, message: { content: "x".repeat(330) }, finish_reason: "stop" }],
    usage: { prompt_tokens: 100, completion_tokens: 8, total_tokens: 108 },
  }),
);
const ANSWER_HEADERS = ["Content-Type", "application/json", "Content-Length", `${ANSWER.length}`];
const NOTHING = (): void => {};
const sinks: Sink[] = [];
let answered = 0;

function newGateway(): Gateway {
  const metrics = createMetrics(() => gateway.snapshot());
  const gateway: Gateway = createGateway(
    {
      clock: systemClock,
      random: systemRandom,
      ids: randomIds(),
      upstream: {
        send: (_, sink) => {
          sinks.push(sink);
          return { abort: NOTHING, resume: NOTHING };
        },
      },
      tableFile: { load: () => null, save: NOTHING },
      link: {
        follow: (onTable) => {
          onTable(TABLE);
          return NOTHING;
        },
        report: ({ sequence }, done) => {
          const nowMs = Date.now();
          const counted = { sequence, nowMs, leaseMs: LEASE_MS, members: 1, rank: 0, table: 1 };
          queueMicrotask(() => done({ ...counted, storeId: TABLE.storeId }));
          return NOTHING;
        },
      },
      log: { info: NOTHING, warn: NOTHING, error: NOTHING },
      readForm: (_type, _body, done) => done(null),
      signer: hmacSigner(["a key of the benchmark"]),
      secret: () => null,
      digest: (text) => hash("sha256", text, "hex"),
    },
    { name: "bench", worker: 1, observe: metrics.observe },
  );
  return gateway;
}

function exchangeWith(body: Buffer): Exchange {
  const headers = ["Host", "gateway", "Content-Type", "application/json", "Authorization"];
  headers.push(`Bearer ${KEY}`, "X-Language", "typescript", "X-Priority", "interactive");
  headers.push("Content-Length", String(body.length));
  return {
    ...{ method: "POST", path: "/v1/chat/completions", headers },
    read: (_limit, done, _fail, take) => {
      if (take?.(body.length) !== false) done(body);
    },
    respond: (status) => {
      if (status === 200) answered++;
    },
    write: () => true,
    ...{ onDrain: NOTHING, end: NOTHING, destroy: NOTHING, onClosed: NOTHING },
  };
}

function bodyOf(user: number): Buffer {
  const messages = [{ role: "user", content: "x".repeat(850) }];
  return Buffer.from(JSON.stringify({ model: "bench", user: `user-${user}`, messages }));
}

const bodies = Array.from({ length: USERS }, (_, turn) => bodyOf(turn));
let turn = 0;

function batch(gateway: Gateway): void {
  for (let round = 0; round < ROUNDS_PER_BATCH; round++) {
    for (let i = 0; i < OPEN_AT_ONCE; i++) {
      gateway.handle(exchangeWith(bodies[turn++ % USERS] ?? Buffer.alloc(0)));
    }
    for (const sink of sinks.splice(0)) {
      sink.onHead(200, [...ANSWER_HEADERS]);
      sink.onData(ANSWER);
      sink.onEnd();
    }
  }
}

/** Of so many numbers the one that `share` of them are below. */
function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? Number.NaN;
}

const gateway = newGateway();
gateway.start();
const cpuUs: number[] = [];
const heapBytes: number[] = [];
const perBatch = ROUNDS_PER_BATCH * OPEN_AT_ONCE;
for (let i = 0; i < BATCHES_WARM + BATCHES; i++) {
  const [cpu, { heapUsed }] = [process.cpuUsage(), process.memoryUsage()];
  batch(gateway);
  const { system, user } = process.cpuUsage(cpu);
  const grown = process.memoryUsage().heapUsed - heapUsed;
  // Lets the reporter send, and the timers run.
  await new Promise((resolve) => setImmediate(resolve));
  if (i < BATCHES_WARM) continue;
  cpuUs.push((system + user) / perBatch);
  heapBytes.push(grown / perBatch);
}
if (answered !== turn) throw new Error(`${turn - answered} of ${turn} requests had no good answer`);
const figures = {
  ...{ requests: BATCHES * perBatch },
  cpuUs: { p10: quantile(cpuUs, 0.1), p50: quantile(cpuUs, 0.5) },
  // A collection within a batch makes it look small; the median has none.
  heapBytes: Math.round(quantile(heapBytes, 0.5)),
};
const text = `${figures.heapBytes} bytes of heap a request; ${figures.cpuUs.p50.toFixed(1)} µs of processor (a tenth of batches: ${figures.cpuUs.p10.toFixed(1)} µs)\n`;
process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(figures)}\n` : text);
process.exit(0);
