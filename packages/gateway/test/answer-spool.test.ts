// Kept answers on a real disk: readable by their owner alone, in files that rotate and do not grow beyond their limits.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { answerSpool, answersDir, keptFiles } from "../src/edge/answer-spool.ts";
import { recordingLog } from "./fixtures.ts";

const dataDir = mkdtempSync(join(tmpdir(), "slipway-answers-"));
after(() => rmSync(dataDir, { recursive: true }));

const DAY_MS = 86_400_000;
const LIMITS = { bytesMax: 4_000, ageMsMax: DAY_MS };
const LINE = `${"x".repeat(199)}\n`;

test("lines go to files of their owner alone, and are counted", async () => {
  const spool = answerSpool(dataDir, 1, recordingLog());
  assert.equal(spool.write("org/code", LINE, LIMITS), true);
  assert.equal(spool.write("org/code", LINE, LIMITS), true);
  await spool.close();
  const [file, ...others] = await keptFiles(dataDir);
  assert.ok(file);
  assert.equal(others.length, 0);
  assert.deepEqual([file.model, file.answers, file.bytes], ["org/code", 2, 400]);
  assert.equal(statSync(file.path).mode & 0o777, 0o600);
  assert.equal(statSync(join(file.path, "..")).mode & 0o777, 0o700);
});

test("files rotate, the oldest go, and what is too old goes too", async () => {
  const folder = join(answersDir(dataDir), "org%2Fcode");
  const old = join(folder, "worker-1-1.jsonl");
  const others = join(folder, "worker-2-1.jsonl");
  for (const path of [old, others]) {
    writeFileSync(path, LINE);
    utimesSync(path, new Date(), new Date(Date.now() - 2 * DAY_MS));
  }
  const spool = answerSpool(dataDir, 1, recordingLog());
  for (let i = 0; i < 60; i++) {
    spool.write("org/code", LINE, LIMITS);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await spool.close();
  const names = readdirSync(folder);
  assert.ok(!names.includes("worker-1-1.jsonl"));
  assert.ok(names.includes("worker-2-1.jsonl"), "another worker's are its own");
  const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  assert.ok(bytes <= LIMITS.bytesMax + LINE.length, `${bytes} bytes`);
});

test("a folder that cannot be made is told, and refused", async () => {
  const file = join(dataDir, "a-file");
  writeFileSync(file, "");
  const log = recordingLog();
  const spool = answerSpool(file, 1, log);
  assert.equal(spool.write("code", LINE, LIMITS), false);
  assert.equal(log.lines.length, 1);
  await spool.close();
  assert.deepEqual(await keptFiles(join(dataDir, "none")), []);
});
