// Forecasts of a count-world's rollout, from the ticks of its stage: due when a controller would make them.
import {
  type Evidence,
  type Forecast,
  forecast,
  isForecastDue,
  type ObservedTick,
  observedOf,
  type PoolLimit,
  type Rollout,
  stageAhead,
  TICKS_OBSERVED_MAX,
  type Tick,
  type Upstream,
} from "@slipway/core";
import type { Scenario } from "../scenario/scenario.ts";

/** What both versions share, where a quota is on both. */
const SHARED_POOL = "shared";

/** When a stage's forecast was due last, and the newest tick that there was. */
type Due = { readonly stageTable: number; readonly atMs: number; readonly upToTick: number };

export class Forecaster {
  readonly #upstreams: readonly Upstream[];
  readonly #limits: readonly PoolLimit[];
  readonly #ticks: ObservedTick[] = [];
  #due: Due | null = null;
  #isMade = false;

  constructor({ candidate, faults }: Scenario) {
    // As many as there are: a version's replicas are upstreams of their own in evidence.
    this.#upstreams = Array.from({ length: candidate.replicas }, (_, replica) => ({
      id: `candidate-${replica}`,
      url: "http://candidate.test/v1",
      model: candidate.model,
      keyEnv: null,
      pool: SHARED_POOL,
      inFlightMax: 1_000,
      concurrency: "fixed",
      replicas: 1,
    }));
    this.#limits = faults.flatMap(({ fault }) =>
      fault.kind === "quota"
        ? [
            {
              pool: SHARED_POOL,
              requestsPerMinute: fault.requestsPerMinute,
              tokensPerMinute: fault.tokensPerMinute,
              source: "declared",
            },
          ]
        : [],
    );
  }

  /** Of the last stage, which has none ahead, nothing is kept. */
  absorbed(tick: Tick, rollout: Rollout): void {
    if (stageAhead(rollout) === null) {
      this.#ticks.length = 0;
      return;
    }
    this.#ticks.push(observedOf(tick));
    if (this.#ticks.length > TICKS_OBSERVED_MAX) this.#ticks.shift();
  }

  /** Whether one is due that is not made yet. Asked once a tick: it is then that one comes due. */
  isDue(rollout: Rollout, evidence: Evidence, nowMs: number): boolean {
    const { stageTable } = rollout;
    const own = this.#due?.stageTable === stageTable ? this.#due : null;
    if (isForecastDue(rollout, evidence, own?.atMs ?? null, nowMs)) {
      this.#due = { stageTable, atMs: nowMs, upToTick: this.#ticks.at(-1)?.tick ?? -1 };
      this.#isMade = false;
    }
    return this.#due?.stageTable === stageTable && !this.#isMade;
  }

  /** The one that is due, from the ticks that there were when it came due. */
  made(rollout: Rollout, depth: "whole" | "verdict"): Forecast {
    const { phase, policy } = rollout;
    const upToTick = this.#due?.upToTick ?? -1;
    this.#isMade = true;
    const confirmedAtMs = phase.kind === "stage" ? (phase.confirmedAtMs ?? 0) : 0;
    const begun = Math.floor(confirmedAtMs / policy.evidence.tickMs);
    const ask = {
      rollout,
      ticks: this.#ticks.filter(({ tick }) => tick >= begun && tick <= upToTick),
      upstreams: this.#upstreams,
      stablePools: this.#limits.map(({ pool }) => pool),
      limits: this.#limits,
      logErrors: [],
    };
    return forecast(ask, depth);
  }
}
