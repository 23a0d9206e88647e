// Forecasts of a count-world's rollout, made when a controller would make them, from the ticks of its stage.
import {
  type Evidence,
  type Forecast,
  forecast,
  isForecastDue,
  type PoolLimit,
  type Rollout,
  TICKS_OBSERVED_MAX,
  type Tick,
  type Upstream,
} from "@slipway/core";
import type { Scenario } from "../scenario/scenario.ts";

/** What both versions share, where a quota is on both. */
const SHARED_POOL = "shared";

export class Forecaster {
  readonly #upstreams: readonly Upstream[];
  readonly #limits: readonly PoolLimit[];
  readonly #ticks: Tick[] = [];
  #asked: { readonly stageTable: number; readonly atMs: number } | null = null;

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

  absorbed(tick: Tick): void {
    this.#ticks.push(tick);
    if (this.#ticks.length > TICKS_OBSERVED_MAX) this.#ticks.shift();
  }

  /** Null while none is due. */
  next(rollout: Rollout, evidence: Evidence, nowMs: number): Forecast | null {
    const { stageTable, phase, policy } = rollout;
    const askedAtMs = this.#asked?.stageTable === stageTable ? this.#asked.atMs : null;
    if (!isForecastDue(rollout, evidence, askedAtMs, nowMs)) return null;
    this.#asked = { stageTable, atMs: nowMs };
    const confirmedAtMs = phase.kind === "stage" ? (phase.confirmedAtMs ?? 0) : 0;
    const begun = Math.floor(confirmedAtMs / policy.evidence.tickMs);
    return forecast({
      rollout,
      ticks: this.#ticks.filter(({ tick }) => tick >= begun),
      upstreams: this.#upstreams,
      stablePools: this.#limits.map(({ pool }) => pool),
      limits: this.#limits,
      logErrors: [],
    });
  }
}
