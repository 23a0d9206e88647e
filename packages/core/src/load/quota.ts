// What a provider's limits say of the next stage: a hosted version has no knee to be found, and a quota that is used up.

/** The limits of a pool, all gateways together; null where there is none, or nobody knows it. */
export type PoolLimit = {
  readonly pool: string;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  /** Whether slipway.yaml says so, or the provider's answers do. */
  readonly source: "declared" | "told";
};

/** What a worker was told by a provider. */
export type ToldLimit = Omit<PoolLimit, "source">;

export type QuotaForecast = {
  readonly pool: string;
  readonly unit: "requests" | "tokens";
  readonly source: PoolLimit["source"];
  /** A minute: what the next stage will want, and what there is. */
  readonly needed: number;
  readonly limit: number;
  readonly verdict: "pass" | "fail";
};

/** What goes into a pool at the next stage. */
export type Demand = {
  readonly pool: string;
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
};

/** Traffic is never even: above this share of a quota some minutes would be over it. */
const QUOTA_USED_MAX = 0.9;

export function quotaForecasts(
  demands: readonly Demand[],
  limits: readonly PoolLimit[],
): readonly QuotaForecast[] {
  return demands.flatMap((demand) =>
    limits
      .filter(({ pool }) => pool === demand.pool)
      .flatMap((limit) => [
        ...judged(limit, "requests", demand.requestsPerMinute, limit.requestsPerMinute),
        ...judged(limit, "tokens", demand.tokensPerMinute, limit.tokensPerMinute),
      ]),
  );
}

function judged(
  { pool, source }: PoolLimit,
  unit: QuotaForecast["unit"],
  needed: number,
  limit: number | null,
): readonly QuotaForecast[] {
  if (limit === null) return [];
  const verdict = needed > QUOTA_USED_MAX * limit ? "fail" : "pass";
  return [{ pool, unit, source, needed, limit, verdict }];
}
