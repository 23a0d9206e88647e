// slipway up, for real: a controller and a gateway as child processes, a rollout through them, and an end that
// leaves nothing behind.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ControlClient, readConfig } from "slipway";
import { type FakeUpstream, fakeUpstream } from "./fake-upstream.ts";
import { type Running, scratch, slipway, start, until } from "./slipway.ts";

type Up = {
  readonly gateway: string;
  readonly controller: string;
  readonly pids: { readonly controller: number; readonly gateway: number; readonly status: number };
};

const WORKERS = 2;
const cleanups: (() => void)[] = [];
let folder = "";
let upstreams: FakeUpstream[] = [];
let running: Running;
let up: Up;

function config(): string {
  const [stable, candidate] = upstreams.map(({ url }) => url);
  return `models:
  chat:
    stable: a
    versions:
      a: {upstreams: [{url: "${stable}", key: "\${UP_KEY}"}]}
      b: {upstreams: [{url: "${candidate}"}]}
    policy:
      stages: [{share: 100%, hold: 0s, min-requests: 0}]
      holdback: 0%
      evidence: {tick: 500ms, horizon: 1s}
      lease: {duration: 10s}
      bake: 1h
      guards: {}
`;
}

before(async () => {
  folder = scratch((clean) => cleanups.push(clean));
  upstreams = [await fakeUpstream("a"), await fakeUpstream("b")];
  writeFileSync(join(folder, "slipway.yaml"), config());
  running = start(
    [
      "up",
      "--json",
      "--port",
      "0",
      "--control-port",
      "0",
      "--status-port",
      "0",
      "--workers",
      `${WORKERS}`,
    ],
    { cwd: folder, env: { UP_KEY: "sk-up" } },
  );
  const out = await until("up says where everything is", () => {
    if (running.child.exitCode !== null) throw new Error(running.said().err);
    return running.said().out.trimEnd().endsWith("}") ? running.said().out : null;
  });
  up = JSON.parse(out);
});

after(() => {
  running.child.kill("SIGKILL");
  for (const upstream of upstreams) upstream.close();
  for (const clean of cleanups) clean();
});

function ask(...args: readonly string[]): ReturnType<typeof slipway> {
  return slipway(args, { cwd: folder, env: { SLIPWAY_CONTROLLER: up.controller } });
}

function asked(model: string): Promise<Response> {
  return fetch(`${up.gateway}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, user: "u1", messages: [{ role: "user", content: "x" }] }),
  });
}

async function statusOf(model: string): Promise<number> {
  const response = await asked(model);
  await response.text();
  return response.status;
}

async function served(): Promise<string> {
  const response = await asked("chat");
  assert.equal(response.status, 200, await response.clone().text());
  await response.text();
  return response.headers.get("x-slipway-version") ?? "";
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Every process of a group that a child of `up` leads. */
function membersOf(group: number): readonly number[] {
  const children = readFileSync(`/proc/${group}/task/${group}/children`, "utf8").trim();
  return [
    group,
    ...children
      .split(" ")
      .filter((pid) => pid !== "")
      .map(Number),
  ];
}

test("once it says so, every worker is healthy and serves the applied models", async () => {
  const health = await fetch(`${up.gateway}/healthz`);
  assert.equal(health.status, 200);
  for (let i = 0; i < 10; i++) assert.equal(await served(), "a");
  const models = JSON.parse((await ask("models", "--json")).out);
  assert.deepEqual(
    models.map((m: { name: string; stable: string }) => [m.name, m.stable]),
    [["chat", "a"]],
  );
});

test("a key goes where slipway.yaml of this machine says, and nowhere that the control API says", async (t) => {
  await served();
  assert.equal(upstreams[0]?.keys.at(-1), "Bearer sk-up");
  const thief = await fakeUpstream("thief");
  t.after(thief.close);
  const file = join(folder, "pushed.yaml");
  const text = config().replace("chat:", "pushed:");
  writeFileSync(file, text.replace(upstreams[0]?.url ?? "", thief.url));
  const pushed = readConfig(file, false);
  assert.ok(pushed.ok);
  const routingKey = { kind: "file", path: "/etc/hostname" } as const;
  const target = {
    ...{ name: "thief", occasions: [], models: [], templates: {}, giveUpAfterMs: 60_000 },
    way: { kind: "pagerduty", routingKey, baseUrl: thief.url } as const,
  };
  await new ControlClient({ url: up.controller, token: null }).apply({
    ...{ models: pushed.models, clients: null, pools: [], by: "thief" },
    notifications: { mail: null, targets: [target] },
  });
  await until("the pushed model is served", async () =>
    (await statusOf("pushed")) === 200 ? true : null,
  );
  assert.deepEqual(new Set(thief.keys), new Set([undefined]));
  const told = await ask("notify", "test");
  assert.match(
    told.out,
    /thief +failed .* not started with leave to send file:\/etc\/hostname to .*; if it should: --secret /,
  );
  assert.equal((await ask("apply")).code, 0);
  await until("the file's model is served again", async () =>
    (await statusOf("chat")) === 200 ? true : null,
  );
});

test("applying the same file again changes nothing", async () => {
  const { code, out } = await ask("apply", "--json");
  assert.equal(code, 0);
  const { unchanged, changed, created } = JSON.parse(out);
  assert.deepEqual(
    { unchanged, changed, created },
    { unchanged: ["chat"], changed: [], created: [] },
  );
});

test("a rollout moves users to the candidate, and a rollback returns them", async () => {
  const started = await ask("rollout", "start", "chat", "--to", "b", "--reason", "test", "--json");
  assert.equal(started.code, 0, started.err);
  const { id } = JSON.parse(started.out);
  await until("the candidate serves", async () => ((await served()) === "b" ? true : null));
  const shown = await ask("rollout", "show");
  assert.match(shown.out, new RegExp(`chat {2}a → b +${id}`));
  const watching = start(["rollout", "watch", id], {
    cwd: folder,
    env: { SLIPWAY_CONTROLLER: up.controller },
  });
  await until("watch has begun", () => (watching.said().out.includes("started") ? true : null));
  const back = await ask("rollout", "rollback", "--reason", "enough");
  assert.equal(back.code, 0, back.err);
  const watched = await watching.ended;
  assert.equal(watched.code, 1, watched.err);
  assert.match(watched.out, /rolled back: .*enough.*\(ann\)/);
  assert.equal(await served(), "a");
  assert.match((await ask("rollout", "history", id)).out, /rolled back/);
  assert.equal((await ask("rollout", "pause", id, "--reason", "late")).code, 1);
});

test("the gateway's workers answer to their operator without the controller", async () => {
  const status = await ask("gateway", "status", "--json");
  assert.equal(status.code, 0, status.err);
  assert.equal(JSON.parse(status.out).workers.length, WORKERS);
  assert.equal((await ask("gateway", "divert", "chat")).code, 0);
  assert.match((await ask("gateway", "status")).out, /diverted to stable here: chat/);
  assert.equal((await ask("gateway", "divert", "chat", "--undo")).code, 0);
});

test("a controller that is killed is started again, on the same port", async () => {
  const before = running.said().err.length;
  process.kill(up.pids.controller, "SIGKILL");
  await until("up says so", () =>
    running.said().err.slice(before).includes("the controller ended by SIGKILL; starting it again")
      ? true
      : null,
  );
  await until("it answers again", async () => ((await ask("models")).code === 0 ? true : null));
  assert.equal(await served(), "a");
});

test("the journal verifies, asked and read from disk", async () => {
  const asked = await ask("journal", "verify", "--json");
  assert.equal(asked.code, 0, asked.err);
  const { ok, rollouts } = JSON.parse(asked.out);
  assert.deepEqual({ ok, rollouts }, { ok: true, rollouts: 1 });
  const read = await ask("journal", "verify", "--data-dir", ".slipway");
  assert.equal(read.code, 0, read.err);
  assert.match(read.out, /^the journal is right: \d+ entries of 1 rollout/);
});

test("SIGTERM ends it with 0 and leaves no process behind", async () => {
  const workers = membersOf(up.pids.gateway);
  assert.equal(workers.length, WORKERS + 1);
  running.child.kill("SIGTERM");
  assert.equal((await running.ended).code, 0);
  assert.deepEqual(workers.filter(isAlive), []);
  await assert.rejects(fetch(`${up.controller}/healthz`));
});

test("its children end by themselves when it is killed", async () => {
  const again = start(
    ["up", "--json", "--port", "0", "--control-port", "0", "--status-port", "0", "--workers", "1"],
    {
      cwd: folder,
    },
  );
  const out = await until("it is up", () =>
    again.said().out.trimEnd().endsWith("}") ? again.said().out : null,
  );
  const { pids }: Up = JSON.parse(out);
  again.child.kill("SIGKILL");
  await until("both are gone", () =>
    isAlive(pids.controller) || isAlive(pids.gateway) ? null : true,
  );
});

test("a port that is taken is said at once, and nothing keeps running", async () => {
  const [taken] = upstreams;
  const port = new URL(taken?.url ?? "").port;
  const { code, out, err } = await slipway(
    ["up", "--port", port, "--control-port", "0", "--status-port", "0", "--workers", "1"],
    { cwd: folder },
  );
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, new RegExp(`slipway: .*${port}`));
});
