// Load results of other tools, in the shapes in which they write them: what each run is worth, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ImportedRun, Shot } from "@slipway/core";
import { importedLoad } from "@slipway/wire";

const REQUESTS = 40;
const each = <T>(of: (at: number) => T): T[] => Array.from({ length: REQUESTS }, (_, at) => of(at));

/** The only run of a file. */
function only(value: unknown): ImportedRun {
  const runs = importedLoad(typeof value === "string" ? value : JSON.stringify(value), "load.json");
  assert.equal(runs.length, 1);
  const [run] = runs;
  assert.ok(run !== undefined);
  return run;
}

function shotsOf({ found }: ImportedRun): readonly Shot[] {
  assert.equal(found.kind, "shots");
  return found.kind === "shots" ? found.shots : [];
}

const VLLM = {
  request_rate: 10,
  burstiness: 1,
  max_concurrency: null,
  num_prompts: REQUESTS,
  completed: REQUESTS - 1,
  p99_ttft_ms: 120,
  p99_tpot_ms: 10,
  p99_e2el_ms: 700,
};
const DETAILED = {
  ...VLLM,
  input_lens: each(() => 100),
  output_lens: each((at) => (at === 3 ? 0 : 21)),
  start_times: each((at) => 5_000 + 0.1 * at),
  ttfts: each((at) => (at === 3 ? 0 : 0.05 + (at % 7) / 100)),
  itls: each((at) => (at === 3 ? [] : [0.1, 0.2 + (at % 5) / 50])),
  errors: each((at) => (at === 3 ? "503" : "")),
};

test("vLLM's bench with its requests is judged request by request, from when each was sent", () => {
  const run = only(DETAILED);
  assert.deepEqual([run.grade, run.perSecond], ["B", 10]);
  assert.match(run.because ?? "", /from when a request was sent/);
  const shots = shotsOf(run);
  const [first] = shots;
  assert.deepEqual(
    [first?.dueMs, first?.firstMs, Math.round(first?.lastMs ?? 0), first?.usage?.outputTokens],
    [0, 50, 350, 21],
  );
  assert.deepEqual(
    shots.filter(({ failure }) => failure !== null).map(({ dueMs }) => Math.round(dueMs)),
    [300],
  );
});

test("vLLM's sums, its queue at a limit, and a flood prove less", () => {
  const sums = only(VLLM);
  assert.deepEqual([sums.grade, sums.perSecond], ["C", 10]);
  assert.deepEqual(sums.found.kind === "sums" ? sums.found.sums : null, {
    requests: 40,
    failed: 1,
    totalMs: 700,
    ttftMs: 120,
    tpotMs: 10,
  });
  const limited = only({ ...DETAILED, max_concurrency: 8 });
  assert.deepEqual([limited.grade, limited.perSecond], ["C", 10]);
  assert.match(limited.because ?? "", /at most 8 requests were under way/);
  const flood = only({ ...DETAILED, request_rate: "inf" });
  assert.deepEqual([flood.grade, flood.perSecond], ["C", null]);
  const lines = [VLLM, { ...VLLM, request_rate: 20 }].map((one) => JSON.stringify(one)).join("\n");
  assert.deepEqual(
    importedLoad(lines, "load.jsonl").map(({ perSecond }) => perSecond),
    [10, 20],
  );
});

const guideRequest = (at: number, lateS = 0) => ({
  request_id: String(at),
  info: {
    timings: {
      targeted_start: 1_000 + 0.1 * at,
      request_start: 1_000 + 0.1 * at + lateS,
      first_token_iteration: 1_000.05 + 0.1 * at + lateS,
      request_end: 1_000.2 + (at % 7) / 10 + 0.1 * at + lateS,
    },
  },
  prompt_tokens: 100,
  output_tokens: 20,
});
const GUIDE = {
  metadata: { version: 2 },
  benchmarks: [
    {
      config: { strategy: { type_: "constant", rate: 10 } },
      metrics: { request_totals: { total: REQUESTS } },
      requests: {
        successful: each((at) => guideRequest(at, at === 5 ? 0.4 : 0)),
        errored: [],
        incomplete: [],
      },
    },
  ],
};

test("GuideLLM says when each request was due: its latencies count from there, and its lag is told", () => {
  const run = only(GUIDE);
  assert.deepEqual([run.grade, run.because], ["A", null]);
  assert.ok(Math.abs((run.perSecond ?? 0) - 10) < 0.01);
  const late = shotsOf(run)[5];
  assert.equal(Math.round(late?.lagMs ?? 0), 400);
  assert.equal(Math.round((late?.lastMs ?? 0) - (late?.dueMs ?? 0)), 1_100);
});

test("GuideLLM's runs without a schedule, and a part of the requests, prove less", () => {
  const [benchmark] = GUIDE.benchmarks;
  assert.ok(benchmark !== undefined);
  const concurrent = { ...benchmark, config: { strategy: { type_: "concurrent" } } };
  const run = only({ ...GUIDE, benchmarks: [concurrent] });
  assert.deepEqual([run.grade, run.perSecond], ["C", null]);
  assert.match(run.because ?? "", /strategy concurrent sends when there is a place/);
  const part = { ...benchmark, metrics: { request_totals: { total: 400 } } };
  assert.match(only({ ...GUIDE, benchmarks: [part] }).because ?? "", /it has 40 of 400 requests/);
});

const aiperfRecord = (at: number, startMs: number, tookMs: number) => ({
  metadata: {
    session_num: at,
    request_start_ns: 1_759_813_207_000_000_000 + startMs * 1e6,
    request_end_ns: 1_759_813_207_000_000_000 + (startMs + tookMs) * 1e6,
    benchmark_phase: "profiling",
    was_cancelled: false,
  },
  metrics:
    at === 2
      ? null
      : {
          time_to_first_token: { value: 55, unit: "ms" },
          output_sequence_length: { value: 9, unit: "tokens" },
          input_sequence_length: { value: 550, unit: "tokens" },
        },
  error: at === 2 ? { code: 503, type: "Unavailable", message: "" } : null,
});

test("AIPerf's records are judged from when each was sent, and a closed loop is found out", () => {
  const open = each((at) => aiperfRecord(at, 100 * at, at % 3 === 0 ? 450 : 80));
  const run = only(open.map((one) => JSON.stringify(one)).join("\n"));
  assert.deepEqual([run.grade, Math.round(run.perSecond ?? 0)], ["B", 10]);
  const failed = shotsOf(run).filter(({ failure }) => failure !== null);
  assert.equal(failed.length, 1);
  // Four at a time: one begins when another ends.
  const closed = each((at) => aiperfRecord(at, 50 * at, 200));
  const full = only(closed.map((one) => JSON.stringify(one)).join("\n"));
  assert.deepEqual([full.grade, full.perSecond], ["C", null]);
  assert.match(full.because ?? "", /a request was sent when another had ended/);
});

test("the sums of AIPerf and GenAI-Perf are sums", () => {
  const run = only({
    request_latency: { unit: "ms", avg: 200, p50: 190, p99: 640 },
    time_to_first_token: { unit: "ms", avg: 50, p99: 90 },
    inter_token_latency: { unit: "ms", avg: 5, p99: 9 },
    request_throughput: { unit: "requests/sec", avg: 9.8 },
    request_count: { unit: "requests", avg: 400 },
    error_request_count: { unit: "requests", avg: 4 },
  });
  assert.deepEqual([run.grade, run.perSecond], ["C", 9.8]);
  assert.deepEqual(run.found.kind === "sums" ? run.found.sums.failed : null, 4);
});

test("what is none of them is refused, with what to give", () => {
  const refused = (text: string, because: RegExp) =>
    assert.throws(() => importedLoad(text, "load.json"), because);
  refused("{}", /load.json is no load result that is understood/);
  refused("not JSON", /load.json is not JSON/);
  refused(
    JSON.stringify({ ...VLLM, completed: "all" }),
    /not a result of vLLM's bench: 0.completed/,
  );
  refused(JSON.stringify({ benchmarks: [{}] }), /not GuideLLM's benchmarks with their requests/);
});
