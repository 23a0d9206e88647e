// The shell steps of the example for GitHub Actions, run as they stand there, with a gh that writes down what it is told.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MAIN, scratch } from "../slipway.ts";

const FILE = join(import.meta.dirname, "../../../../examples/github-actions/preflight.yml");

/** Name → script of each step that runs one. */
function scriptsOf(workflow: string): ReadonlyMap<string, string> {
  const scripts = new Map<string, string>();
  for (const step of workflow.split(/^ {6}- /m).slice(1)) {
    const name = /^name: (.*)$/m.exec(step)?.[1];
    const script = /^ {8}run: \|\n((?: {10}.*\n|\n)+)/m.exec(step)?.[1];
    if (name !== undefined && script !== undefined) {
      scripts.set(name, script.replaceAll(/^ {10}/gm, ""));
    }
  }
  return scripts;
}

const YAML = `x-candidate: "v2" # next
models:
  coder:
    stable: v1
    versions:
      v1: { upstreams: [{ url: "http://127.0.0.1:9/one/v1" }] }
      v2: { upstreams: [{ url: "http://127.0.0.1:9/two/v1" }] }
    preflight:
      command: { run: exit 4 }
`;

test("the example's steps read the version, run the gates, comment the report and fail the job", (t) => {
  const cwd = scratch((clean) => t.after(clean));
  writeFileSync(join(cwd, "slipway.yaml"), YAML);
  const program = (name: string, body: string): void => {
    writeFileSync(join(cwd, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(cwd, name), 0o755);
  };
  program("npx", `shift; exec "${process.execPath}" --conditions=@slipway/source "${MAIN}" "$@"`);
  // The first comment of a pull request cannot edit another.
  program("gh", `echo "$@" >> gh.txt; case "$*" in *--edit-last*) exit 1 ;; esac`);
  const output = join(cwd, "output.txt");
  writeFileSync(output, "");
  const scripts = scriptsOf(readFileSync(FILE, "utf8"));
  const run = (name: string, env: Record<string, string>): number | null => {
    const script = scripts.get(name);
    assert.ok(script !== undefined, `no step ${name}`);
    const { PATH = "" } = process.env;
    const all = { ...process.env, GITHUB_OUTPUT: output, PATH: `${cwd}:${PATH}`, ...env };
    return spawnSync("bash", ["-e", "-o", "pipefail", "-c", script], { cwd, env: all }).status;
  };

  assert.equal(run("Read which version is proposed", {}), 0);
  assert.equal(readFileSync(output, "utf8"), "version=v2\n");
  const env = { MODEL: "coder", CANDIDATE: "v2", SLIPWAY_CONTROLLER: "http://127.0.0.1:9" };
  assert.equal(run("Run the gates", env), 0);
  assert.match(readFileSync(output, "utf8"), /\ncode=1\n$/);
  assert.match(readFileSync(join(cwd, "preflight.md"), "utf8"), /\| command \| ❌ FAIL \|/);
  assert.match(readFileSync(join(cwd, "preflight.xml"), "utf8"), /<failure message="exit 4 /);
  assert.equal(run("Comment what they found", { PULL_REQUEST: "7" }), 0);
  const commented = "pr comment 7 --body-file preflight.md\n";
  assert.equal(readFileSync(join(cwd, "gh.txt"), "utf8").endsWith(commented), true);
  assert.equal(run("Pass only when every gate has passed", { CODE: "1" }), 1);
  assert.equal(run("Run the gates", { ...env, CANDIDATE: "v9" }), 2);
});
