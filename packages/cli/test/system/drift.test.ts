// A watch for drift with a real controller and a model server that becomes another one under its name.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { scratch, slipway } from "../slipway.ts";
import { end, launch } from "./programs.ts";

type Server = {
  readonly url: string;
  says: (prompt: string) => string;
  /** Keys that it was sent. */
  readonly keys: Set<string | undefined>;
};

async function modelServer(t: TestContext): Promise<Server> {
  const own: Server = { url: "", says: (prompt) => `about ${prompt}`, keys: new Set() };
  const server = createServer((request, response) => {
    own.keys.add(request.headers.authorization);
    let text = "";
    request.on("data", (part) => {
      text += String(part);
    });
    request.on("end", () => {
      const content = own.says(/probe \d+/.exec(text)?.[0] ?? "");
      const message = { role: "assistant", content };
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          ...{ id: "c", object: "chat.completion", created: 1, model: "hosted-1" },
          choices: [{ index: 0, message, finish_reason: "stop" }],
          usage: { prompt_tokens: 5, completion_tokens: content.length, total_tokens: 9 },
        }),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(own, { url: `http://127.0.0.1:${port}/v1` });
}

test("a hosted model that changes under its name is found, voids evidence, and is taken as it is with a name and a reason", async (t) => {
  const server = await modelServer(t);
  const cwd = scratch((clean) => t.after(clean));
  const probes = Array.from({ length: 20 }, (_, at) =>
    JSON.stringify({ id: `p${at}`, user: `probe ${at}` }),
  );
  writeFileSync(join(cwd, "probes.jsonl"), probes.join("\n"));
  writeFileSync(
    join(cwd, "slipway.yaml"),
    `models:
  coder:
    stable: v1
    versions:
      v1: { upstreams: [{ url: "${server.url}", key: "\${HOSTED_KEY}" }] }
      v2: { upstreams: [{ url: "http://127.0.0.1:9/v1", replicas: 1 }] }
    preflight:
      required: [drift]
      drift: { probes: [probes.jsonl] }
`,
  );
  const controller = await launch([
    ...["controller", "--port", "0", "--data-dir", join(cwd, "data")],
    ...["--status-dir", join(cwd, "status")],
  ]);
  t.after(() => end(controller, "SIGTERM"));
  const env = {
    ...{ SLIPWAY_CONTROLLER: `http://127.0.0.1:${controller.port}`, HOSTED_KEY: "k-1" },
  };
  const run = (...args: readonly string[]) => slipway(args, { cwd, env });
  assert.equal((await run("apply")).code, 0);
  const elsewhere = scratch((clean) => t.after(clean));
  const refusedKey = await slipway(["drift", "look", "coder"], { cwd: elsewhere, env });
  assert.match(refusedKey.err, /not started with leave to send HOSTED_KEY to http:/);
  const first = await run("drift", "look", "coder");
  assert.deepEqual([first.code, first.err], [0, ""]);
  assert.match(
    first.out,
    /^drift of coder v1: a baseline of 20 probes; it agreed with itself in text 100%/,
  );
  const flown = await run("preflight", "coder", "--to", "v2");
  assert.equal(flown.code, 0, flown.out);
  assert.match(flown.out, /drift: pass: v1: 20 of 20 answers/);
  server.says = (prompt) => `something else about ${prompt}`;
  const changed = await run("drift", "look", "coder");
  assert.equal(changed.code, 1);
  assert.match(changed.out, /^drift of coder v1: CHANGED since .*: 0 of 20 answers/);
  const refused = await run("rollout", "start", "coder", "--to", "v2", "--reason", "new");
  assert.match(refused.err, /drift has not run since v1 changed under its name: 0 of 20 answers/);
  const reason = "the provider announced it";
  const accepted = await run("drift", "accept", "coder", "--version", "v1", "--reason", reason);
  assert.equal(accepted.code, 0, accepted.err);
  assert.deepEqual([...server.keys], ["Bearer k-1"]);
  const { out } = await run("drift", "show", "coder");
  assert.match(out, /v1 +baseline taken/);
  assert.match(
    out,
    /baseline +the provider announced it +ann\n.*CHANGED .*\n.*baseline +the first look/,
  );
});
