// What an incident taught, from the incident to the next version that would have made it again: real gateway, controller and
// model servers. Users send a parameter that a version does not take; the next one that does not take it never meets them.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { presets, type SimulatedVersion } from "@slipway/simulator";
import { startFleet } from "@slipway/simulator/edge";
import { ControlClient } from "slipway";
import { type Ran, scratch, slipway, until } from "../slipway.ts";
import { end, launch, modelsOf } from "./programs.ts";

const TAKES_ALL: SimulatedVersion = presets["gpt-5.0"];
const REJECTS: SimulatedVersion = {
  ...TAKES_ALL,
  faults: [{ kind: "rejects", parameter: "top_k" }],
};
const VERSIONS = { v1: TAKES_ALL, v2: REJECTS, v3: REJECTS, v4: TAKES_ALL };

function config(urls: { readonly [id: string]: string }): string {
  const version = (id: string): string =>
    `      ${id}: { upstreams: [{ url: "${urls[id]}", model: gpt-5.0 }], identity: { weights: ${id} } }\n`;
  return `models:
  coder:
    stable: v1
    versions:
${Object.keys(VERSIONS).map(version).join("")}    policy:
      keys: { header: x-user }
      evidence: { tick: 1s, horizon: 5s }
      forecast: { enabled: false }
      stages: [{ share: 50%, hold: 10m, min-requests: 100 }, { share: 100%, hold: 10m, min-requests: 100 }]
`;
}

type Scene = {
  readonly client: ControlClient;
  readonly cwd: string;
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  /** Requests of users, half of them with the parameter, until it is so. */
  readonly use: <T>(what: string, isSo: () => Promise<T | null>) => Promise<T>;
};

async function scene(t: TestContext): Promise<Scene> {
  const fleet = await startFleet({ versions: VERSIONS, seed: 1 });
  t.after(fleet.close);
  const cwd = scratch((clean) => t.after(clean));
  const controller = await launch(["controller", "--port", "0", "--data-dir", `${cwd}/controller`]);
  t.after(() => end(controller, "SIGTERM"));
  const url = `http://127.0.0.1:${controller.port}`;
  const gateway = await launch([
    ...["gateway", "--port", "0", "--workers", "1"],
    ...["--data-dir", `${cwd}/gateway`, "--controller", url],
  ]);
  t.after(() => end(gateway, "SIGTERM"));
  const client = new ControlClient({ url, token: null });
  const text = config(fleet.urls);
  writeFileSync(join(cwd, "slipway.yaml"), text);
  await client.apply({ models: modelsOf(text), pools: [], clients: null, by: "test" });
  const ask = async (user: number): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${gateway.port}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-user": `user-${user}` },
      body: JSON.stringify({
        model: "coder",
        messages: [{ role: "user", content: "hi" }],
        max_tokens: 1,
        ...(user % 2 === 0 ? { top_k: 3 } : {}),
      }),
    });
    await response.arrayBuffer();
  };
  let users = 0;
  return {
    client,
    cwd,
    run: (...args) => slipway(args, { cwd, env: { SLIPWAY_CONTROLLER: url } }),
    use: (what, isSo) =>
      until(what, async () => {
        await Promise.all(Array.from({ length: 20 }, () => ask(users++)));
        return await isSo();
      }),
  };
}

test("a version that breaks what an incident taught does not start, and the checklist says so", async (t) => {
  const { client, cwd, run, use } = await scene(t);
  const start = (to: string) => client.start({ model: "coder", to, by: "test", reason: "newer" });
  await start("v2");
  const [incident] = await use("an incident that has ended", async () => {
    const all = await client.incidents({ model: "coder" });
    return all[0]?.mitigatedAtMs == null ? null : all;
  });
  assert.ok(incident !== undefined);
  const id = `${incident.id}:prompt-incompatible`;

  writeFileSync(join(cwd, "case.jsonl"), '{"user":"hi","request":{"top_k":3}}\n');
  const tried = await run("lesson", "try", id, "--case", "case.jsonl");
  assert.equal(tried.code, 0, tried.out + tried.err);
  assert.match(tried.out, /v1 → v2, as in the incident: would have kept it from starting/);
  const said = ["--owner", "inference", "--reason", "top_k is in half of all requests"];
  const accepted = await run("lesson", "accept", id, ...said, "--case", "case.jsonl");
  assert.equal(accepted.code, 0, accepted.err);

  await assert.rejects(start("v3"), /prompts has not run, and is asked for by/);
  const broken = await run("preflight", "coder", "--to", "v3");
  assert.equal(broken.code, 1, broken.out + broken.err);
  assert.match(broken.out, /prompts: FAIL: .*rejected .*learnt from .*: top_k is in half/);
  assert.ok(broken.out.includes(incident.id), broken.out);
  await assert.rejects(start("v3"), /prompts failed: .*top_k is in half/);
  const [item] = (await client.learning.checklist("coder")).items;
  assert.deepEqual(
    item?.caught.map(({ rolloutId, version }) => [rolloutId, version]),
    [[null, "v3"]],
  );

  const clean = await run("preflight", "coder", "--to", "v4");
  assert.equal(clean.code, 0, clean.out + clean.err);
  assert.match(clean.out, /✓ .*prompt-incompatible: 1 case holds/);
  await start("v4");
});
