// The Codex CLI from npm, as it is, doing a small task: the model calls its shell, the file is written, the model says so.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Ramp, startRamp } from "./ramp.ts";

const CODEX = fileURLToPath(new URL("../node_modules/@openai/codex/bin/codex.js", import.meta.url));
const RUN_MS_MAX = 120_000;
/** Sessions are named at random; of six, both versions nearly always get some. */
const SESSIONS = 6;

let ramp: Ramp;
let folder: string;

before(async () => {
  ramp = await startRamp();
  folder = mkdtempSync(join(tmpdir(), "slipway-codex-"));
});
after(async () => {
  await ramp.close();
  rmSync(folder, { recursive: true, force: true });
});

const config = (url: string): string => `
model = "gpt-5"
model_provider = "slipway"

[model_providers.slipway]
name = "Slipway"
base_url = "${url}"
env_key = "SLIPWAY_TEST_KEY"
wire_api = "responses"

[analytics]
enabled = false
`;

type Run = { readonly work: string; readonly code: number | null; readonly said: string };

/** One session in a home and a folder of its own, with nothing of this process's environment. */
async function codex(name: string, prompt: string): Promise<Run> {
  const [home, work] = [join(folder, name, "home"), join(folder, name, "work")];
  for (const path of [home, work]) mkdirSync(path, { recursive: true });
  writeFileSync(join(home, "config.toml"), config(ramp.url));
  const flags = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"];
  const child = spawn(process.execPath, [CODEX, "exec", ...flags, prompt], {
    cwd: work,
    env: {
      PATH: [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
      HOME: home,
      CODEX_HOME: home,
      SLIPWAY_TEST_KEY: "key",
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: RUN_MS_MAX,
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += String(chunk);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { work, code, said };
}

test("a task is done in every session, each on the version that it began with", async () => {
  const runs = await Promise.all(
    Array.from({ length: SESSIONS }, (_, i) => codex(`session-${i}`, "Write hello.txt, please.")),
  );
  for (const { code, said, work } of runs) {
    assert.equal(code, 0, said);
    assert.equal(readFileSync(join(work, "hello.txt"), "utf8"), "hello from the agent", said);
    assert.match(said, /v[12] says sunny/);
  }
  const sessionsOf = (server: Ramp["v1"]): ReadonlyMap<string, number> => {
    const sessions = new Map<string, number>();
    for (const { headers, path } of server.seen) {
      assert.equal(path, "/v1/responses");
      assert.equal(headers.authorization, "Bearer key");
      const session = String(headers["session-id"]);
      sessions.set(session, (sessions.get(session) ?? 0) + 1);
    }
    return sessions;
  };
  const all = [...sessionsOf(ramp.v1), ...sessionsOf(ramp.v2)];
  assert.equal(new Set(all.map(([session]) => session)).size, SESSIONS);
  // Both requests of each session on one version: no session is seen by the two.
  assert.deepEqual(
    all.map(([, requests]) => requests),
    Array(SESSIONS).fill(2),
  );
});
