// How often the fast trip is wrong, and how soon it is right. Both follow from a walk that goes up with probability p,
// down with 1-p, and stays at zero where it would go below.

/**
 * At most this chance that a rollout with so many candidate requests ever trips, over all workers, where each request fails
 * hard with a chance of at most `rate` < 1/2, whatever happened to those before it.
 *
 * From any request on, the walk without its floor has ((1-p)/p)^position as a supermartingale, so it ever reaches `failures`
 * with a chance of at most (p/(1-p))^failures (Ville's inequality; for independent requests this is the gambler's ruin,
 * Feller, An Introduction to Probability Theory, vol. 1, XIV.2). A trip needs one request from which it does, and the sum
 * over requests is the same however they are spread over workers and over time. Requests that are still open count as
 * answered, so the walk in order of arrival is never below what the rule sees.
 */
export function falseTripsMax(rate: number, requests: number, failures: number): number {
  if (rate >= 0.5) return 1;
  return Math.min(1, requests * (rate / (1 - rate)) ** failures);
}

/**
 * Requests of the candidate at one worker until it trips, on average, when each fails with a chance of `rate` > 0 and no
 * user repeats: the mean time of a walk reflected at zero to reach a height (Feller, vol. 1, XIV.3).
 */
export function requestsToTrip(rate: number, failures: number): number {
  const drift = 2 * rate - 1;
  if (Math.abs(drift) < 1e-9) return failures * (failures + 1);
  const ratio = (1 - rate) / rate;
  return failures / drift - ((1 - rate) / drift ** 2) * (1 - ratio ** failures);
}
