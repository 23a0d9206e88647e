// slipway preflight with the gate shadow, on real processes and sockets: users are on stable, copies of their requests go to
// the candidate, and what both answered is compared. A planted fault is caught by its number, and a clean version passes.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createRandom } from "@slipway/core";
import { presets, type SimulatedVersion, synthetic, Users, usersDefault } from "@slipway/simulator";
import { startFleet, startLoad } from "@slipway/simulator/edge";
import { ControlClient } from "slipway";
import { type Ran, scratch, slipway, until } from "../slipway.ts";
import { end, launch } from "./programs.ts";

const STABLE: SimulatedVersion = presets["gpt-5.0"];
const PER_SECOND = 40;

function config(urls: { readonly [version: string]: string }): string {
  const version = (id: string): string =>
    `      ${id}: { upstreams: [{ url: "${urls[id]}", model: gpt-5.0, replicas: 1 }] }\n`;
  return `models:
  coder:
    stable: v1
    versions:
${Object.keys(urls).map(version).join("")}    preflight:
      shadow:
        pairs: 150
        within: 60s
        share: 100%
        again: 100%
        margin: 10%
        slower-max: 20
        gateway-dir: gateway
        coverage: 10%
`;
}

type Scene = { readonly run: (to: string) => Promise<Ran> };

async function scene(
  t: TestContext,
  versions: { readonly [id: string]: SimulatedVersion },
): Promise<Scene> {
  const fleet = await startFleet({ versions: { v1: STABLE, ...versions }, seed: 1 });
  t.after(fleet.close);
  const cwd = scratch((clean) => t.after(clean));
  writeFileSync(join(cwd, "slipway.yaml"), config(fleet.urls));
  const controller = await launch(["controller", "--port", "0", "--data-dir", `${cwd}/controller`]);
  t.after(() => end(controller, "SIGTERM"));
  const url = `http://127.0.0.1:${controller.port}`;
  const env = { SLIPWAY_CONTROLLER: url };
  assert.equal((await slipway(["apply"], { cwd, env })).code, 0);
  const gateway = await launch([
    ...["gateway", "--port", "0", "--workers", "1", "--name", "edge"],
    ...["--data-dir", `${cwd}/gateway`, "--controller", url],
  ]);
  t.after(() => end(gateway, "SIGTERM"));
  const client = new ControlClient({ url, token: null });
  await until("the worker is a member", async () =>
    (await client.members()).some(({ state }) => state === "leased") ? true : null,
  );
  return {
    run: async (to) => {
      const load = startLoad({
        urls: [`http://127.0.0.1:${gateway.port}/v1`],
        model: "coder",
        arrivals: synthetic({ ratePerSecond: PER_SECOND, burstiness: 0.1 }, createRandom(1)),
        users: new Users(usersDefault, createRandom(2)),
      });
      try {
        return await slipway(["preflight", "coder", "--to", to], { cwd, env });
      } finally {
        const report = await load.stop();
        assert.equal(report.errors, 0, "users notice nothing of it");
      }
    },
  };
}

test("copies of real requests show that a candidate refuses more, and a clean one passes", async (t) => {
  const { run } = await scene(t, { v2: STABLE, v3: { ...STABLE, refusals: { "*": 0.3 } } });
  const clean = await run("v2");
  assert.equal(clean.code, 0, clean.out);
  assert.match(clean.out, /shadow: pass: of 150 requests, 0 end badly at v2 alone/);
  const refusing = await run("v3");
  assert.equal(refusing.code, 1, refusing.out);
  assert.match(
    refusing.out,
    /shadow: FAIL: of 150 requests, \d\d are refused at v3 alone and 0 at v1 alone; by chance/,
  );
  assert.match(refusing.out, /✗ +more refused +[234]\d/);
});
