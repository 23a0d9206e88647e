// What one setting came to, and the tables of all.
import type { Figure } from "@slipway/core";
import type { GateFinding } from "@slipway/preflight";
import type { Setting } from "../forecast/world.ts";
import { inVirtualTime } from "./gate-run.ts";
import { requestsOf, versionOf } from "./settings.ts";
import { trueCapacity, trueP99Ms } from "./truth.ts";

/** Of the true capacity: three times of it are still below the knee. */
const LOAD = 0.27;
/** Of the load that the gate was asked about. */
const AHEAD = [1.5, 3] as const;
const NO_LIMIT = { totalMsMax: 600_000, ttftMsMax: null, tpotMsMax: null } as const;

type Ahead = {
  readonly multiple: number;
  readonly perSecond: number;
  /** Null where it was told to be beyond the knee, or nothing was told. */
  readonly toldMs: number | null;
  readonly lowMs: number | null;
  readonly highMs: number | null;
  readonly actualMs: number;
};

export type Figures = {
  readonly setting: string;
  readonly outcome: string;
  readonly because: string;
  readonly requests: number;
  readonly trueCapacity: number;
  /** Seen when it was full; null where the gate saw none. */
  readonly measured: number | null;
  /** By the model alone. */
  readonly fitted: number | null;
  readonly ahead: readonly Ahead[];
};

export async function figuresOf(setting: Setting, stepMs: number, seed: number): Promise<Figures> {
  const requests = requestsOf(setting, seed);
  const capacity = trueCapacity(setting, requests, seed + 1);
  const perSecond = LOAD * capacity;
  const run = { perSecond, requests, stepMs, lagMsMax: 100, limits: NO_LIMIT };
  const finding = await inVirtualTime(versionOf(setting), run, seed + 2);
  const value = (name: string): number | null =>
    figureOf(finding, name, "a replica")?.value ?? null;
  return {
    setting: setting.name,
    outcome: finding.outcome,
    because: finding.because,
    requests: requestsIn(finding),
    trueCapacity: capacity,
    measured: value("capacity"),
    fitted: value("capacity by the model"),
    ahead: AHEAD.map((multiple): Ahead => {
      const told = figureOf(finding, "P99 latency by the model", `${100 * multiple}%`);
      const at = multiple * perSecond;
      return {
        multiple,
        perSecond: at,
        toldMs: told?.value ?? null,
        lowMs: told?.interval?.[0] ?? null,
        highMs: told?.interval?.[1] ?? null,
        actualMs: trueP99Ms(setting, requests, at, seed + 3),
      };
    }),
  };
}

function figureOf({ figures }: GateFinding, name: string, of: string | null): Figure | undefined {
  return figures.find((figure) => figure.name === name && figure.of === of);
}

function requestsIn({ details }: GateFinding): number {
  const found = Object(details)["requests"];
  return typeof found === "number" ? found : 0;
}

/** 1.034 → "+3.4%". */
export function offText(ratio: number | null): string {
  if (ratio === null) return "–";
  const percent = 100 * (ratio - 1);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(1)}%`;
}

export function tableOf(all: readonly Figures[]): string {
  const heads = AHEAD.map((multiple) => `P99 at ${multiple}x, told | is | off |`).join(" ");
  const rows = all.map((one) => {
    const off = (value: number | null): string =>
      offText(value === null ? null : value / one.trueCapacity);
    const ahead = one.ahead.map(({ toldMs, actualMs }) => {
      const told = toldMs === null ? "beyond knee" : secondsText(toldMs);
      return `${told} | ${secondsText(actualMs)} | ${offText(toldMs === null ? null : toldMs / actualMs)}`;
    });
    const capacity = `${one.trueCapacity.toFixed(2)}/s | ${one.measured?.toFixed(2) ?? "–"}/s | ${off(one.measured)} | ${off(one.fitted)}`;
    return `| ${one.setting} | ${capacity} | ${ahead.join(" | ")} |`;
  });
  return [
    `| engine | capacity | measured | off | by the model alone | ${heads}`,
    `|---|---|---|---|---|${AHEAD.map(() => "---|---|---|").join("")}`,
    ...rows,
  ].join("\n");
}

function secondsText(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(2)} s` : "never";
}

export type Summary = {
  readonly settings: number;
  readonly within10Percent: number;
  readonly worstCapacityPercent: number;
  readonly told: number;
  readonly medianErrorPercent: number;
  readonly worstErrorPercent: number;
  readonly inInterval: number;
};

export function summaryOf(all: readonly Figures[]): Summary {
  const off = all.map(({ measured, trueCapacity: truth }) =>
    measured === null ? Number.POSITIVE_INFINITY : Math.abs(measured / truth - 1),
  );
  const told = all
    .flatMap(({ ahead }) => ahead)
    .filter(({ toldMs, actualMs }) => toldMs !== null && Number.isFinite(actualMs));
  const errors = told
    .map(
      ({ toldMs, actualMs }) => Math.exp(Math.abs(Math.log((toldMs ?? actualMs) / actualMs))) - 1,
    )
    .sort((a, b) => a - b);
  const percent = (share: number): number => Math.round(1_000 * share) / 10;
  return {
    settings: all.length,
    within10Percent: off.filter((one) => one <= 0.1).length,
    worstCapacityPercent: percent(Math.max(0, ...off)),
    told: told.length,
    medianErrorPercent: percent(errors[errors.length >> 1] ?? 0),
    worstErrorPercent: percent(errors.at(-1) ?? 0),
    inInterval: told.filter(
      ({ lowMs, highMs, actualMs }) => actualMs >= (lowMs ?? 0) && actualMs <= (highMs ?? 0),
    ).length,
  };
}
