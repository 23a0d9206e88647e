// The gate `prompts` against simulated model servers over real sockets: a version that is as good passes, and each
// planted fault is caught by its own number.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Figure, GateResult, Lesson, LessonChange, Version } from "@slipway/core";
import {
  type Ask,
  type Endpoint,
  gates,
  type Outcome,
  runGates,
  type Served,
} from "@slipway/preflight";
import { chatClient } from "@slipway/preflight/edge";
import { presets, type SimulatedVersion } from "@slipway/simulator";
import { startFleet } from "@slipway/simulator/edge";
import type { PromptsGate } from "@slipway/wire/config";
import { hastyClock, surroundings } from "../surroundings.ts";

const STABLE = presets["gpt-5.0"];
const LANGUAGES = ["typescript", "python", "go", "rust"];

const SETTINGS: PromptsGate = {
  files: ["prompts.jsonl"],
  concurrency: 8,
  timeoutMs: 30_000,
  stream: true,
  falseAlarmMax: 0.01,
  headroomMin: 0.1,
  inputTokensRatioMax: null,
};

/** Sixty prompts in four languages; simulated servers refuse by `sim_language`. */
function promptsText(request: object = { max_tokens: 40 }, expect: object = {}): string {
  return Array.from({ length: 60 }, (_, index) => {
    const language = LANGUAGES[index % LANGUAGES.length];
    const user = `${index}: ${"complete this function please ".repeat(1 + (index % 7))}`;
    const metadata = { sim_language: language };
    const body = { ...request, metadata };
    return JSON.stringify({
      id: `p${index}`,
      system: "You write code.",
      user,
      request: body,
      expect,
      tags: { language },
    });
  }).join("\n");
}

type Flown = {
  readonly candidate?: Partial<SimulatedVersion>;
  readonly stable?: Partial<SimulatedVersion>;
  readonly version?: Partial<Version>;
  readonly settings?: Partial<PromptsGate>;
  readonly prompts?: string;
  readonly learnt?: readonly Lesson[];
  readonly seed?: number;
};

async function flown(t: TestContext, flight: Flown): Promise<GateResult> {
  const versions = {
    v1: { ...STABLE, ...flight.stable },
    v2: { ...STABLE, ...flight.candidate },
  };
  const fleet = await startFleet({ versions, seed: flight.seed ?? 1 });
  const client = chatClient();
  t.after(async () => {
    await client.close();
    await fleet.close();
  });
  const served = (id: "v1" | "v2", changes: Partial<Version> = {}): Served => {
    const endpoint: Endpoint = {
      id,
      baseUrl: fleet.urls[id] ?? "",
      model: versions[id].model,
      headers: {},
      caFile: null,
    };
    const version = { id, upstreams: [], identity: {}, fingerprint: id, ...changes };
    return { version, endpoints: [endpoint] };
  };
  const text = flight.prompts ?? promptsText();
  const [result] = await runGates({
    gates,
    names: ["prompts"],
    settings: { prompts: { ...SETTINGS, ...flight.settings } },
    surroundings: surroundings({
      stable: served("v1"),
      candidate: served("v2", flight.version),
      ask: client.ask,
      learnt: flight.learnt ?? [],
      files: { read: () => Promise.resolve(text) },
    }),
    started: () => {},
    progress: () => {},
    ended: () => {},
  });
  assert.ok(result !== undefined);
  return result;
}

function figure(result: GateResult, name: string, of: string | null = null): Figure {
  const found = result.figures.find((one) => one.name === name && one.of === of);
  assert.ok(found !== undefined, `no ${name} of ${of}: ${JSON.stringify(result.figures)}`);
  return found;
}

test("the same version under another name passes, and nothing differs", async (t) => {
  const result = await flown(t, {});
  assert.equal(result.outcome, "pass", result.because);
  assert.equal(result.because, "of 60 prompts, all end alike; they are 1.00x the tokens");
  assert.equal(figure(result, "more worse").value, 0);
  assert.equal(figure(result, "tokens for the same prompts").value, 1);
});

test("a parameter that the candidate rejects fails, by how many prompts carry it", async (t) => {
  const candidate = { faults: [{ kind: "rejects", parameter: "top_k" }] } as const;
  const prompts = `${promptsText()}\n${JSON.stringify({ id: "topk", user: "hi", request: { top_k: 3 } })}`;
  const result = await flown(t, { candidate, prompts });
  assert.equal(result.outcome, "fail");
  assert.match(result.because, /^of 61 prompts, 1 are rejected at v2 alone and 0 at v1 alone$/);
  assert.equal(figure(result, "more rejected").holds, false);
  assert.match(
    JSON.stringify(result.details),
    /"of":"topk","what":"rejected \(HTTP 400 \(.*parameter top_k\)\)"/,
  );
});

test("a candidate that refuses one language fails by that language's figure", async (t) => {
  const result = await flown(t, { candidate: { refusals: { typescript: 1 } } });
  assert.equal(result.outcome, "fail");
  assert.match(result.because, /15 are refused at v2 alone and 0 at v1 alone; by chance as many: /);
  const ofLanguage = figure(result, "more refused", "language typescript");
  assert.equal(ofLanguage.value, 1);
  assert.equal(ofLanguage.holds, false);
});

test("a tokenizer that makes more of the same text fails by its ratio", async (t) => {
  const result = await flown(t, { candidate: { charactersPerToken: 3 } });
  assert.equal(result.outcome, "fail");
  assert.match(
    result.because,
    /^tokens for the same prompts: 1\.3\dx, and at most 1\.20x are allowed$/,
  );
});

test("tokens that most answers do not tell are no pass", async () => {
  let asked = 0;
  const usage = { promptTokens: 9, completionTokens: 9, cachedTokens: 0 };
  const ask: Ask = () =>
    Promise.resolve({
      kind: "answer",
      text: "fine",
      refusal: null,
      toolCalls: [],
      finishReason: "stop",
      usage: asked++ < 40 ? usage : null,
      ttftMs: 1,
      totalMs: 1,
      gapMsMax: 0,
      pieces: 1,
    });
  const finding = await gates.prompts.run({
    ...surroundings({ ask, files: { read: () => Promise.resolve(promptsText()) } }),
    settings: { ...SETTINGS, concurrency: 1 },
    before: [],
    progress: () => {},
  });
  assert.equal(finding.outcome, "inconclusive");
  assert.equal(
    finding.because,
    "only 20 of 60 prompts have answers that say how many tokens they are",
  );
});

function answered(text: string): Outcome {
  return {
    ...{ kind: "answer", text, refusal: null, toolCalls: [], finishReason: "stop" },
    usage: { promptTokens: 9, completionTokens: 9, cachedTokens: 0 },
    ...{ ttftMs: 1, totalMs: 1, gapMsMax: 0, pieces: 1 },
  };
}

/** The gate with a candidate that answers what this says, by how often it was asked that prompt. */
async function withCandidate(candidate: (index: number, times: number) => Outcome) {
  const times = new Map<string, number>();
  const clock = hastyClock(0);
  const ask: Ask = ({ endpoint, body }) => {
    if (endpoint.model !== "v2") return Promise.resolve(answered("{}"));
    const key = JSON.stringify(body);
    times.set(key, (times.get(key) ?? 0) + 1);
    return Promise.resolve(candidate([...times.keys()].indexOf(key), times.get(key) ?? 0));
  };
  const finding = await gates.prompts.run({
    ...surroundings({ ask, clock, files: { read: () => Promise.resolve(promptsText()) } }),
    settings: { ...SETTINGS, concurrency: 1 },
    before: [],
    progress: () => {},
  });
  return { finding, waitedMs: clock.mono() };
}

const BUSY: Outcome = {
  ...{ kind: "rejection", status: 429, code: null, parameter: null, totalMs: 1 },
  retryAfterMs: 7_000,
};

test("a server that is busy is asked again as late as it says, and is judged by its answer", async () => {
  const { finding, waitedMs } = await withCandidate((index, times) =>
    index === 0 && times < 3 ? BUSY : answered("{}"),
  );
  assert.equal(finding.outcome, "pass", finding.because);
  assert.equal(waitedMs, 14_000);
});

test("a server that stays busy is not judged: few prompts are left out, and of many nothing can be told", async () => {
  const few = await withCandidate((index) => (index < 6 ? BUSY : answered("{}")));
  assert.equal(few.finding.outcome, "pass", few.finding.because);
  const many = await withCandidate((index) => (index < 30 ? BUSY : answered("{}")));
  assert.equal(many.finding.outcome, "inconclusive");
  assert.match(many.finding.because, /^busy servers turned away 30 of 60 prompts, however often/);
});

test("more tokens than that pass where the version has declared them", async (t) => {
  const version = { expect: { "input-tokens": 1.4 } };
  const result = await flown(t, { candidate: { charactersPerToken: 3 }, version });
  assert.equal(result.outcome, "pass", result.because);
});

test("too little room in the declared window fails by p99 of prompt and longest answer", async (t) => {
  const version = { contextTokensMax: 100 };
  const result = await flown(t, { version });
  assert.equal(result.outcome, "fail");
  const needed = figure(result, "p99 of prompt and longest answer");
  assert.equal(needed.limit, 90);
  assert.ok(needed.value > 90 && needed.holds === false);
});

test("a window that is smaller than was declared rejects prompts, and that is seen", async (t) => {
  const result = await flown(t, { candidate: { contextTokensMax: 90 } });
  assert.equal(result.outcome, "fail");
  assert.match(result.because, /are rejected at v2 alone/);
  assert.match(JSON.stringify(result.details), /context_length_exceeded/);
});

test("longer answers that reach the limit fail as truncated", async (t) => {
  const candidate = { outputFactor: 3 };
  const result = await flown(t, { candidate });
  assert.equal(result.outcome, "fail");
  assert.match(result.because, /are truncated at v2 alone/);
});

/** A whole completion, as a server would send it. */
function completion(content: string): string {
  const message = { role: "assistant", content };
  const usage = { prompt_tokens: 9, completion_tokens: 9 };
  return JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }], usage });
}

test("JSON in a fence fails where plain JSON was asked for", async (t) => {
  const schema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
  const saying = (text: string): Partial<SimulatedVersion> => ({
    faults: [{ kind: "garbage", rate: 1, body: completion(text) }],
  });
  const plain = '{"name":"f"}';
  const result = await flown(t, {
    stable: saying(plain),
    candidate: saying(`\`\`\`json\n${plain}\n\`\`\``),
    prompts: promptsText({}, { json: schema }),
    settings: { stream: false },
  });
  assert.equal(result.outcome, "fail");
  assert.match(result.because, /60 are malformed at v2 alone/);
  assert.match(JSON.stringify(result.details), /malformed \(is JSON in a fence, not JSON\)/);
});

test("answers that break off count as none", async (t) => {
  const faults = [{ kind: "cut", rate: 0.6, afterTokens: 2 }] as const;
  const result = await flown(t, { candidate: { faults } });
  assert.equal(result.outcome, "fail");
  assert.match(result.because, /are unanswered at v2 alone/);
});

test("a few prompts tell nothing, and a stable version that does not answer neither", async (t) => {
  const few = await flown(t, { prompts: promptsText().split("\n").slice(0, 5).join("\n") });
  assert.equal(few.outcome, "inconclusive");
  assert.match(few.because, /^with 5 prompts no difference can be told from chance; it takes \d+$/);
  const faults = [{ kind: "errors", rate: 1, status: 503 }] as const;
  const silent = await flown(t, { stable: { faults } });
  assert.equal(silent.outcome, "inconclusive");
  assert.equal(silent.because, "v1 itself did not answer 60 of 60 prompts");
});

function taught(name: string, cases: Partial<LessonChange>): Lesson {
  return {
    ...{ id: `r-1-6:${name}`, incidentId: "r-1-6", name, what: "", why: "", owner: "team" },
    ...{ reason: "users got 400", acceptedAtMs: 0, promised: null, dropped: null },
    change: {
      kind: "prompt-case",
      inputTokens: null,
      template: {},
      cases: [],
      ...cases,
    } as LessonChange,
  };
}

const TOP_K = taught("prompt-incompatible", { cases: [{ user: "hi", request: { top_k: 3 } }] });

test("a request that an incident taught fails the version that rejects it, by the incident's name", async (t) => {
  const candidate = { faults: [{ kind: "rejects", parameter: "top_k" }] } as const;
  const { outcome, because, lessons } = await flown(t, { candidate, learnt: [TOP_K] });
  assert.equal(outcome, "fail");
  assert.match(because, /^case 1: rejected \(/);
  assert.match(because, /learnt from r-1-6: users got 400/);
  assert.equal(lessons?.[0]?.holds, false);
});

test("a version that takes what an incident taught passes, also where no other prompts are set up", async (t) => {
  const result = await flown(t, { learnt: [TOP_K] });
  assert.equal(result.outcome, "pass", result.because);
  assert.deepEqual(
    result.lessons?.map(({ id, holds }) => [id, holds]),
    [["r-1-6:prompt-incompatible", true]],
  );
  const alone = await flown(t, { learnt: [TOP_K], settings: { files: [] } });
  assert.equal(alone.outcome, "pass", alone.because);
  assert.match(alone.because, /^1 lesson of earlier incidents: 1 case holds/);
});

test("a request that stable itself rejects tells nothing of the candidate", async (t) => {
  const rejects = { faults: [{ kind: "rejects", parameter: "top_k" }] } as const;
  const both = { candidate: rejects, stable: rejects, learnt: [TOP_K] };
  const { outcome, because } = await flown(t, { ...both, settings: { files: [] } });
  assert.equal(outcome, "inconclusive");
  assert.match(because, /stable itself does not keep it/);
});

test("a prompt as long as those that failed is too long for a version with a smaller window", async (t) => {
  const long = taught("prompt-length", {
    inputTokens: 5_000,
    template: { request: { max_tokens: 16 }, expect: { finish: ["stop", "length"] } },
  });
  const candidate = { contextTokensMax: 4_096 };
  const { outcome, because } = await flown(t, { candidate, learnt: [long] });
  assert.equal(outcome, "fail", because);
  assert.match(because, /^case 1: rejected/);
  const fine = await flown(t, { learnt: [long] });
  assert.equal(fine.outcome, "pass", fine.because);
});
