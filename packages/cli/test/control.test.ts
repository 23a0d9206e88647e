// Commands that talk to a controller, against one that answers by script.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Script, type ScriptedController, scriptedController } from "./scripted-controller.ts";
import { type Ran, scratch, slipway } from "./slipway.ts";
import { views } from "./watch/views.ts";

type After = { after: (clean: () => void) => void };

async function against(
  t: After,
  script: Script,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran & { controller: ScriptedController }> {
  const controller = await scriptedController(script);
  t.after(controller.close);
  const ran = await slipway([...args, "--controller", controller.url], { env });
  return { ...ran, controller };
}

const CONFIG = `models:
  chat:
    stable: a
    versions:
      a: {upstreams: [{url: "http://127.0.0.1:9000/v1"}]}
`;
const APPLIED = {
  table: 7,
  created: ["chat"],
  changed: [],
  unchanged: [],
  removed: ["old"],
  warnings: ["stable of chat stays b"],
};
const stage = views["stage"];
const summary = {
  id: "r-4f7a2c",
  model: "code-assistant",
  from: "gpt-5.0",
  to: "gpt-5.3",
  startedAtMs: 0,
  phase: "stage",
  phaseSinceMs: 0,
  candidatePercent: 25,
  because: null,
  held: null,
  pages: [],
};

test("apply sends the whole file and says what it changed", async (t) => {
  const folder = scratch((clean) => t.after(clean));
  const file = join(folder, "slipway.yaml");
  writeFileSync(file, CONFIG);
  const { code, out, controller } = await against(
    t,
    { "PUT /v1/config": { body: APPLIED } },
    ["apply", file],
    { SLIPWAY_TOKEN: "s3cret" },
  );
  assert.equal(code, 0);
  assert.equal(
    out,
    "created: chat\nremoved: old\nwarning: stable of chat stays b\nrouting table 7\n",
  );
  const [asked] = controller.asked;
  assert.ok(asked);
  assert.equal(asked.authorization, "Bearer s3cret");
  const { by, models } = asked.body as { by: string; models: { name: string }[] };
  assert.deepEqual([by, models.map(({ name }) => name)], ["ann", ["chat"]]);
});

test("apply sends nothing of a broken file", async (t) => {
  const folder = scratch((clean) => t.after(clean));
  const file = join(folder, "slipway.yaml");
  writeFileSync(file, CONFIG.replace("stable: a", "stable: b"));
  const { code, err, controller } = await against(t, {}, ["apply", file]);
  assert.equal(code, 2);
  assert.match(err, /stable names "b"[\s\S]*slipway: nothing was changed\n$/);
  assert.deepEqual(controller.asked, []);
});

test("models are listed for people, and as they came for machines", async (t) => {
  const models = [
    {
      name: "chat",
      stable: "a",
      versions: [
        { id: "a", fingerprint: "f", upstreams: 1 },
        { id: "b", fingerprint: "g", upstreams: 2 },
      ],
      rollout: "r-1",
      warm: null,
      schedules: { drill: null, drift: null },
    },
  ];
  const script = { "GET /v1/models": { body: models } };
  const people = await against(t, script, ["models"]);
  assert.equal(
    people.out,
    "MODEL  STABLE  VERSIONS  ROLLOUT  WARM\nchat   a       a, b      r-1      -\n",
  );
  const machines = await against(t, script, ["models", "--json"]);
  assert.deepEqual(JSON.parse(machines.out), models);
});

test("start sends who, what and why, and says how to watch it", async (t) => {
  const { code, out, controller } = await against(
    t,
    { "POST /v1/rollouts": { status: 201, body: stage } },
    ["rollout", "start", "code-assistant", "--to", "gpt-5.3", "--reason", "newer"],
  );
  assert.equal(code, 0);
  assert.match(out, /^rollout r-4f7a2c of code-assistant from gpt-5\.0 to gpt-5\.3 has started\n/);
  assert.deepEqual(controller.asked[0]?.body, {
    model: "code-assistant",
    to: "gpt-5.3",
    by: "ann",
    reason: "newer",
  });
});

test("a command without an id means the only rollout under way", async (t) => {
  const finished = { ...summary, id: "r-old", phase: "completed" };
  const { code, out, controller } = await against(
    t,
    {
      "GET /v1/rollouts": { body: [summary, finished] },
      "POST /v1/rollouts/r-4f7a2c/commands": { body: stage },
    },
    ["rollout", "promote", "--to-end", "--reason", "urgent", "--by", "bob"],
  );
  assert.equal(code, 0);
  assert.equal(out, "r-4f7a2c stage 2 of 4: 25% of users on gpt-5.3\n");
  assert.deepEqual(controller.asked[1]?.body, {
    command: "promote",
    to: "end",
    by: "bob",
    reason: "urgent",
  });
});

test("a command without an id is refused while several rollouts are under way, or none", async (t) => {
  const args = ["rollout", "pause", "--reason", "x"];
  const second = { ...summary, id: "r-2", model: "chat" };
  const two = await against(t, { "GET /v1/rollouts": { body: [summary, second] } }, args);
  assert.equal(two.code, 2);
  assert.match(two.err, /2 rollouts are under way\n +name one: r-4f7a2c \(code-assistant\), r-2/);
  const none = await against(t, { "GET /v1/rollouts": { body: [] } }, args);
  assert.equal(none.code, 2);
  assert.match(none.err, /no rollout is under way\n +start one with/);
});

test("the controller's refusal is told with its own words and exit code 1", async (t) => {
  const error = { code: "not_allowed", message: "it is paused already", fix: "use resume" };
  const script = { "POST /v1/rollouts/r-1/commands": { status: 409, body: { error } } };
  const args = ["rollout", "pause", "r-1", "--reason", "x"];
  const people = await against(t, script, args);
  assert.deepEqual(
    [people.code, people.err],
    [1, "slipway: it is paused already\n         use resume\n"],
  );
  const machines = await against(t, script, [...args, "--json"]);
  assert.deepEqual([machines.code, JSON.parse(machines.err)], [1, { error }]);
});

test("a missing token is exit code 4", async (t) => {
  const error = { code: "unauthorized", message: "a token is needed", fix: "set SLIPWAY_TOKEN" };
  const script = { "GET /v1/models": { status: 401, body: { error } } };
  assert.equal((await against(t, script, ["models"])).code, 4);
});

test("nobody at the address, or somebody else, is exit code 3", async (t) => {
  const gone = await scriptedController({});
  gone.close();
  const nobody = await slipway(["models"], { env: { SLIPWAY_CONTROLLER: gone.url } });
  assert.equal(nobody.code, 3);
  assert.match(nobody.err, /no controller answers at http:\S+ \(connection refused\)\n +start one/);
  const other = await against(
    t,
    { "GET /v1/models": (response) => void response.end("<html>welcome</html>") },
    ["models"],
  );
  assert.equal(other.code, 3);
  assert.match(other.err, /is not a Slipway controller of this version/);
  assert.doesNotMatch(other.err, /welcome/);
});

test("history prints the journal with moves, reasons and who gave them", async (t) => {
  const journal = views["paused"]?.recent ?? [];
  const script = { "GET /v1/rollouts/r-4f7a2c/journal": { body: journal } };
  const { code, out } = await against(t, script, ["rollout", "history", "r-4f7a2c"]);
  assert.equal(code, 0);
  const lines = out.trim().split("\n");
  assert.equal(lines.length, 7);
  assert.match(lines[0] ?? "", /^1 {2}2026-01-15T09:00:00.000Z {2}started +newer model/);
  assert.match(lines[6] ?? "", /^7 {2}\S+ {2}paused +waiting for the weekend \(ann\)$/);
});

test("a journal that does not verify is told entry by entry, with exit code 1", async (t) => {
  const result = {
    ok: false,
    rollouts: 2,
    entries: 31,
    replayed: 9,
    problems: [{ rolloutId: "r-1", sequence: 4, problem: "its hash does not follow" }],
  };
  const { code, out } = await against(t, { "GET /v1/journal/verify": { body: result } }, [
    "journal",
    "verify",
  ]);
  assert.equal(code, 1);
  assert.match(out, /NOT right: 31 entries of 2 rollouts, 9 decisions made again\n {2}r-1 entry 4/);
});

test("where a user goes is told with its reason: its slot, its ring, or that nothing is under way", async (t) => {
  const model = {
    name: "code-assistant",
    stable: "gpt-5.0",
    versions: [],
    rollout: "r-1",
    warm: null,
    schedules: { drill: null, drift: null },
  };
  const audience = {
    ...stage?.policy.audience,
    rings: [
      {
        name: "staff",
        fromPercent: 0,
        members: { keys: [], keyPrefixes: ["staff-"], headers: [], clients: [] },
      },
    ],
  };
  const script = {
    "GET /v1/models": { body: [model] },
    "GET /v1/rollouts": { body: [summary] },
    "GET /v1/rollouts/r-4f7a2c": { body: { ...stage, policy: { ...stage?.policy, audience } } },
  };
  const ask = async (...args: string[]): Promise<Ran> =>
    against(t, script, ["rollout", "assign", "code-assistant", ...args]);
  assert.match(
    (await ask("--key", "ann")).out,
    /^gpt-5\.[03] \((stable|candidate)\): its slot is \d+, and the candidate owns 2500 of 10000 slots \(stage\)\n$/,
  );
  assert.equal(
    (await ask("--key", "staff-bob")).out,
    "gpt-5.3 (candidate): it is in the ring staff\n",
  );
  const byHeader = await ask("--header", "X-User-Id=staff-eve", "--json");
  assert.deepEqual(
    [JSON.parse(byHeader.out).arm, JSON.parse(byHeader.out).key],
    ["candidate", "staff-eve"],
  );
  const idle = { ...script, "GET /v1/rollouts": { body: [] } };
  const none = await against(t, idle, ["rollout", "assign", "code-assistant", "--key", "ann"]);
  assert.match(none.out, /^gpt-5\.0 \(stable\): no rollout is under way/);
  const unknown = await against(t, script, ["rollout", "assign", "chat", "--key", "ann"]);
  assert.equal(unknown.code, 2);
});
