// The soak is itself looked at: that its eyes see what they are for, that memory which grows is told from memory which does
// not, and that a short soak of a real gateway runs and finds nothing, or what was planted.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { StreamCheck, wholeFaults } from "./answer-check.ts";
import { flatnessOf } from "./flatness.ts";
import { collectingInto, keptMemoryOf } from "./kept-memory.ts";
import { askedOf, bodyOf, chunkText, DONE, lastText, type Plan, wholeText } from "./turn-shape.ts";
import { randomOf } from "./turns.ts";

const PLAN: Plan = { token: "t1-2", pieces: 4, pieceChars: 10, firstMs: 0, gapMs: 0 };
const CHUNKS = [0, 1, 2, 3].map((number) => chunkText(PLAN, number));
const END = lastText(PLAN, sumOf(CHUNKS));

function sumOf(chunks: readonly string[]): number {
  const check = new StreamCheck(PLAN);
  for (const chunk of chunks) check.data(chunk);
  return check.sum;
}

function faultsIn(...texts: readonly string[]): readonly string[] {
  const check = new StreamCheck(PLAN);
  for (const text of texts) check.data(text);
  return [...check.end()];
}

test("a stream that came as it was written is good, wherever the network cuts it", () => {
  const text = CHUNKS.join("") + END;
  for (let at = 0; at <= text.length; at++) {
    assert.deepEqual(faultsIn(text.slice(0, at), text.slice(at)), []);
  }
});

test("a chunk that is lost, doubled, out of order, changed or another's is found", () => {
  const [a = "", b = "", c = "", d = ""] = CHUNKS;
  assert.deepEqual(faultsIn(a, b, d, END), ["lost"]);
  assert.deepEqual(faultsIn(a, b, c, END), ["lost"]);
  assert.deepEqual(faultsIn(a, b, c, d), ["lost"]);
  assert.deepEqual(faultsIn(a, b, c, d, END.replace(DONE, "")), ["lost"]);
  assert.ok(faultsIn(a, b, b, c, d, END).includes("doubled"));
  assert.ok(faultsIn(a, b, c, d, END, END).includes("doubled"));
  assert.ok(faultsIn(a, c, b, d, END).includes("reordered"));
  assert.deepEqual(faultsIn(a, b.replace("1111", "1112"), c, d, END), ["changed"]);
  assert.ok(faultsIn(a, b, c.replace("t1-2", "t9-9"), d, END).includes("foreign"));
});

test("a stream that its client left has no hole in what came", () => {
  const [a = "", b = "", c = ""] = CHUNKS;
  const check = new StreamCheck(PLAN);
  check.data(a);
  check.data(b);
  assert.deepEqual([...check.cut()], []);
  const holed = new StreamCheck(PLAN);
  holed.data(a);
  holed.data(c);
  assert.deepEqual([...holed.cut()], ["lost"]);
});

test("a whole answer, and the prompt that it answers, are told from others", () => {
  const asked = askedOf(bodyOf(PLAN, "user-1", "a prompt", false));
  assert.ok(asked !== null);
  const text = wholeText(asked);
  assert.deepEqual([...wholeFaults(text, PLAN, "a prompt")], []);
  assert.deepEqual([...wholeFaults(text, PLAN, "b prompt")], ["changed"]);
  assert.deepEqual([...wholeFaults(text.replace("3333", "3433"), PLAN, "a prompt")], ["changed"]);
  assert.deepEqual([...wholeFaults(text.slice(0, -40), PLAN, "a prompt")], ["lost"]);
  assert.deepEqual([...wholeFaults(text, { ...PLAN, token: "t9" }, "a prompt")], ["foreign"]);
});

const SLACK = { freeMiB: 10, share: 0.1 };

/** 300 samples, one a second, of a heap that fills and is collected over a floor. */
function heapOver(floorMiB: (second: number) => number): Parameters<typeof flatnessOf>[0] {
  const random = randomOf(7);
  return Array.from({ length: 300 }, (_, second) => ({
    atMs: 1_000 * second,
    value: floorMiB(second) + 4 * (second % 11) + 6 * random(),
  }));
}

test("a sawtooth over a steady floor is flat, one burst or not, and a floor that rises is not", () => {
  assert.equal(
    flatnessOf(
      heapOver(() => 150),
      SLACK,
    )?.isFlat,
    true,
  );
  assert.equal(
    flatnessOf(
      heapOver((s) => (s > 100 && s < 130 ? 260 : 150)),
      SLACK,
    )?.isFlat,
    true,
  );
  assert.equal(
    flatnessOf(
      heapOver((s) => 200 - s / 10),
      SLACK,
    )?.isFlat,
    true,
  );
  const leak = flatnessOf(
    heapOver((s) => 150 + s / 10),
    SLACK,
  );
  assert.equal(leak?.isFlat, false);
  assert.ok(Math.abs((leak?.growthMiB ?? 0) - 30) < 5);
  assert.equal(flatnessOf(heapOver(() => 150).slice(0, 5), SLACK), null);
});

test("what a process keeps is told apart from its garbage", async () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-soak-test-"));
  const litter = "const lit = () => Array.from({ length: 1e5 }, () => ({}));";
  const script = `${litter} const kept = []; setInterval(() => { lit(); kept.push(Buffer.alloc(2 ** 20)); }, 500); setTimeout(() => process.exit(), 7_000)`;
  const child = spawn(process.execPath, ["-e", script], {
    env: { ...process.env, ...collectingInto(folder) },
    stdio: "inherit",
  });
  await once(child, "exit");
  const { kept, resident } = keptMemoryOf(folder, child.pid ?? 0);
  rmSync(folder, { recursive: true });
  const [first, second] = kept;
  assert.equal(kept.length, 2);
  const grown = (second?.value ?? 0) - (first?.value ?? 0);
  assert.ok(grown > 1 && grown < 8, `${grown} MiB`);
  assert.ok((resident[0]?.value ?? 0) > (first?.value ?? 0));
  assert.deepEqual(keptMemoryOf(folder, child.pid ?? 0), { kept: [], resident: [] });
});

type Told = {
  readonly turns: number;
  readonly failures: readonly string[];
  readonly course: { readonly restarts: { readonly made: number } };
};

function soaked(...flags: readonly string[]): Promise<{ readonly code: number; report: Told }> {
  const args = ["--conditions=@slipway/source", "bench/soak.ts", "--quick", "--json", ...flags];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      if (stdout === "") reject(new Error(stderr));
      else resolve({ code: Number(error?.code ?? 0), report: JSON.parse(stdout) as Told });
    });
  });
}

test("a short soak, with tables and workers that change, finds nothing", async () => {
  const { code, report } = await soaked();
  assert.deepEqual(report.failures, []);
  assert.equal(code, 0);
  assert.ok(report.turns > 100 && report.course.restarts.made === 1);
});

test("what is planted at the upstream is all that is found, and fails the soak", async () => {
  const { code, report } = await soaked("--transport", "llhttp", "--plant", "lost");
  assert.equal(code, 1);
  const [first, ...stories] = report.failures;
  assert.match(first ?? "", /^lost: [1-9]/);
  assert.ok(stories.length > 0 && stories.every((story) => story.startsWith("  lost: ")));
});
