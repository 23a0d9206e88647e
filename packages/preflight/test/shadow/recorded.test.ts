// The gate `shadow` on kept answers: what differs more than stable does from itself is caught by its number.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, type Random } from "@slipway/core";
import {
  type Ask,
  type GateFinding,
  gates,
  type Outcome,
  type Surroundings,
} from "@slipway/preflight";
import { scoringPorts } from "@slipway/preflight/edge";
import type { ShadowGate } from "@slipway/wire/config";
import { surroundings } from "../surroundings.ts";
import { linesOf, type Said, SETTINGS, type Thrice } from "./answers.ts";

async function found(
  requests: readonly Thrice[],
  settings: Partial<ShadowGate> = {},
  changes: Partial<Surroundings> = {},
): Promise<GateFinding> {
  const text = linesOf(requests);
  return await gates.shadow.run({
    ...surroundings({
      files: { read: () => Promise.resolve(text) },
      scoring: scoringPorts,
      ...changes,
    }),
    settings: { ...SETTINGS, ...settings },
    before: [],
    progress: () => {},
  });
}

/** The same of every request, but for what is said of some of them. */
function requests(
  count: number,
  read: (index: number) => Partial<Thrice> = () => ({}),
): readonly Thrice[] {
  return Array.from({ length: count }, (_, index) => ({
    stable: {},
    candidate: {},
    again: {},
    ...read(index),
  }));
}

/** The candidate's answers to a share of the requests. */
function some(count: number, answer: Said): (index: number) => Partial<Thrice> {
  return (index) => (index < count ? { candidate: answer } : {});
}

const code = (body: string): string => `\`\`\`ts\n${body}\n\`\`\`\n`;

test("a version that answers as stable does passes, and the report says how far stable differs from itself", async () => {
  const { outcome, because, figures } = await found(
    requests(100, (index) => (index < 3 ? { again: { ending: "cut-off" } } : {})),
  );
  assert.equal(outcome, "pass", because);
  assert.match(because, /^of 100 requests, 0 end badly at v2 alone and 0 at v1 alone \(v1 differs/);
  const noise = figures.find(({ name }) => name === "cut off, stable against itself");
  assert.equal(noise?.value, 0.03);
});

test("every way to end badly fails the gate, by how many end so at the candidate alone", async () => {
  const json = '{"response_format":{"type":"json_object"}}';
  const faults: readonly (readonly [what: string, said: Said])[] = [
    ["failed", { outcome: "server_error", answer: "" }],
    ["refused", { answer: "I'm sorry, but I can't help with that." }],
    ["refused", { ending: "refused", answer: "" }],
    ["empty", { ending: "empty", answer: "" }],
    ["cut off", { ending: "cut-off" }],
    ["malformed", { answer: '{"open": ', request: json }],
    ["malformed", { answer: code("function ( {") }],
  ];
  for (const [what, said] of faults) {
    const { outcome, because } = await found(
      requests(100, (index) => ({
        stable: { request: said.request ?? "{}", answer: '{"a": 1}' },
        again: { answer: '{"a": 1}' },
        candidate: index < 30 ? said : { answer: '{"a": 1}' },
      })),
    );
    assert.equal(outcome, "fail", because);
    const told = `^of 100 requests, 30 are ${what} at v2 alone and 0 at v1 alone; by chance`;
    assert.match(because, new RegExp(told));
  }
});

test("another form fails only where stable itself keeps to one", async () => {
  const prose = { answer: "It is a function." };
  const block = { answer: code("f();") };
  const firm = await found(
    requests(100, (index) => ({
      stable: block,
      again: block,
      candidate: index < 30 ? prose : block,
    })),
  );
  assert.equal(firm.outcome, "fail");
  assert.match(firm.because, /^of 100 requests, 30 are in another form at v2 alone and 0 at v1/);
  const loose = await found(
    requests(100, (index) => ({
      stable: block,
      again: index % 3 === 0 ? prose : block,
      candidate: index % 3 === 1 ? prose : block,
    })),
    { margin: 0.2 },
  );
  assert.notEqual(loose.outcome, "fail", loose.because);
});

test("answers that are longer or shorter, or take longer, than allowed fail by their ratio", async () => {
  const long = await found(requests(100, some(100, { answer: "a word or two".repeat(2) })));
  assert.match(
    long.because,
    /^answers of v2 have 2\.00 times \(2\.00 to 2\.00\) the characters of v1's, and between 0\.67/,
  );
  const short = await found(requests(100, some(100, { answer: "word" })));
  assert.match(short.because, /^answers of v2 have 0\.31 times/);
  const slow = await found(requests(100, some(100, { totalMs: 250 })));
  assert.match(slow.because, /^answers of v2 take 2\.50 times \(2\.50 to 2\.50\) as long as v1's/);
  assert.deepEqual([long.outcome, short.outcome, slow.outcome], ["fail", "fail", "fail"]);
});

test("a copy is held against the slower of stable's two answers, of which one may come from a cache", async () => {
  const { outcome, because } = await found(
    requests(100, () => ({
      stable: { totalMs: 200 },
      again: { totalMs: 80 },
      candidate: { totalMs: 200 },
    })),
  );
  assert.equal(outcome, "pass", because);
});

test("no pair is a failure; too few, or none that stable answered twice, can tell nothing", async () => {
  const none = await found([]);
  assert.equal(none.outcome, "fail");
  assert.match(none.because, /^none of the recorded answers are of one request that both/);
  const few = await found(requests(60));
  assert.equal(few.outcome, "inconclusive");
  assert.match(few.because, /^both answers to 60 requests could be compared, and 100 are asked/);
  const once = await found(requests(100, () => ({ again: null })));
  assert.equal(once.outcome, "inconclusive");
  assert.match(once.because, /no request was sent to it a second time/);
  const unsure = await found(requests(100, some(6, { ending: "empty", answer: "" })));
  assert.equal(unsure.outcome, "inconclusive");
  assert.match(unsure.because, /^up to 1\d\.\d% more bad answers cannot be excluded/);
});

test("harm to one segment fails, and says which", async () => {
  const { outcome, because } = await found(
    requests(200, (index) => ({
      stable: { segment: index < 20 ? "rust" : "go" },
      candidate: index < 12 ? { ending: "refused", answer: "" } : {},
    })),
    { pairs: 200 },
  );
  assert.equal(outcome, "fail");
  assert.match(because, /^of 20 requests of rust, 12 are refused at v2 alone/);
});

test("recorded answers are graded B: nobody knows which requests were left out", async () => {
  const { details } = await found(requests(100));
  assert.match(JSON.stringify(details), /"grade":"B"/);
});

test("a judge that prefers stable's answers fails the gate, and one that cannot be read counts for nobody", async () => {
  const judge = {
    url: "http://judge/v1",
    model: "judge",
    keyEnv: null,
    criterion: "correct code",
    timeoutMs: 1_000,
  };
  const asked = requests(100, some(100, { answer: "a word or 2" }));
  const prefersStable: Ask = ({ body }) => {
    const [, shown] = Array.isArray(body["messages"]) ? body["messages"] : [];
    const first = JSON.stringify(shown).indexOf('\\"first\\":\\"a word or two');
    return Promise.resolve(saying(`{"better":"${first === -1 ? "second" : "first"}"}`));
  };
  const worse = await found(asked, { judge }, { ask: prefersStable });
  assert.equal(worse.outcome, "fail");
  assert.match(worse.because, /^of 100 requests, 100 are worse to the judge at v2 alone and 0 at/);
  const ask: Ask = () => Promise.resolve(saying("both are lovely"));
  const dumb = await found(asked, { judge }, { ask });
  assert.equal(dumb.outcome, "inconclusive");
  assert.match(dumb.because, /^the judge said nothing that can be read of 100 of 100 pairs/);
});

function saying(text: string): Outcome {
  return {
    kind: "answer",
    text,
    refusal: null,
    toolCalls: [],
    finishReason: "stop",
    usage: null,
    ttftMs: 1,
    totalMs: 1,
    gapMsMax: 0,
    pieces: 1,
  };
}

test("the same version twice fails no more often than is said", async () => {
  const RUNS = 200;
  let failed = 0;
  for (let seed = 1; seed <= RUNS; seed++) {
    const random = createRandom(seed);
    const { outcome } = await found(
      requests(20, () => ({
        stable: drawn(random),
        candidate: drawn(random),
        again: drawn(random),
      })),
      { pairs: 20, slowerMax: 3, lengthRatioMax: 3 },
    );
    if (outcome === "fail") failed++;
  }
  // Of 200 runs at 5%, more than 18 are by chance one time in a hundred.
  assert.ok(failed <= 18, `${failed} of ${RUNS}`);
});

function drawn(random: Random): Said {
  const bad = random.next() < 0.2;
  return {
    ...(bad ? { ending: "cut-off" as const } : {}),
    answer: random.next() < 0.3 ? '{"a": 1}' : "a word or two",
    totalMs: 100 * (0.5 + random.next()),
  };
}

test("of many kept answers a broken one is counted and left out, and more than one in a hundred are too many", async () => {
  const flown = async (broken: number) => {
    const text = `${"{broken\n".repeat(broken)}${linesOf(requests(100))}`;
    return await gates.shadow.run({
      ...surroundings({ files: { read: () => Promise.resolve(text) }, scoring: scoringPorts }),
      settings: SETTINGS,
      before: [],
      progress: () => {},
    });
  };
  const whole = await flown(0);
  const one = await flown(1);
  assert.deepEqual([one.outcome, one.because], [whole.outcome, whole.because]);
  const left = one.figures.find(({ name }) => name === "kept answers that cannot be read");
  assert.equal(left?.value, 1);
  await assert.rejects(
    flown(60),
    /answers\.jsonl:1 is no kept answer, nor are 59 other lines, of \d+$/,
  );
});

test("a line that is no kept answer is named", async () => {
  const run = gates.shadow.run({
    ...surroundings({ files: { read: () => Promise.resolve("{}\n") }, scoring: scoringPorts }),
    settings: SETTINGS,
    before: [],
    progress: () => {},
  });
  await assert.rejects(run, /answers\.jsonl:1 is no kept answer/);
});
