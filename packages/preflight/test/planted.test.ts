// Faults planted in a simulated version, and caught by the gates that ask servers once: the team's own suite, run as people
// run it, and the way back.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createRandom, type GateResult } from "@slipway/core";
import { gates, runGates, type Surroundings } from "@slipway/preflight";
import { chatClient, shellRunner } from "@slipway/preflight/edge";
import { type Fault, presets } from "@slipway/simulator";
import { startFleet } from "@slipway/simulator/edge";
import { SlipwayError } from "@slipway/wire";
import type { GateSettings } from "@slipway/wire/config";
import { served, surroundings } from "./surroundings.ts";

/** A suite that a team might have: an answer with a call's parameters, of a kind that its service can read. */
const SUITE = `node -e '
const { SLIPWAY_BASE_URL: url, SLIPWAY_MODEL: model } = process.env;
const body = JSON.stringify({ model, messages: [{ role: "user", content: "x" }], logprobs: true, max_tokens: 3 });
fetch(url + "/chat/completions", { method: "POST", body }).then(async (answer) => {
  const { choices } = await answer.json();
  if (!answer.ok || choices[0].message.content === "") throw new Error("no answer: " + answer.status);
}).catch((error) => { console.error(error.message); process.exit(3); });
'`;

const SETTINGS: GateSettings = {
  command: { run: SUITE, timeoutMs: 120_000 },
  plan: { owner: "editor on-call", tell: ["#incidents"], timeoutMs: 30_000 },
};

/** When the way back was last rehearsed a controller knows, and here is none. */
const unreached: Surroundings["drilling"]["look"] = () => {
  const what = { code: "controller_unreachable", status: 503, message: "no controller answers" };
  return Promise.reject(new SlipwayError({ ...what, fix: null }));
};

type Planted = { readonly stable?: readonly Fault[]; readonly candidate?: readonly Fault[] };

/** The two gates against servers at sockets. */
async function flown(t: TestContext, faults: Planted): Promise<readonly GateResult[]> {
  const version = presets["gpt-5.0"];
  const fleet = await startFleet({
    versions: {
      v1: { ...version, model: "v1", faults: faults.stable ?? [] },
      v2: { ...version, model: "v2", faults: faults.candidate ?? [] },
    },
    seed: 1,
  });
  const client = chatClient();
  t.after(async () => {
    await client.close();
    await fleet.close();
  });
  const around: Partial<Surroundings> = {
    stable: served("v1", fleet.urls["v1"]),
    candidate: served("v2", fleet.urls["v2"]),
    ask: client.ask,
    random: createRandom,
    runCommand: shellRunner(import.meta.dirname),
    drilling: { ...surroundings().drilling, look: unreached },
  };
  return await runGates({
    gates,
    names: ["command", "plan"],
    settings: SETTINGS,
    surroundings: surroundings(around),
    started: () => {},
    progress: () => {},
    ended: () => {},
  });
}

function outcomes(results: readonly GateResult[]): readonly string[] {
  return results.map(({ gate, outcome }) => `${gate} ${outcome}`);
}

test("without a fault the suite ends with 0, and there is a way back", async (t) => {
  const results = await flown(t, {});
  assert.deepEqual(outcomes(results), ["command pass", "plan pass"], results[0]?.because);
});

test("a parameter that the candidate rejects fails the suite, by its exit code", async (t) => {
  const results = await flown(t, { candidate: [{ kind: "rejects", parameter: "logprobs" }] });
  assert.deepEqual(outcomes(results), ["command fail", "plan pass"]);
  const [command] = results;
  assert.match(command?.because ?? "", /ended with exit code 3/);
  assert.equal(command?.figures.find(({ name }) => name === "exit code")?.value, 3);
});

test("a stable version whose server is gone is no way back, by the servers that answer", async (t) => {
  const results = await flown(t, { stable: [{ kind: "crash" }] });
  assert.deepEqual(outcomes(results), ["command pass", "plan fail"]);
  const answering = results[1]?.figures.find(({ name }) => name.startsWith("servers of stable"));
  assert.deepEqual([answering?.value, answering?.holds], [0, false]);
});

test("a stable version that only has errors is no way back either", async (t) => {
  const results = await flown(t, { stable: [{ kind: "errors", rate: 1, status: 500 }] });
  assert.deepEqual(outcomes(results), ["command pass", "plan fail"]);
  assert.match(results[1]?.because ?? "", /would have to take users again, and does not answer/);
});
