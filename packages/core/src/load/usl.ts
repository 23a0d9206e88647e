// The universal scalability law: throughput X(N) = λN ÷ (1 + σ(N−1) + κN(N−1)) with N in flight at once, for services of
// which nothing is known but how many requests they had and how long those took.
//
// Source: N. Gunther, Guerrilla Capacity Planning, 2007; fitted by Gauss-Newton with halved steps.

import { type Equation, leastSquares } from "../statistics/least-squares.ts";

export type Scalability = {
  /** Throughput of one at a time. */
  readonly lambda: number;
  /** Share of the work that waits for its turn. */
  readonly sigma: number;
  /** What it costs to agree with every other. */
  readonly kappa: number;
};

export type LoadStep = { readonly inFlight: number; readonly throughput: number };

/** Steps of different load that a fit needs at least. */
export const STEPS_MIN = 6;
const ROUNDS_MAX = 200;
const HALVINGS_MAX = 20;
const ENOUGH = 1e-12;

export function throughputAt({ lambda, sigma, kappa }: Scalability, n: number): number {
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

/** The concurrency with the most throughput; infinite where more always helps. */
export function peakOf({ sigma, kappa }: Scalability): number {
  return kappa > 0 ? Math.sqrt(Math.max(0, 1 - sigma) / kappa) : Number.POSITIVE_INFINITY;
}

/** Null with fewer steps than it takes to tell three coefficients. */
export function scalabilityOf(steps: readonly LoadStep[]): Scalability | null {
  if (steps.length < STEPS_MIN) return null;
  let at = started(steps);
  let error = errorOf(at, steps);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const next = improved(at, error, steps);
    if (next === null) return at;
    const gained = error - next.error;
    [at, error] = [next.at, next.error];
    if (gained < ENOUGH * (error + ENOUGH)) return at;
  }
  return at;
}

/** N ÷ X is a polynomial of N−1: good enough to begin with, though it weighs the small steps too much. */
function started(steps: readonly LoadStep[]): Scalability {
  const [base = 1, linear = 0, square = 0] = leastSquares(
    steps.map(({ inFlight: n, throughput }) => ({
      x: [1, n - 1, n * (n - 1)],
      y: n / throughput,
      weight: (throughput / n) ** 2,
    })),
  );
  const unit = Math.max(1e-12, base);
  return {
    lambda: 1 / unit,
    sigma: Math.min(0.999, Math.max(0, linear / unit)),
    kappa: Math.max(0, square / unit),
  };
}

function improved(
  at: Scalability,
  error: number,
  steps: readonly LoadStep[],
): { readonly at: Scalability; readonly error: number } | null {
  const [lambda = 0, sigma = 0, kappa = 0] = leastSquares(steps.map((step) => tangent(at, step)));
  for (let part = 1, i = 0; i < HALVINGS_MAX; i++, part /= 2) {
    const next = {
      lambda: Math.max(1e-12, at.lambda + part * lambda),
      sigma: Math.min(0.999, Math.max(0, at.sigma + part * sigma)),
      kappa: Math.max(0, at.kappa + part * kappa),
    };
    const nextError = errorOf(next, steps);
    if (nextError < error) return { at: next, error: nextError };
  }
  return null;
}

function tangent(at: Scalability, { inFlight: n, throughput }: LoadStep): Equation {
  const divisor = 1 + at.sigma * (n - 1) + at.kappa * n * (n - 1);
  const value = (at.lambda * n) / divisor;
  const x = [n / divisor, (-value * (n - 1)) / divisor, (-value * n * (n - 1)) / divisor];
  return { x, y: throughput - value, weight: 1 };
}

function errorOf(at: Scalability, steps: readonly LoadStep[]): number {
  return steps.reduce(
    (sum, { inFlight, throughput }) => sum + (throughput - throughputAt(at, inFlight)) ** 2,
    0,
  );
}
