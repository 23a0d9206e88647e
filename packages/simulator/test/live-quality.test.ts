// Live quality in virtual time, with the real gateway, controller, grammars and guards: a candidate that breaks one language
// moves the guard in that language, and in no other.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EvidenceRow } from "@slipway/core";
import { liveScores } from "@slipway/scorers";
import { liveInstruments } from "@slipway/scorers/edge";
import { playScenario, type Scenario, type ScenarioRun } from "@slipway/simulator";
import { scenarioOf } from "@slipway/simulator/edge";
import { defaultPolicy } from "./default-policy.ts";
import { digest, settle } from "./world-ports.ts";

const MINUTES = 4;
const LANGUAGES = ["typescript", "python", "go"];
const POLICY = defaultPolicy(
  "{stages: [{share: 50%, hold: 9h}, {share: 100%}], segments: {language: {header: x-slipway-language}}, answers: {sample: 40%, score: [parse, refusals]}}",
);

/** Versions that write code, of which the candidate breaks this share in each language. */
function scenario(broken: { readonly [language: string]: number }): Scenario {
  const healthy = scenarioOf("healthy-equal");
  const chat = { name: "chat", share: 1, api: "chat" as const, streamShare: 1 };
  const languages = LANGUAGES.map((name) => ({ name, share: 1 / LANGUAGES.length }));
  const { traffic, stable, candidate } = healthy;
  return {
    ...healthy,
    traffic: {
      ...traffic,
      perMinute: 360,
      users: { ...traffic.users, languages, surfaces: [chat] },
    },
    stable: { ...stable, brokenCode: { "*": 0.02 } },
    candidate: { ...candidate, brokenCode: { "*": 0.02, ...broken } },
  };
}

async function played(broken: { readonly [language: string]: number }): Promise<ScenarioRun> {
  const instruments = liveInstruments();
  return await playScenario(
    {
      scenario: scenario(broken),
      policy: POLICY,
      seed: 5,
      warmMs: 0,
      digest,
      settle,
      scorer: {
        score: (answer, done) => {
          liveScores(answer, instruments).then(done, () => done(null));
          return true;
        },
      },
    },
    MINUTES * 60_000,
  );
}

function scoredIn(rows: readonly EvidenceRow[], arm: EvidenceRow["arm"], segment: string) {
  const own = rows.filter((row) => row.arm === arm && row.segment === segment);
  const count = (of: "n" | "bad"): number =>
    own.reduce(
      (sum, { feedback }) => sum + (feedback?.tallies["score:parse-failures"]?.[of] ?? 0),
      0,
    );
  return { n: count("n"), bad: count("bad") };
}

test("a candidate that breaks TypeScript alone moves the guard of code that parses in TypeScript alone", async () => {
  const { ticks, rollout } = await played({ typescript: 0.4 });
  const verdict = rollout.verdicts.find(({ guard }) => guard === "parse-failures");
  assert.equal(verdict?.status, "fail");
  assert.match(verdict?.text ?? "", /^parse-failures ratio in typescript at least/);
  assert.equal(verdict?.action, "block");
  const rows = ticks.flatMap((tick) => tick.rows);
  for (const language of LANGUAGES) {
    const [candidate, stable] = [
      scoredIn(rows, "candidate", language),
      scoredIn(rows, "stable", language),
    ];
    assert.ok(candidate.n > 30 && stable.n > 30, `${language}: ${candidate.n}, ${stable.n}`);
    const share = candidate.bad / candidate.n;
    assert.ok(stable.bad / stable.n < 0.1);
    assert.equal(share > 0.2, language === "typescript", `${language}: ${share}`);
  }
  const others = rollout.verdicts.filter(({ guard }) => guard !== "parse-failures");
  assert.deepEqual(
    others.filter(({ status }) => status === "fail").map(({ guard }) => guard),
    [],
  );
});

test("a candidate that writes as stable does moves no guard", async () => {
  const { rollout } = await played({});
  assert.deepEqual(
    rollout.verdicts.filter(({ status }) => status === "fail").map(({ guard }) => guard),
    [],
  );
});
