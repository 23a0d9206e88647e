// What both arms suffer, on real processes and sockets: a candidate that uses up the quota of an account that stable
// needs too, and an outage of both.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom, exponential } from "@slipway/core";
import {
  type Arrivals,
  presets,
  type SeenAnswer,
  type SimulatedVersion,
  Users,
  usersDefault,
} from "@slipway/simulator";
import { type Fleet, type FleetOptions, startFleet, startLoad } from "@slipway/simulator/edge";
import type { RolloutView } from "@slipway/wire";
import { ControlClient } from "slipway";
import { scratch, slipway, until } from "../slipway.ts";
import { end, launch, modelsOf } from "./programs.ts";

const SEED = 33;
const PER_SECOND = 40;
const PROMPT_TOKENS = 200;
const OUTPUT_TOKENS = 8;
/** Patience, not a measure: the machine may be busy. */
const PATIENCE_MS = 180_000;

const stable: SimulatedVersion = presets["gpt-5.0"];
/** As quick, and its prompts come to four times as many tokens. */
const hungry: SimulatedVersion = { ...stable, model: "gpt-5.3", charactersPerToken: 1 };
const alike: SimulatedVersion = { ...stable, model: "gpt-5.3" };
/** Enough for a fifth of the users on the hungry version, and not for half of them. */
const TOKENS_PER_SECOND = 16_500;

function config({ urls }: Fleet, pools: readonly [string, string]): string {
  return `
models:
  code-assistant:
    stable: gpt-5.0
    versions:
      gpt-5.0: { upstreams: [{ url: "${urls["stable"]}", pool: ${pools[0]} }] }
      gpt-5.3: { upstreams: [{ url: "${urls["candidate"]}", pool: ${pools[1]} }] }
    policy:
      stages:
        - { share: 20%, hold: 8s, min-requests: 40 }
        - { share: 50%, hold: 40s, min-requests: 100 }
        - { share: 100%, hold: 3s, min-requests: 40 }
      bake: 3s
      guards:
        errors: { metric: errors, test: threshold, difference: 30%, window: 10s, min-requests: 40, action: rollback }
      evidence: { tick: 1s, horizon: 5s }
      lease: { duration: 30s, on-lapse: stable }
`;
}

function evenRequests(): Arrivals {
  const random = createRandom(SEED);
  let atMs = 0;
  const next = () => {
    atMs += exponential(random, 1_000 / PER_SECOND);
    return { atMs, promptTokens: PROMPT_TOKENS, outputTokens: OUTPUT_TOKENS };
  };
  return { next };
}

type Stage = {
  readonly fleet: Fleet;
  readonly client: ControlClient;
  readonly url: string;
  readonly id: string;
  readonly answers: readonly SeenAnswer[];
};

type Cleaning = { readonly after: (clean: () => unknown) => void };

/** A rollout under load, from its start on. */
async function begun(
  t: Cleaning,
  options: Pick<FleetOptions, "versions" | "quota">,
  pools: readonly [string, string],
): Promise<Stage> {
  const folder = scratch((clean) => t.after(clean));
  const fleet = await startFleet({ ...options, seed: SEED });
  t.after(() => fleet.close());
  const controller = await launch([
    ...["controller", "--data-dir", `${folder}/controller`, "--port", "0"],
  ]);
  t.after(() => end(controller, "SIGKILL"));
  const url = `http://127.0.0.1:${controller.port}`;
  const client = new ControlClient({ url, token: null });
  const models = modelsOf(config(fleet, pools));
  await client.apply({ models, pools: [], clients: null, by: "test" });
  const gateway = await launch([
    ...["gateway", "--port", "0", "--workers", "2", "--name", "edge"],
    ...["--data-dir", `${folder}/gateway`, "--controller", url],
  ]);
  t.after(() => end(gateway, "SIGKILL"));
  await until("both workers are members", async () => {
    const members = await client.members();
    return members.filter(({ state }) => state === "leased").length === 2 ? true : null;
  });
  const answers: SeenAnswer[] = [];
  const load = startLoad({
    onAnswer: (seen) => answers.push(seen),
    urls: [`http://127.0.0.1:${gateway.port}/v1`],
    model: "code-assistant",
    arrivals: evenRequests(),
    users: new Users({ ...usersDefault, users: 2_000, activitySkew: 0 }, createRandom(SEED + 1)),
  });
  t.after(() => load.stop());
  const start = { model: "code-assistant", to: "gpt-5.3", by: "test", reason: "" };
  const { id } = await client.start(start);
  return { fleet, client, url, id, answers };
}

async function reached(
  { client, id }: Stage,
  what: string,
  isSo: (view: RolloutView) => boolean,
): Promise<RolloutView> {
  const probe = async (): Promise<RolloutView | null> => {
    const view = await client.rollout(id);
    assert.notEqual(view.phase.kind, "rolled-back", view.recent.at(-1)?.event.type);
    return isSo(view) ? view : null;
  };
  try {
    return await until(what, probe, PATIENCE_MS);
  } catch (error) {
    const { arms, decision, phase } = await client.rollout(id);
    const seen = JSON.stringify({ arms, phase, because: decision.because });
    throw new Error(`${String(error)}: ${seen}`);
  }
}

async function movesOf({ client, id }: Stage): Promise<string> {
  const journal = await client.journal(id);
  return journal
    .flatMap(({ event }) => (event.type === "moved" ? [event.move.kind] : []))
    .join(" ");
}

/** The share of the newest answers of stable that were refused for a limit. */
function limitedLately(answers: readonly SeenAnswer[]): number {
  const newest = answers.filter(({ arm }) => arm === "stable").slice(-100);
  return newest.filter(({ status }) => status === 429).length / newest.length;
}

test("a candidate that uses up the account's quota steps back, pages, and stable is served again", async (t) => {
  const quota = {
    requestsPerMinute: 1_000_000,
    tokensPerMinute: TOKENS_PER_SECOND * 60,
    burst: 0.02,
    inArrears: true,
  };
  const versions = { stable, candidate: hungry };
  const stage = await begun(t, { versions, quota }, ["account", "account"]);
  const { pages } = await reached(stage, "a step back", ({ phase }) => phase.kind === "paused");
  const text = pages.find(({ code }) => code === "shared-pool")?.text ?? "";
  assert.match(text, /both versions use pool account/);
  assert.equal(await movesOf(stage), "advance advance step-back");

  await until(
    "stable is served again",
    () => (limitedLately(stage.answers) < 0.05 ? true : null),
    PATIENCE_MS,
  );
  const { client, id, url } = stage;
  assert.equal((await client.rollout(id)).phase.kind, "paused");

  const shown = await slipway(["rollout", "show", id, "--controller", url]);
  assert.match(shown.out, /page: stable got worse since the candidate has more users/);
  const listed = await slipway(["rollout", "list", "--controller", url]);
  assert.match(listed.out, /page: stable got worse/);
  const openPage = /^slipway_pages_open\{model="code-assistant",code="shared-pool",(.*)\} 1$/m;
  const labelIn = async (): Promise<string | undefined> =>
    openPage.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
  assert.equal(await labelIn(), 'acknowledged="no"');
  const said = ["--by", "ann", "--reason", "asks for more quota"];
  const taken = await slipway(["rollout", "acknowledge", id, ...said, "--controller", url]);
  assert.match(
    taken.out,
    /page: stable got worse .*; ann looks at it since .* \(asks for more quota\)/,
  );
  assert.equal(await labelIn(), 'acknowledged="yes"');
  assert.deepEqual((await client.verify()).problems, []);
});

test("an outage of both holds and pages, moves nobody, and the rollout completes by itself after it", async (t) => {
  const stage = await begun(t, { versions: { stable, candidate: alike } }, ["one", "other"]);
  await reached(
    stage,
    "the second stage",
    ({ phase }) => phase.kind === "stage" && phase.stage === 1,
  );
  const fault = { kind: "errors", rate: 1, status: 503 } as const;
  const ends = Object.values(stage.fleet.servers).map((server) => server.plant(fault));
  const { pages } = await reached(stage, "a page", (view) =>
    view.pages.some(({ text }) => text.includes("requests fail")),
  );
  assert.deepEqual(
    pages.map(({ code }) => code),
    ["outage"],
  );
  await sleep(10_000);
  const { phase } = await stage.client.rollout(stage.id);
  assert.deepEqual(phase.kind === "stage" && phase.stage, 1);
  for (const stop of ends) stop();
  await reached(stage, "completion", (view) => view.phase.kind === "completed");
  assert.equal(await movesOf(stage), "advance advance advance bake complete");
  assert.deepEqual((await stage.client.verify()).problems, []);
});
