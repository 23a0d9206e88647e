// Shrinking a world that breaks a promise, and the commands that run worlds: what they print can be run.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  commandOf,
  planOf,
  type Reduction,
  reducedPlan,
  shrunk,
  troublesOf,
  WHOLE,
} from "@slipway/simulator";

function ran(name: string, args: readonly string[]): Promise<{ code: number; out: string }> {
  const script = fileURLToPath(new URL(`../src/edge/${name}.ts`, import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--conditions=@slipway/source", script, ...args],
      (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, out: `${stdout}${stderr}${child.signalCode ?? ""}` }),
    );
  });
}

/** A seed whose world has several gateways and many troubles. */
const RICH = Array.from({ length: 100 }, (_, seed) => seed).find((seed) => {
  const plan = planOf(seed);
  return plan.gateways === 3 && plan.workersPerGateway === 2 && troublesOf(plan).length > 12;
});

async function shrunkBy(fails: (reduction: Reduction) => boolean, triesMax = 1_000) {
  const seed = RICH ?? assert.fail("no such seed");
  let tries = 0;
  const least = await shrunk({
    seed,
    from: WHOLE,
    brokenAfterMs: 5_000,
    fails: (reduction) => Promise.resolve(fails(reduction)),
    isOver: () => tries++ >= triesMax,
  });
  return { seed, least, plan: reducedPlan(seed, least) };
}

test("what a broken promise does not need is left out, and what it needs stays", async () => {
  const [needed = ""] = troublesOf(planOf(RICH ?? 0)).slice(3);
  const { least, plan } = await shrunkBy(
    ({ without, faultsMs, gateways }) =>
      !without.includes(needed) && (faultsMs ?? 60_000) >= 3_000 && (gateways ?? 3) >= 2,
  );
  assert.deepEqual(troublesOf(plan), [needed]);
  assert.deepEqual([plan.gateways, plan.workersPerGateway], [2, 1]);
  assert.ok(plan.faultsMs >= 3_000 && plan.faultsMs <= 5_500, String(plan.faultsMs));
  assert.equal(least.plant, null);
});

test("a world that breaks its promise only as a whole stays as it is", async () => {
  const { least } = await shrunkBy((reduction) => reduction === WHOLE);
  assert.deepEqual(least, WHOLE);
});

test("shrinking ends when the time is over, with what it has", async () => {
  const { least } = await shrunkBy(() => true, 1);
  assert.deepEqual({ ...least, faultsMs: null }, WHOLE);
  assert.notEqual(least.faultsMs, null);
});

test("the command of a reduced world names all that makes it less", () => {
  const reduction = { without: ["partition", "drift"], faultsMs: 8_000, gateways: 1 };
  assert.equal(
    commandOf(7, { ...WHOLE, ...reduction, workersPerGateway: 2 }),
    "npm run world -- --seed 7 --without partition,drift --faults-ms 8000 --gateways 1 --workers 2",
  );
});

test("worlds with a planted bug fail the command, and the smaller one that it prints breaks the same promise", async () => {
  const { code, out } = await ran("worlds-main", [
    "--from",
    "2",
    "--to",
    "2",
    "--plant",
    "lost-rows",
  ]);
  assert.equal(code, 1, out);
  assert.match(
    out,
    /^seed 2: counting at .*\n {2}run it again: npm run world -- --seed 2 --plant/m,
  );
  assert.match(out, /0 of 1 worlds held/);
  const [, smaller = ""] = /smaller: npm run world -- (.*)/.exec(out) ?? [];
  const again = await ran("world-main", [...smaller.split(" "), "--quiet"]);
  assert.equal(again.code, 1, smaller);
  assert.match(again.out, /^ {2}counting at /m);
});

test("what the commands do not know they refuse, and say what they know", async () => {
  const without = await ran("world-main", ["--without", "weather"]);
  assert.equal(without.code, 2);
  assert.match(without.out, /knows no weather; it knows worker-crash, /);
  const from = await ran("worlds-main", ["--from", "x"]);
  assert.equal(from.code, 2);
  assert.match(from.out, /--from is a whole number from 0 on, not x/);
});
