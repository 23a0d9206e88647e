// What a good slipway.yaml means, what is assumed where it is silent, and what must never be shown.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { fingerprintText, type Guard, NOBODY } from "@slipway/core";
import type { ModelDocument } from "@slipway/wire";
import { type LoadedConfig, loadConfig, problemsText } from "@slipway/wire/config";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function load(text: string): LoadedConfig {
  return loadConfig({ file: "slipway.yaml", text, sha256, isSet: null });
}

function only(text: string): ModelDocument {
  const loaded = load(text);
  assert.equal(problemsText(loaded.problems), "");
  assert.ok(loaded.ok);
  const [model] = loaded.models;
  assert.ok(model);
  return model;
}

const SMALL = `
models:
  chat:
    stable: "1"
    versions:
      1: {upstreams: [{url: "http://127.0.0.1:9000/v1"}]}
`;

test("a model without a policy gets stages, bake, guards, replay and a lease", () => {
  const { policy } = only(SMALL);
  assert.deepEqual(
    policy.stages.map(({ percent, holdMs, minRequests }) => [percent, holdMs, minRequests]),
    [5, 25, 50, 100].map((percent) => [percent, 600_000, 500]),
  );
  assert.deepEqual(
    policy.guards.map(({ id, metric, action }) => [id, metric.kind, action]),
    [
      ["p99-latency", "latency", "roll-back"],
      ["errors", "events", "roll-back"],
      ["p99-ttft", "latency", "roll-back"],
      ["crashes", "events", "roll-back"],
      ["refusals", "events", "block"],
      ["empty-answers", "events", "block"],
      ["acceptance", "events", "block"],
      ["rating", "events", "block"],
      ["output-tokens", "mean", "warn"],
      ["cost", "mean", "warn"],
    ],
  );
  assert.equal(policy.bakeMs, 3_600_000);
  assert.deepEqual([policy.stageLimitMs, policy.falseAlarmMax], [14_400_000, 0.01]);
  assert.deepEqual(policy.lease, { durationMs: 60_000, onLapse: "stable" });
  assert.deepEqual(policy.replay, { enabled: true, budget: 0.2 });
});

test("an upstream takes its model from the version's name and its pool from the URL", () => {
  const [version] = only(SMALL).versions;
  assert.deepEqual(version?.upstreams, [
    {
      id: "127.0.0.1:9000",
      url: "http://127.0.0.1:9000/v1",
      model: "1",
      keyEnv: null,
      pool: "127.0.0.1:9000",
      inFlightMax: 256,
      concurrency: "fixed",
    },
  ]);
});

const FULL = `
pools:
  10.0.0.1:9000: {tokens-per-minute: 2000000}
  a100-east: {requests-per-minute: 600}
models:
  code-assistant:
    stable: gpt-5.0
    versions:
      gpt-5.0:
        upstreams:
          - {url: "http://10.0.0.1:9000/v1/", model: base, key: "\${UPSTREAM_KEY}", pool: a100-east, in-flight-max: 16, concurrency: adaptive, replicas: 4}
          - {url: http://10.0.0.1:9000/v2}
        identity: {tokenizer: o200k}
    policy:
      stages: [{share: 0.5%, hold: 250ms, min-requests: 0}, {share: 100%, hold: 1.5h}]
      holdback: 2.5%
      bake: 2d
      guards:
        ttft: {metric: ttft, test: threshold, quantile: 0.9, ratio: 1.5, window: 30s, min-requests: 10, action: warn}
        errors: {metric: errors, test: threshold, difference: 2.5%, action: step-back}
        tpot: {metric: tpot, ratio: 3, window: 5m, action: block}
        failures: {metric: errors, test: sequential, ratio: 1.5, difference: 0.1%}
      forecast: {enabled: false, unknown: ask}
      stage-limit: 6h
      false-alarm: 5%
      keys: {header: X-User-Id, without-key: per-request, api-key-is-user: true}
      evidence: {tick: 1s, horizon: 5s}
      segments: {language: {header: X-Language, detect: false}}
      replay: {enabled: false}
      lease: {duration: 5s, on-lapse: keep}
      priority: {header: X-Priority, background: [Batch], default: background}
      deadline: 1m
      share-tolerance: 25%
      representative: warn
      trends:
        editor: {metric: client-memory, limit-mib: 2048, uptime: 14d, action: warn}
        slower: {metric: ttft, ratio: 1.5, action: rollback}
`;

test("the quotas of pools arrive by name", () => {
  const loaded = load(FULL);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.pools, [
    { name: "10.0.0.1:9000", requestsPerMinute: null, tokensPerMinute: 2_000_000 },
    { name: "a100-east", requestsPerMinute: 600, tokensPerMinute: null },
  ]);
});

const FULL_GUARDS: readonly Guard[] = [
  {
    id: "ttft",
    test: "threshold",
    segment: null,
    metric: { kind: "latency", time: "ttft", quantile: 0.9, byLength: false },
    comparison: { kind: "ratio", ratioMax: 1.5, differenceMin: 0 },
    action: "warn",
    windowMs: 30_000,
    minRequests: 10,
  },
  {
    id: "errors",
    test: "threshold",
    segment: null,
    metric: { kind: "events", event: "errors" },
    comparison: { kind: "difference", differenceMax: 0.025 },
    action: "step-back",
    windowMs: 300_000,
    minRequests: 200,
  },
  {
    id: "tpot",
    test: "sequential",
    segment: null,
    weight: 1,
    metric: { kind: "latency", time: "tpot", quantile: 0.99, byLength: false },
    comparison: { kind: "ratio", ratioMax: 3, differenceMin: 0 },
    action: "block",
    windowMs: 300_000,
  },
  {
    id: "failures",
    test: "sequential",
    segment: null,
    weight: 10,
    metric: { kind: "events", event: "errors" },
    comparison: { kind: "ratio", ratioMax: 1.5, differenceMin: 0.001 },
    action: "roll-back",
    windowMs: 300_000,
  },
];

test("every key of the file arrives where core expects it", () => {
  const { versions, policy } = only(FULL);
  const [first, second] = versions[0]?.upstreams ?? [];
  assert.deepEqual(first, {
    id: "10.0.0.1:9000#1",
    url: "http://10.0.0.1:9000/v1",
    model: "base",
    keyEnv: "UPSTREAM_KEY",
    pool: "a100-east",
    inFlightMax: 16,
    concurrency: "adaptive",
    replicas: 4,
  });
  assert.equal(second?.id, "10.0.0.1:9000#2");
  assert.deepEqual(policy, {
    stages: [
      { percent: 0.5, holdMs: 250, minRequests: 0 },
      { percent: 100, holdMs: 5_400_000, minRequests: 500 },
    ],
    holdbackPercent: 2.5,
    bakeMs: 172_800_000,
    warmMs: 86_400_000,
    guards: FULL_GUARDS,
    forecast: { enabled: false, unknown: "ask" },
    stageLimitMs: 21_600_000,
    falseAlarmMax: 0.05,
    shareTolerance: 0.25,
    trends: [
      {
        id: "editor",
        metric: "client-memory",
        limitMiB: 2_048,
        uptimeMs: 1_209_600_000,
        action: "warn",
      },
      { id: "slower", metric: "ttft", ratioMax: 1.5, uptimeMs: 604_800_000, action: "roll-back" },
    ],
    representative: "warn",
    keys: { header: "x-user-id", apiKeyIsUser: true, withoutKey: "per-request" },
    audience: { rings: [], exclude: NOBODY, conversations: "stay" },
    evidence: {
      tickMs: 1_000,
      horizonMs: 5_000,
      segments: [{ name: "language", header: "x-language", field: null, detect: null }],
    },
    replay: { enabled: false, budget: 0.2 },
    trip: { enabled: true, failures: 10 },
    answers: { sample: 0, redact: [], bytesMax: 268_435_456, ageMsMax: 604_800_000 },
    lease: { durationMs: 5_000, onLapse: "keep" },
    priority: { header: "x-priority", background: ["batch"], otherwise: "background" },
    deadlineMs: 60_000,
  });
});

test("what is scored in answers has a guard, unless guards are written", () => {
  const scored = `${SMALL}\n    policy: {answers: {sample: 5%, score: [parse, names], packages: [zod]}}\n`;
  const { answers, guards } = only(scored).policy;
  assert.deepEqual([answers.score, answers.packages], [["parse", "names"], ["zod"]]);
  const own = guards.filter(({ metric }) => metric.kind === "score");
  assert.deepEqual(
    own.map(({ id, action, metric }) => [id, action, metric]),
    [
      ["parse-failures", "block", { kind: "score", score: "parse-failures" }],
      ["unknown-names", "block", { kind: "score", score: "unknown-names" }],
    ],
  );
  assert.deepEqual(guards.slice(0, -2), only(SMALL).policy.guards);
  const guard = "code: {metric: score, score: parse-failures}";
  const written = scored.replace("{answers", `{guards: {${guard}}, answers`);
  assert.deepEqual(
    only(written).policy.guards.map(({ id }) => id),
    ["code"],
  );
});

test("a version's fingerprint is the digest of what shapes its answers", () => {
  const [version] = only(FULL).versions;
  assert.ok(version);
  assert.equal(version.fingerprint, sha256(fingerprintText(version)));
});

test("a version named like a number keeps its spelling", () => {
  const model = only(SMALL.replaceAll('"1"', '"5.10"').replace("      1:", "      5.10:"));
  assert.equal(model.stable, "5.10");
  assert.equal(model.versions[0]?.id, "5.10");
});

test("anchors, aliases and merge keys work, with a top-level x- key to keep them in", () => {
  const model = only(`
x-guard: &guard {metric: latency, test: threshold, ratio: 2, window: 1m}
${SMALL.trim()}
    policy:
      guards:
        latency: *guard
        ttft: {<<: *guard, metric: ttft}
`);
  assert.deepEqual(
    model.policy.guards.map((g) => [
      g.id,
      g.metric.kind === "latency" && g.metric.time,
      g.windowMs,
    ]),
    [
      ["latency", "total", 60_000],
      ["ttft", "ttft", 60_000],
    ],
  );
});

test("an alias inside its own anchor, and a text that unfolds without end, are refused", () => {
  const cyclic = load("models: &m\n  a: *m\n");
  assert.equal(cyclic.ok, false);
  const doubled = Array.from({ length: 40 }, (_, i) => `  - &a${i + 1} [*a${i}, *a${i}]`).join(
    "\n",
  );
  const bomb = load(`x-a:\n  - &a0 [1]\n${doubled}\nmodels: {}\n`);
  assert.match(problemsText(bomb.problems), /nested too deep or too large/);
});

test("a secret in the file is never shown, whatever else is wrong on its line", () => {
  const text = SMALL.replace('v1"}', 'v1", key: sk-live-12345678, api-token: abc123def, keyy: 1}');
  const said = problemsText(load(text).problems);
  assert.match(said, /secrets do not belong/);
  assert.doesNotMatch(said, /12345678|abc123def/);
});

test("problems come with line and column as numbers, for machines", () => {
  const [problem] = load(SMALL.replace('"1"', "2")).problems;
  assert.deepEqual(
    [problem?.file, problem?.line, problem?.column, problem?.severity],
    ["slipway.yaml", 4, 13, "error"],
  );
});
