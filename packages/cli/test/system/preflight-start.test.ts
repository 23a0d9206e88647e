// A rollout that needs gates, with a real controller: refused, then let through by evidence that a preflight left, by
// evidence in a file, or by an override.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Ran, scratch, slipway, until } from "../slipway.ts";
import { end, launch } from "./programs.ts";

const YAML = `models:
  coder:
    stable: v1
    versions:
      v1: { upstreams: [{ url: "http://127.0.0.1:9/one/v1" }] }
      v2: { upstreams: [{ url: "http://127.0.0.1:9/two/v1" }] }
    preflight:
      required: [command]
      command:
        run: test -e good
`;
const NOBODY = "http://127.0.0.1:9";

type Scene = {
  readonly cwd: string;
  readonly run: (args: readonly string[], controller?: string) => Promise<Ran>;
};

async function scene(t: TestContext): Promise<Scene> {
  const cwd = scratch((clean) => t.after(clean));
  writeFileSync(join(cwd, "slipway.yaml"), YAML);
  const data = join(cwd, "data");
  const controller = await launch(["controller", "--port", "0", "--data-dir", data]);
  t.after(() => end(controller, "SIGTERM"));
  const own = `http://127.0.0.1:${controller.port}`;
  const run: Scene["run"] = (args, address = own) =>
    slipway(args, { cwd, env: { SLIPWAY_CONTROLLER: address } });
  assert.equal((await run(["apply"])).code, 0);
  return { cwd, run };
}

const START = ["rollout", "start", "coder", "--to", "v2", "--reason", "new"];
const PREFLIGHT = ["preflight", "coder", "--to", "v2"];

test("a rollout starts once the gate that it needs has passed, and not before", async (t) => {
  const { cwd, run } = await scene(t);
  const first = await run(START);
  assert.equal(first.code, 1);
  assert.match(
    first.err,
    /need gates to pass: command has not run\n.*slipway preflight coder --to v2 --gate command/,
  );
  assert.equal((await run(PREFLIGHT)).code, 1);
  assert.match((await run(START)).err, /command failed: test -e good ended with exit code 1/);
  writeFileSync(join(cwd, "good"), "");
  assert.equal((await run(PREFLIGHT)).code, 0);
  assert.equal((await run(START)).code, 0);
  const { out } = await run(["rollout", "explain"]);
  assert.match(
    out,
    /gates that it started with\n {2}command: pass, .*: test -e good ended with exit code 0/,
  );
});

test("evidence that was taken with other settings than those that were applied counts for nothing", async (t) => {
  const { cwd, run } = await scene(t);
  writeFileSync(join(cwd, "good"), "");
  assert.equal((await run(PREFLIGHT)).code, 0);
  writeFileSync(join(cwd, "slipway.yaml"), YAML.replace("test -e good", "test -e good && true"));
  assert.equal((await run(["apply"])).code, 0);
  const refused = await run(START);
  assert.equal(refused.code, 1);
  assert.match(
    refused.err,
    /command has not run with its settings, and what is in its files, as they were applied/,
  );
  assert.equal((await run(PREFLIGHT)).code, 0);
  assert.equal((await run(START)).code, 0);
});

test("while one preflight runs another is told whose, and one that waits goes after it", async (t) => {
  const { cwd, run } = await scene(t);
  const slow = YAML.replace("test -e good", "touch began; until test -e good; do sleep 0.1; done");
  writeFileSync(join(cwd, "slow.yaml"), slow);
  const first = run([...PREFLIGHT, "--config", "slow.yaml"]);
  await until("the first holds the lease", () => (existsSync(join(cwd, "began")) ? true : null));
  const held = await run(PREFLIGHT);
  assert.match(held.err, /ann has run command of coder against v2 for /);
  assert.deepEqual([held.code, held.out], [1, ""]);
  const waiting = run([...PREFLIGHT, "--wait"]);
  writeFileSync(join(cwd, "good"), "");
  assert.equal((await first).code, 0);
  assert.equal((await waiting).code, 0);
});

test("a report from where no controller answers counts once it is handed in", async (t) => {
  const { cwd, run } = await scene(t);
  writeFileSync(join(cwd, "good"), "");
  const away = await run([...PREFLIGHT, "--out", "report.json"], NOBODY);
  assert.equal(away.code, 0);
  assert.match(away.err, /no controller keeps this evidence/);
  assert.equal((await run(START)).code, 1);
  assert.equal((await run([...START, "--evidence", "report.json"])).code, 0);
});

test("an override needs a reason, and history, watch and explain tell whose it was", async (t) => {
  const { run } = await scene(t);
  assert.equal((await run([...START, "--override-gate", "command"])).code, 2);
  const unknown = await run([...START, "--override-gate", "smoke=ran by hand"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /A gate is one of: command, prompts, drift, benchmark, shadow, load/);
  assert.equal((await run([...START, "--override-gate", "command=ran by hand"])).code, 0);
  assert.match(
    (await run(["rollout", "history"])).out,
    /although the gate command has not run, by ann: ran by hand/,
  );
  assert.match(
    (await run(["rollout", "show"])).out,
    /command: has not run; started all the same by ann: ran by hand/,
  );
  assert.match(
    (await run(["rollout", "explain"])).out,
    /command: has not run; started all the same by ann: ran by hand/,
  );
});
