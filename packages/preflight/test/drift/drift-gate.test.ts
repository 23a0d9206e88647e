// The gate `drift` against simulated model servers at sockets: what changes under an unchanged name fails it, what does not
// passes, and what cannot be told is not passed.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { DriftOrder, GateResult } from "@slipway/core";
import {
  gates,
  probesFrom,
  rebased,
  runGates,
  type Served,
  type Surroundings,
} from "@slipway/preflight";
import { chatClient } from "@slipway/preflight/edge";
import { presets, type SimulatedVersion } from "@slipway/simulator";
import { startFleet } from "@slipway/simulator/edge";
import type { GateSettings } from "@slipway/wire/config";
import { hastyClock, served, surroundings } from "../surroundings.ts";
import { MemoryDrifting } from "./memory-drifting.ts";

const PROMPTS = Array.from({ length: 20 }, (_, at) =>
  JSON.stringify({ id: `p${at}`, user: `write function ${at}`, request: { max_tokens: 3 + at } }),
).join("\n");

const ORDER: DriftOrder = {
  ...{ schedule: null, versions: [], timeoutMs: 30_000, falseAlarmMax: 0.01, margin: 0.1 },
  probes: probesFrom([{ file: "p.jsonl", text: PROMPTS }], true),
};
const { probes: _, ...own } = ORDER;
const SETTINGS: GateSettings = { drift: { ...own, probes: ["p.jsonl"] } };

type Scene = {
  readonly drifting: MemoryDrifting;
  readonly fly: () => Promise<GateResult>;
  /** From now on something else answers at the same names. */
  readonly become: (changes: Partial<SimulatedVersion>) => Promise<void>;
  readonly accept: () => Promise<void>;
};

/** `v1` is asked at an address that stays; what is behind it does not. */
async function scene(t: TestContext): Promise<Scene> {
  const client = chatClient();
  const before = { ...presets["gpt-5.0"], model: "v1", refusals: {} };
  const closes: (() => Promise<void>)[] = [];
  let url = "";
  const become: Scene["become"] = async (changes) => {
    const fleet = await startFleet({ versions: { v1: { ...before, ...changes } }, seed: 1 });
    closes.push(fleet.close);
    url = fleet.urls["v1"] ?? "";
  };
  await become({});
  t.after(async () => {
    await client.close();
    for (const close of closes) await close();
  });
  const own = served("v1");
  const engines: Served = {
    ...served("v2"),
    version: {
      ...served("v2").version,
      upstreams: [
        {
          ...{ id: "one", url: "http://127.0.0.1:9/v1", model: "v2", keyEnv: null, pool: "p" },
          ...{ inFlightMax: 1, concurrency: "fixed" as const, replicas: 1 },
        },
      ],
    },
  };
  const drifting = new MemoryDrifting(ORDER, [own]);
  const around: Partial<Surroundings> = {
    ...{ stable: own, candidate: engines, drifting, clock: hastyClock(0) },
    ask: (question) =>
      client.ask({ ...question, endpoint: { ...question.endpoint, baseUrl: url } }),
  };
  const fly = async (): Promise<GateResult> => {
    const [result] = await runGates({
      ...{ gates, names: ["drift"], settings: SETTINGS, surroundings: surroundings(around) },
      ...{ started: () => {}, progress: () => {}, ended: () => {} },
    });
    assert.ok(result !== undefined);
    return result;
  };
  const accept = async (): Promise<void> => {
    const [version] = (await drifting.view()).versions;
    assert.ok(version !== undefined);
    const { ask, clock, sha256, signal } = surroundings(around);
    await rebased(
      {
        ...{ model: "coder", drifting, version, order: ORDER, endpoints: own.endpoints },
        ...{ ask, clock, sha256, signal, progress: () => {} },
      },
      "the provider said so",
    );
  };
  return { drifting, fly, become, accept };
}

test("the first look makes a baseline and tells nothing, and later ones pass while nothing changes", async (t) => {
  const { fly } = await scene(t);
  const first = await fly();
  assert.equal(first.outcome, "inconclusive");
  assert.match(first.because, /^nothing was known of v1: what it answers now is its baseline/);
  for (let day = 1; day <= 3; day++) {
    const { outcome, because } = await fly();
    assert.equal(outcome, "pass", because);
    assert.match(because, /^v1: 20 of 20 answers /);
  }
});

for (const [what, changes] of [
  ["answers in other words", { charactersPerToken: 2.5 }],
  ["refuses half of what it answered", { refusals: { "*": 0.5 } }],
  ["calls itself by another name", { model: "v1-turbo" }],
] as const) {
  test(`a server that ${what} under its name fails, until that is accepted`, async (t) => {
    const { drifting, fly, become, accept } = await scene(t);
    await fly();
    assert.equal((await fly()).outcome, "pass");
    await become(changes);
    const found = await caught(fly);
    assert.match(found.because, /^v1 has changed: /);
    assert.equal((await fly()).outcome, "fail", "an alarm stays");
    await accept();
    assert.deepEqual(
      drifting.book.entries.map(({ kind }) => kind),
      ["baseline", "alarm", "baseline"],
    );
    const { outcome, because } = await fly();
    assert.equal(outcome, "pass", because);
  });
}

/** Within days. */
async function caught(fly: () => Promise<GateResult>): Promise<GateResult> {
  for (let day = 1; day < 8; day++) {
    const result = await fly();
    if (result.outcome === "fail") return result;
  }
  throw new Error("the change was not caught");
}

test("a server that does not answer has not changed, and is not passed", async (t) => {
  const { drifting, fly, become } = await scene(t);
  await fly();
  await become({ faults: [{ kind: "errors", rate: 1, status: 503 }] });
  const { outcome, because } = await fly();
  assert.deepEqual(
    [outcome, because],
    ["inconclusive", "v1 answered 0 of 20 probes, too few to tell"],
  );
  assert.equal(drifting.book.watches[0]?.looks, 0);
});

test("engines of one's own are no matter of this gate", async () => {
  const { version, endpoints } = served("v1");
  const upstream = {
    ...{ id: "one", url: "http://127.0.0.1:9/v1", model: "v1", keyEnv: null, pool: "p" },
    ...{ inFlightMax: 1, concurrency: "fixed" as const, replicas: 2 },
  };
  const self: Served = { version: { ...version, upstreams: [upstream] }, endpoints };
  const [result] = await runGates({
    ...{ gates, names: ["drift"], settings: SETTINGS },
    surroundings: surroundings({ stable: self, candidate: self }),
    ...{ started: () => {}, progress: () => {}, ended: () => {} },
  });
  assert.equal(result?.outcome, "not-applicable");
});

test("probes of the team's prompts are some from all over the files, short, and as deterministic as a server is", () => {
  const many = Array.from({ length: 100 }, (_, at) =>
    JSON.stringify({ id: `p${at}`, user: `write ${at}` }),
  ).join("\n");
  const probes = probesFrom([{ file: "p.jsonl", text: many }], false);
  assert.deepEqual([probes.length, probes[0]?.id, probes.at(-1)?.id], [20, "p0", "p95"]);
  const line: unknown = JSON.parse(probes[0]?.line ?? "");
  assert.deepEqual(line, {
    ...{ id: "p0", messages: [{ role: "user", content: "write 0" }] },
    ...{ request: { temperature: 0, max_tokens: 64 }, expect: { markers: [], finish: [] } },
  });
  assert.throws(() => probesFrom([{ file: "p.jsonl", text: many }], true), {
    code: "probes_unusable",
    message: "100 probes are more than 40: each look asks every one",
  });
});
