// How trends and the split decide: how often they are wrong of what is well, and how soon they find what is not, beside
// the figures that they were designed from. Simulated on counts: npm run bench:trends -- [--quick] [--json]
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import type { Policy, TrendLook } from "@slipway/core";
import { loadConfig } from "@slipway/wire/config";
import { thisMachine } from "./machine.ts";
import {
  type Leak,
  leakLooks,
  rolloutAt,
  type Sending,
  slowerLooks,
  splitCourse,
  trueExhaustionMs,
} from "./trends/worlds.ts";

const SEEDS = { trends: 400, splits: 1_000 };
const SEEDS_QUICK = { trends: 10, splits: 10 };
const HOURS = 16;
const MINUTES = 240;
const SHARE = 0.05;
const CONFIG = `
models:
  m:
    stable: a
    versions: {a: {upstreams: [{url: "http://127.0.0.1:1/v1"}]}}
`;

function defaultPolicy(): Policy {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const loaded = loadConfig({ file: "defaults", text: CONFIG, sha256, isSet: null });
  const policy = loaded.ok ? loaded.models[0]?.policy : undefined;
  if (policy === undefined) throw new Error("the default policy cannot be read");
  return policy;
}

type Figures = { readonly name: string; readonly found: string; readonly reference: string };

function percent(part: number, of: number): string {
  return `${Math.round((1_000 * part) / of) / 10}%`;
}

function medianOf(values: readonly number[], q = 0.5): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(q * values.length)] ?? null;
}

/** By which look of a stage it had broken, and how its time to exhaustion compares with the truth at the last one. */
function trendFigures(
  name: string,
  looksOf: (seed: number) => readonly TrendLook[],
  seeds: number,
  reference: string,
  truth: ((look: TrendLook) => number) | null = null,
): Figures {
  const runs = Array.from({ length: seeds }, (_, index) => looksOf(index + 1));
  const by = [2, 4, 8, 16].map((hours) => {
    const broken = runs.filter((looks) =>
      looks.some(({ isBroken, lengthMs }) => isBroken && lengthMs <= hours * 3_600_000),
    );
    return `${hours} h ${percent(broken.length, seeds)}`;
  });
  const ratios = runs.flatMap((looks) => {
    const last = looks.findLast(({ isBroken }) => isBroken);
    if (truth === null || last === undefined) return [];
    // The slope itself, not its upper end, is what is compared with the truth.
    return [(((last.limit - last.current) / last.slope) * 3_600_000) / truth(last)];
  });
  const exhaustion =
    ratios.length === 0
      ? ""
      : `; exhaustion ${medianOf(ratios)?.toFixed(2)} of the truth (${medianOf(ratios, 0.05)?.toFixed(2)} to ${medianOf(ratios, 0.95)?.toFixed(2)})`;
  return { name, found: `${by.join(", ")}${exhaustion}`, reference };
}

function splitFigures(
  name: string,
  policy: Policy,
  sending: Sending,
  seeds: number,
  reference: string,
): Figures {
  const rollout = rolloutAt(policy, SHARE * 100, 60_000);
  const runs = Array.from({ length: seeds }, (_, index) =>
    splitCourse(rollout, SHARE, sending, MINUTES, index + 1),
  );
  const found = runs.flatMap(({ foundMinutes }) => (foundMinutes === null ? [] : [foundMinutes]));
  const plain = runs.filter(({ plainMinutes }) => plainMinutes !== null).length;
  const all = [...found, ...new Array<number>(seeds - found.length).fill(Number.POSITIVE_INFINITY)];
  const delay = `median ${medianOf(all)} min, p90 ${medianOf(all, 0.9)}`;
  const beside =
    sending.users === null ? "" : `; were requests independent ${percent(plain, seeds)}`;
  return { name, found: `${percent(found.length, seeds)} in 4 h, ${delay}${beside}`, reference };
}

function figures(policy: Policy, seeds: typeof SEEDS): readonly Figures[] {
  const hourly = rolloutAt(policy, 20, 600_000);
  const leak = (name: string, found: Leak, reference: string): Figures =>
    trendFigures(
      name,
      (seed) => leakLooks(hourly, found, HOURS, seed),
      seeds.trends,
      reference,
      found.perMinute === 0 ? null : (look) => trueExhaustionMs(look, found),
    );
  const slower = (name: string, perHour: number): Figures =>
    trendFigures(name, (seed) => slowerLooks(hourly, perHour, HOURS, seed), seeds.trends, "–");
  const split = (name: string, sending: Partial<Sending>, reference: string): Figures => {
    const well = { perMinute: 1_000, arrives: 1, completes: 0.995, users: null };
    return splitFigures(name, policy, { ...well, ...sending }, seeds.splits, reference);
  };
  return [
    leak("no leak, against stable", { perMinute: 0, isPaired: true }, "0.3% alarms"),
    leak("no leak, alone", { perMinute: 0, isPaired: false }, "0.3% alarms"),
    leak(
      "0.5 MiB a minute, against stable",
      { perMinute: 0.5, isPaired: true },
      "at 8 h; 0.89 to 1.01",
    ),
    leak(
      "1 MiB a minute, against stable",
      { perMinute: 1, isPaired: true },
      "at 8 h; 0.89 to 1.01",
    ),
    leak(
      "2 MiB a minute, against stable",
      { perMinute: 2, isPaired: true },
      "at 4 h; 0.89 to 1.01",
    ),
    leak("2 MiB a minute, alone", { perMinute: 2, isPaired: false }, "at 4 h; 0.89 to 1.01"),
    slower("as fast as stable, through a day", 0),
    slower("10 ms slower every hour", 10),
    split("split as planned", {}, "A/A at most 0.1%"),
    split("canary loses a tenth", { arrives: 0.9 }, "median 34 min, p90 58"),
    split("canary completes nine in ten", { completes: 0.9 }, "–"),
    split("split as planned, 500 users", { users: 500 }, "–"),
    split("split as planned, 5,000 users", { users: 5_000 }, "–"),
    split("canary loses three in ten, 20,000 users", { arrives: 0.7, users: 20_000 }, "–"),
  ];
}

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, json: { type: "boolean" } },
});
const seeds = values.quick === true ? SEEDS_QUICK : SEEDS;
const all = figures(defaultPolicy(), seeds);
if (values.json === true) {
  process.stdout.write(
    `${JSON.stringify({ machine: thisMachine(), seeds, figures: all }, null, 2)}\n`,
  );
} else {
  process.stdout.write(`${seeds.trends} and ${seeds.splits} seeds each\n`);
  for (const { name, found, reference } of all) {
    process.stdout.write(`${name.padEnd(40)} ${found}\n${" ".repeat(41)}reference: ${reference}\n`);
  }
}
