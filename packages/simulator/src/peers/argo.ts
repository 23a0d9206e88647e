// Argo Rollouts' rule: a weight is set and held for a time while an analysis measures in the background; one failed
// measurement too many aborts.
//
// As its controller does it (argoproj/argo-rollouts, analysis/): measurements are judged one by one, failures are
// counted in all and not in a row, and 0/0 from a query without traffic fails a success condition.
import { errorRateOf, p99MsOf, together } from "./arm-minute.ts";
import type { ArmMinute, Minute, Rule } from "./rule.ts";

export type ArgoSettings = {
  readonly name: string;
  /** `pause: {duration}` after each weight. */
  readonly pauseMinutes: number;
  readonly intervalMinutes: number;
  /** How far back each query looks. */
  readonly lookbackMinutes: number;
  /** More failed measurements than this, over the whole rollout, abort. */
  readonly failureLimit: number;
  readonly condition: ArgoCondition;
};

/** When a measurement succeeds: against fixed limits, or against the stable arm in the same query. */
export type ArgoCondition =
  | { readonly kind: "fixed"; readonly errorRateMax: number; readonly p99MsMax: number }
  | {
      readonly kind: "relative";
      /** In shares of requests. */
      readonly errorDifferenceMax: number;
      readonly p99RatioMax: number;
    };

export function argo(settings: ArgoSettings): Rule {
  const { pauseMinutes, intervalMinutes, lookbackMinutes, failureLimit, condition } = settings;
  return {
    name: settings.name,
    settings:
      `pause ${pauseMinutes}m a step, interval ${intervalMinutes}m over the last ${lookbackMinutes}m, ` +
      `failureLimit ${failureLimit}, ${conditionText(condition)}`,
    begin: () => {
      const analysis = new BackgroundAnalysis(settings);
      let at = { stage: -1, minutes: 0 };
      return (minute, stage) => {
        at = { stage, minutes: at.stage === stage ? at.minutes + 1 : 1 };
        if (analysis.fails(minute)) return "roll-back";
        return at.minutes >= pauseMinutes ? "advance" : "hold";
      };
    },
  };
}

/** Runs from the first step to the last, across all weights. */
class BackgroundAnalysis {
  readonly #settings: ArgoSettings;
  readonly #seen: Minute[] = [];
  #minutes = 0;
  #failures = 0;

  constructor(settings: ArgoSettings) {
    this.#settings = settings;
  }

  /** Whether this minute's measurement, where it is time for one, was one failure too many. */
  fails(minute: Minute): boolean {
    const { condition, failureLimit, intervalMinutes, lookbackMinutes } = this.#settings;
    this.#seen.push(minute);
    if (this.#seen.length > lookbackMinutes) this.#seen.shift();
    this.#minutes++;
    if (this.#minutes % intervalMinutes === 0 && !succeeds(condition, this.#seen)) this.#failures++;
    return this.#failures > failureLimit;
  }
}

function succeeds(condition: ArgoCondition, minutes: readonly Minute[]): boolean {
  const candidate = measured(together(minutes.map((minute) => minute.candidate)));
  if (candidate === null) return false;
  if (condition.kind === "fixed") {
    return candidate.errorRate <= condition.errorRateMax && candidate.p99Ms <= condition.p99MsMax;
  }
  const stable = measured(together(minutes.map((minute) => minute.stable)));
  if (stable === null) return false;
  return (
    candidate.errorRate - stable.errorRate <= condition.errorDifferenceMax &&
    candidate.p99Ms <= condition.p99RatioMax * stable.p99Ms
  );
}

function measured(arm: ArmMinute): { errorRate: number; p99Ms: number } | null {
  const errorRate = errorRateOf(arm);
  const p99Ms = p99MsOf(arm);
  return errorRate === null || p99Ms === null ? null : { errorRate, p99Ms };
}

function conditionText(condition: ArgoCondition): string {
  return condition.kind === "fixed"
    ? `errors at most ${condition.errorRateMax * 100}%, P99 at most ${Math.round(condition.p99MsMax)} ms`
    : `errors at most ${condition.errorDifferenceMax * 100} points above stable's, P99 at most ${condition.p99RatioMax}x stable's`;
}
