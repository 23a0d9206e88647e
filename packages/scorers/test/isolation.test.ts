// Programs that fork, write, reach out, loop and swell: each is contained, and the score says what it met.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Isolation, type Score, scoreTests } from "@slipway/scorers";
import { DEFAULT_LIMITS, findIsolation } from "@slipway/scorers/edge";

const found: Isolation = await findIsolation();
const skip = found.kind === "none" && `this machine isolates nothing: ${found.because}`;
after(() => found.kind === "found" && found.release());

function scoreOf(completion: string, isolation: Isolation = found): Promise<Score> {
  assert.ok(isolation.kind === "found");
  const expected = {
    language: "typescript",
    before: "const answer = function (n: number): number {\n",
    after: "",
    code: "import * as assert from 'assert'\nassert.deepEqual(answer(2), 4, 'two')",
    entryPoint: "answer",
  } as const;
  const answer = { text: completion, refusal: null, finishReason: "stop" };
  return scoreTests(answer, expected, isolation.sandbox, "marker-5d1c");
}

async function fails(
  completion: string,
  says: string | RegExp,
  isolation: Isolation = found,
): Promise<void> {
  const score = await scoreOf(completion, isolation);
  assert.equal(score.kind, "scored", score.because);
  assert.equal(score.kind === "scored" && score.passed, false);
  assert.match(score.because, typeof says === "string" ? new RegExp(says) : says);
}

test("right code passes and wrong code fails its tests", { skip }, async () => {
  const right = await scoreOf("  enum Times { two = 2 }\n  return n * Times.two;\n}");
  assert.deepEqual(right.kind === "scored" && right.passed, true, right.because);
  await fails("  return n + 1;\n}", "a test failed");
  await fails("  return n +;\n}", "is no program");
  await fails("  return nn;\n}", "ReferenceError");
  await fails("  return 4;\n}\nimport 'mathjs';", "imports a package that is not there");
});

test("a program that ends before its tests have run has not passed them", { skip }, async () => {
  await fails("  process.exit(0);\n}", "ended before its tests had run");
});

test("one that loops is ended, and so is one that waits", { skip }, async () => {
  const hurried = await findIsolation({ ...DEFAULT_LIMITS, wallMsMax: 3_000, cpuSecondsMax: 1 });
  assert.ok(hurried.kind === "found");
  await fails("  for (;;);\n}", /more time of the processor|had not ended in time/, hurried);
  await fails("  setTimeout(() => {}, 1e6); return 4;\n}", "had not ended in time", hurried);
  hurried.release();
});

test("one that starts processes without end is refused them, and leaves none behind", {
  skip,
}, async () => {
  await fails(
    "  const { spawnSync, spawn } = process.getBuiltinModule('child_process');\n" +
      "  for (let i = 0; i < 80; i++) spawn('/bin/sleep', ['60'], { stdio: 'ignore' }).on('error', (e) => { throw e; });\n" +
      "  throw spawnSync('/bin/true').error;\n}",
    "was refused another process",
  );
});

test("one that writes outside its folder is refused, and nothing is written", {
  skip,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-outside-"));
  const inside = JSON.stringify(join(folder, "written"));
  const write = "process.getBuiltinModule('fs').writeFileSync";
  await fails(`  ${write}(${inside}, 'x'); return 4;\n}`, "looked for a file that is not there");
  await fails(`  ${write}('/usr/written', 'x'); return 4;\n}`, "outside its folder");
  assert.equal(existsSync(join(folder, "written")), false);
  rmSync(folder, { recursive: true });
  await fails(`  ${write}('big', Buffer.alloc(1e8)); return 4;\n}`, /that size|more space/);
});

test("one that opens a socket finds no network, not even this machine's", { skip }, async () => {
  let connections = 0;
  const server = createServer(() => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const connect = `process.getBuiltinModule('net').connect(${port}, '127.0.0.1')`;
  const score = await scoreOf(`  ${connect}; return 4;\n}`);
  assert.equal(score.kind === "scored" && score.passed, false, score.because);
  await fails(
    "  process.getBuiltinModule('net').connect(80, '192.0.2.1'); return 4;\n}",
    "the network",
  );
  assert.equal(connections, 0);
  await new Promise((resolve) => server.close(resolve));
});

test("one that takes memory without end is refused it", { skip }, async () => {
  await fails("  const all = []; for (;;) all.push(Buffer.alloc(5e7, 1));\n}", "more memory");
});

test("one that writes without end is ended", { skip }, async () => {
  // Not by console.log, which keeps in memory what is not read at once.
  const yes = "process.getBuiltinModule('child_process').spawnSync('yes', { stdio: 'inherit' })";
  await fails(`  ${yes}; return 4;\n}`, "wrote more than is read");
});

test("one sees neither keys nor files of this machine", { skip }, async () => {
  process.env["SLIPWAY_TEST_SECRET"] = "a key";
  const score = await scoreOf(
    "  const keys = Object.keys(process.env).filter((name) => name.startsWith('SLIPWAY'));\n" +
      "  const files = process.getBuiltinModule('fs').existsSync('/etc/passwd');\n" +
      "  return keys.length === 0 && !files ? 4 : 0;\n}",
  );
  delete process.env["SLIPWAY_TEST_SECRET"];
  assert.equal(score.kind === "scored" && score.passed, true, score.because);
});

test("tests that cannot be isolated are not scored", async () => {
  const sandbox = {
    name: "none",
    run: () => Promise.resolve({ kind: "not-isolated", because: "no namespaces" } as const),
  };
  const expected = {
    language: "typescript",
    before: "",
    after: "",
    code: "",
    entryPoint: null,
  } as const;
  const score = await scoreTests(
    { text: "", refusal: null, finishReason: null },
    expected,
    sandbox,
    "m",
  );
  assert.deepEqual(score, {
    kind: "unscored",
    cause: "scorer-failed",
    because: "not isolated: no namespaces",
  });
});
