// What the command says when its arguments, or its files, make no sense; and what needs no controller.
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratch, slipway } from "./slipway.ts";

const CONFIG = `models:
  chat:
    stabel: a
    versions:
      a: {upstreams: [{url: "http://127.0.0.1:9000/v1"}]}
`;

test("an unknown command is refused with the nearest right one and exit code 2", async () => {
  const { code, out, err } = await slipway(["aply"]);
  assert.deepEqual([code, out], [2, ""]);
  assert.equal(err, "slipway: unknown command 'aply'\n         did you mean apply?\n");
});

test("with --json a usage error is one error body on standard error", async () => {
  const { code, out, err } = await slipway(["rollout", "pause", "--json"]);
  assert.deepEqual([code, out], [2, ""]);
  assert.deepEqual(JSON.parse(err), {
    error: {
      code: "usage",
      message: "required option '--reason <text>' not specified",
      fix: "--help says what a command takes",
    },
  });
});

test("the help of every command ends with the exit codes", async () => {
  for (const args of [[], ["up"], ["rollout", "watch"]]) {
    const { code, out } = await slipway([...args, "--help"]);
    assert.equal(code, 0);
    assert.match(out, /Exit codes:\n {2}0 {2}done/);
  }
});

test("init writes a file that validate finds right, and never overwrites it", async (t) => {
  const cwd = scratch((clean) => t.after(clean));
  assert.equal((await slipway(["init"], { cwd })).code, 0);
  const written = readFileSync(join(cwd, "slipway.yaml"), "utf8");
  assert.match(written, /^# yaml-language-server: \$schema=\S+slipway\.schema\.json\n/);
  const { code, out, err } = await slipway(["validate"], { cwd });
  assert.deepEqual([code, out, err], [0, "slipway.yaml is right: 1 model (code-assistant)\n", ""]);
  const again = await slipway(["init"], { cwd });
  assert.equal(again.code, 1);
  assert.match(again.err, /slipway\.yaml is there already/);
  assert.equal(readFileSync(join(cwd, "slipway.yaml"), "utf8"), written);
});

test("init names the schema by a path that exists from where the file is", async (t) => {
  const cwd = scratch((clean) => t.after(clean));
  const { out } = await slipway(["init", "--json"], { cwd });
  const { schema } = JSON.parse(out);
  assert.match(readFileSync(join("/", schema), "utf8"), /"slipway.yaml"/);
});

test("validate says where a file is wrong, for people and for machines", async (t) => {
  const cwd = scratch((clean) => t.after(clean));
  writeFileSync(join(cwd, "slipway.yaml"), CONFIG);
  const people = await slipway(["validate"], { cwd });
  assert.equal(people.code, 2);
  assert.match(people.err, /^slipway\.yaml:3:5: a model has no key "stabel"\n/);
  assert.match(people.err, /did you mean stable\?/);
  const machines = await slipway(["validate", "--json"], { cwd });
  assert.deepEqual([machines.code, machines.err], [2, ""]);
  const { ok, problems } = JSON.parse(machines.out);
  assert.equal(ok, false);
  assert.deepEqual([problems[0].line, problems[0].column, problems[0].width], [3, 5, 6]);
});

test("a file that is not there is exit code 2, and says how to get one", async (t) => {
  const cwd = scratch((clean) => t.after(clean));
  const { code, err } = await slipway(["validate", "none.yaml"], { cwd });
  assert.equal(code, 2);
  assert.equal(
    err,
    "slipway: there is no none.yaml\n         run slipway init to write one, or name another file\n",
  );
});

test("up with a broken configuration starts nothing", async (t) => {
  const cwd = scratch((clean) => t.after(clean));
  writeFileSync(join(cwd, "slipway.yaml"), "models: {}\n");
  const { code, out, err } = await slipway(
    ["up", "--port", "0", "--control-port", "0", "--status-port", "0"],
    { cwd },
  );
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /slipway\.yaml:1:\d+: models is empty/);
});

test("key new prints a key once, and lines that let it in when they are pasted", async (t) => {
  const cwd = scratch((clean) => t.after(clean));
  const { code, out } = await slipway(["key", "new", "editor"]);
  assert.equal(code, 0);
  const [, key = ""] = /^ {2}(slipway_[\w-]{43})$/m.exec(out) ?? [];
  const lines = out.slice(out.indexOf("clients:"));
  assert.match(lines, /^clients:\n {2}editor:\n {4}key-hash: "?[0-9a-f]{64}"?\n$/);
  assert.ok(lines.includes(hash("sha256", key, "hex")));
  assert.ok(!lines.includes(key));
  writeFileSync(join(cwd, "slipway.yaml"), `${CONFIG.replace("stabel", "stable")}${lines}`);
  assert.equal((await slipway(["validate"], { cwd })).code, 0);
  assert.equal((await slipway(["key", "new", "an editor"])).code, 2);
});
