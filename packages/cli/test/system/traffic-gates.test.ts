// The gates that need a gateway, on real processes and sockets. Shadow: users are on stable, copies of their requests go to
// the candidate. Drill: synthetic users meet a fault, and are taken back. A clean version passes both; planted faults are
// caught by their numbers; users notice nothing of either.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createRandom } from "@slipway/core";
import { presets, type SimulatedVersion, synthetic, Users, usersDefault } from "@slipway/simulator";
import { startFleet, startLoad } from "@slipway/simulator/edge";
import { ControlClient } from "slipway";
import { type Ran, scratch, slipway, until } from "../slipway.ts";
import { end, launch, modelsOf } from "./programs.ts";

const STABLE: SimulatedVersion = presets["gpt-5.0"];
const REFUSING: SimulatedVersion = { ...STABLE, refusals: { "*": 0.3 } };
const PER_SECOND = 40;

type Addresses = { readonly versions: { readonly [id: string]: string }; readonly gateway: string };

/** What the machine's speed could change has wide limits. */
function config({ versions, gateway }: Addresses, policy: string, detectWithin: string): string {
  const version = (id: string): string =>
    `      ${id}: { upstreams: [{ url: "${versions[id]}", model: gpt-5.0, replicas: 1 }] }\n`;
  return `models:
  coder:
    stable: v1
    versions:
${Object.keys(versions).map(version).join("")}    policy: ${policy}
    preflight:
      shadow:
        pairs: 60
        within: 60s
        share: 100%
        again: 100%
        margin: 10%
        coverage: 10%
        slower-max: 20
        gateway-dir: gateway
      drill: { gateways: ["${gateway}"], detect-within: ${detectWithin}, confirm-within: 60s }
`;
}

type Scene = {
  readonly client: ControlClient;
  readonly apply: (policy: string, detectWithin: string) => Promise<void>;
  readonly run: (args: readonly string[]) => Promise<Ran>;
};

async function scene(t: TestContext): Promise<Scene> {
  const fleet = await startFleet({ versions: { v1: STABLE, v2: STABLE, v3: REFUSING }, seed: 1 });
  t.after(fleet.close);
  const cwd = scratch((clean) => t.after(clean));
  const controller = await launch(["controller", "--port", "0", "--data-dir", `${cwd}/controller`]);
  t.after(() => end(controller, "SIGTERM"));
  const url = `http://127.0.0.1:${controller.port}`;
  const gateway = await launch([
    ...["gateway", "--port", "0", "--workers", "2", "--name", "edge"],
    ...["--data-dir", `${cwd}/gateway`, "--controller", url],
  ]);
  t.after(() => end(gateway, "SIGTERM"));
  const client = new ControlClient({ url, token: null });
  await until("both workers are members", async () =>
    (await client.members()).filter(({ state }) => state === "leased").length === 2 ? true : null,
  );
  const addresses = {
    versions: fleet.urls,
    gateway: `http://127.0.0.1:${gateway.port}/v1`,
  };
  return {
    client,
    apply: async (policy, detectWithin) => {
      const text = config(addresses, policy, detectWithin);
      writeFileSync(join(cwd, "slipway.yaml"), text);
      await client.apply({ models: modelsOf(text), pools: [], clients: null, by: "test" });
    },
    run: async (args) => {
      const load = startLoad({
        urls: [addresses.gateway],
        model: "coder",
        arrivals: synthetic({ ratePerSecond: PER_SECOND, burstiness: 0.1 }, createRandom(1)),
        users: new Users(usersDefault, createRandom(2)),
      });
      try {
        return await slipway(args, { cwd, env: { SLIPWAY_CONTROLLER: url } });
      } finally {
        assert.equal((await load.stop()).errors, 0, "users notice nothing of it");
      }
    },
  };
}

const TICKS = "evidence: { tick: 1s, horizon: 5s }";
const IDLE = "trip: { enabled: false }, guards: { tokens: { metric: output-tokens, ratio: 2 } }";

test("a clean version passes shadow and drill; one that refuses, and a policy that goes nowhere, fail them", async (t) => {
  const { client, apply, run } = await scene(t);
  await apply(`{ ${TICKS} }`, "60s");
  const clean = await run(["preflight", "coder", "--to", "v2"]);
  assert.equal(clean.code, 0, clean.out + clean.err);
  assert.match(clean.out, /shadow: pass: of 60 requests, 0 end badly at v2 alone/);
  assert.match(
    clean.out,
    /drill: pass: connections that fail: seen .* after the fault .* by 2 of 2 gateway workers/,
  );
  const { drills, drilling } = await client.drilling.look("coder");
  assert.deepEqual([drills.map(({ passed }) => passed), drilling], [[true], null]);
  const models = await client.models();
  assert.deepEqual(
    models.map(({ name }) => name),
    ["coder"],
  );
  assert.deepEqual(await client.incidents({}), []);

  const refusing = await run(["preflight", "coder", "--to", "v3", "--gate", "shadow"]);
  assert.equal(refusing.code, 1, refusing.out + refusing.err);
  assert.match(
    refusing.out,
    /shadow: FAIL: of 60 requests, \d+ are refused at v3 alone and 0 at v1 alone; by chance/,
  );
  assert.match(refusing.out, /✗ +more refused +[2345]\d/);

  await apply(`{ ${TICKS}, ${IDLE} }`, "2s");
  const idle = await run(["drill", "coder"]);
  assert.equal(idle.code, 1, idle.out + idle.err);
  assert.match(idle.out, /^FAILED: the fault was not noticed/);
});
