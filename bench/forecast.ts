// How good forecasts are: engines of many makes are measured at a low load in virtual time, forecast at one and a half to
// five times of it, and then run there. npm run bench:forecast -- [--quick] [--json] [--seeds N] [NAME]
import { parseArgs } from "node:util";
import { type Aim, engineForecast, KNEE, type LatencySpread, observationOf } from "@slipway/core";
import { SETTINGS } from "./forecast/settings.ts";
import { courseOf, type Setting, TICK_MS, type Truth } from "./forecast/world.ts";
import { thisMachine } from "./machine.ts";

const MULTIPLES = [1.5, 2, 3, 5] as const;
const MULTIPLES_QUICK = [2, 5] as const;
const TICKS_NOW = 30;
const TICKS_THEN = 12;
/** As widened before any forecast was scored. */
const WIDENED = 1.25;
const AIMS: readonly Aim[] = [
  { metric: "total", quantile: 0.99 },
  { metric: "ttft", quantile: 0.99 },
];
const SEQUENCES_MAX = 256;
const SEEDS = 5;

type Figures = {
  readonly setting: string;
  readonly multiple: number;
  readonly perSecond: number;
  /** Requests a second that an engine is said to serve. */
  readonly capacity: number;
  readonly beyondKnee: boolean;
  /** Share of the requests at that load that were answered within a minute after it. */
  readonly served: number;
  /** Of the processor, that the forecast took. */
  readonly cpuMs: number;
  readonly total: Held;
  readonly ttft: Held;
};

type Held = {
  readonly toldMs: number | null;
  readonly actualMs: number | null;
  /** log(actual ÷ told). */
  readonly logError: number | null;
  readonly covered: boolean | null;
};

function held(spread: LatencySpread | null, actual: number): Held {
  const actualMs = Number.isFinite(actual) ? actual : null;
  if (spread === null) return { toldMs: null, actualMs, logError: null, covered: null };
  const { lowMs, medianMs, highMs } = spread;
  return {
    toldMs: medianMs,
    actualMs,
    logError: actualMs === null ? null : Math.log(actualMs / medianMs),
    covered: actual >= lowMs / WIDENED && actual <= highMs * WIDENED,
  };
}

function figuresOf(
  setting: Setting,
  multiples: readonly number[],
  seed: number,
): readonly Figures[] {
  const { name, engines, perSecond } = setting;
  const course = courseOf(setting, perSecond, TICKS_NOW, 2 * seed - 1);
  const policy = { evidence: { tickMs: TICK_MS } };
  const seen = observationOf(course.ticks, { stageTable: 1, policy });
  return multiples.map((multiple) => {
    const next = (multiple * perSecond) / 1000;
    const load = {
      engines,
      perUpstream: 1,
      now: perSecond / 1000,
      next,
      sequencesMax: SEQUENCES_MAX,
    };
    const from = process.cpuUsage().user;
    const made = engineForecast(seen, load, AIMS, 6 + seed);
    const cpuMs = (process.cpuUsage().user - from) / 1_000;
    const truth: Truth = courseOf(setting, multiple * perSecond, TICKS_THEN, 2 * seed).truth;
    return {
      setting: name,
      multiple,
      perSecond: multiple * perSecond,
      capacity: made.capacity * 1000,
      beyondKnee: next > KNEE * made.capacity,
      served: truth.served,
      cpuMs,
      total: held(made.at[0] ?? null, truth.p99Ms),
      ttft: held(made.at[1] ?? null, truth.p99TtftMs),
    };
  });
}

/** How far off they were; what was told to be beyond the knee has no number to be off. */
function summaryOf(figures: readonly Figures[], of: "total" | "ttft"): object {
  const told = figures.flatMap((one) => (one[of].toldMs === null ? [] : [one[of]]));
  const errors = told.flatMap(({ logError }) => (logError === null ? [] : [Math.abs(logError)]));
  const sorted = errors.sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
  const share = (n: number): number => Math.round((1000 * n) / told.length) / 10;
  const percent = (log: number): number => Math.round(100 * (Math.exp(log) - 1));
  return {
    told: told.length,
    medianErrorPercent: percent(at(0.5)),
    p90ErrorPercent: percent(at(0.9)),
    worstErrorPercent: percent(at(1)),
    coveredPercent: share(told.filter(({ covered }) => covered === true).length),
  };
}

function line(one: Figures): string {
  const text = ({ toldMs, actualMs, covered }: Held): string => {
    const actual = actualMs === null ? "never" : `${Math.round(actualMs)}`;
    const told = toldMs === null ? "knee" : `${Math.round(toldMs)}`;
    return `${actual.padStart(7)} ${told.padStart(7)} ${covered === false ? "out" : "   "}`;
  };
  return [
    one.setting.padEnd(30),
    `${one.multiple}x`.padStart(5),
    one.perSecond.toFixed(2).padStart(7),
    one.capacity.toFixed(2).padStart(7),
    text(one.total),
    text(one.ttft),
  ].join("  ");
}

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    /** Samples of each engine, and runs of it at the other loads. */
    seeds: { type: "string" },
  },
  allowPositionals: true,
});
const chosen = SETTINGS.filter(({ name }) => positionals.every((part) => name.includes(part)));
const multiples = values.quick === true ? MULTIPLES_QUICK : MULTIPLES;
const seeds = Number(values.seeds ?? (values.quick === true ? 1 : SEEDS));
const figures: Figures[] = [];
const say = (text: string): boolean => values.json === true || process.stdout.write(`${text}\n`);
say(
  "P99 in ms, actual and told, of the whole answer and of the first token; out: outside its interval",
);
for (const setting of chosen) {
  for (let seed = 1; seed <= seeds; seed++) {
    for (const one of figuresOf(setting, multiples, seed)) {
      figures.push(one);
      say(line(one));
    }
  }
}
const cpu = figures.map(({ cpuMs }) => cpuMs).sort((a, b) => a - b);
const summary = {
  total: summaryOf(figures, "total"),
  ttft: summaryOf(figures, "ttft"),
  medianCpuMs: Math.round(cpu[cpu.length >> 1] ?? 0),
};
if (values.json === true) {
  process.stdout.write(`${JSON.stringify({ machine: thisMachine(), figures, summary })}\n`);
} else say(JSON.stringify(summary, null, 2));
