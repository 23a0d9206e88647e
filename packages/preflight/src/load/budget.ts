// What a run of load may cost at somebody else's servers, said before anything is sent.

import { type DueShot, moneyText, type Prices } from "@slipway/core";
import type { LoadBudget } from "@slipway/wire/config";

export type LoadTokens = { readonly input: number; readonly output: number };

/** Why a schedule may not be sent; null where it may. */
export function overBudget(
  schedule: readonly DueShot[],
  budget: LoadBudget | null,
  prices: Prices | undefined,
  isHosted: boolean,
): string | null {
  const input = schedule.reduce((sum, { promptTokens }) => sum + promptTokens, 0);
  const output = schedule.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
  return tokensOverBudget({ input, output }, budget, prices, isHosted);
}

/** The same of a load of which only the tokens are known. */
export function tokensOverBudget(
  { input, output }: LoadTokens,
  budget: LoadBudget | null,
  prices: Prices | undefined,
  isHosted: boolean,
): string | null {
  if (budget === null) {
    return isHosted
      ? "a provider serves this version, and no budget says what the load may use: write budget: with tokens-max or dollars-max under this gate, or replicas at its upstreams where the engines are your own"
      : null;
  }
  const { tokens, dollars } = budget;
  if (tokens !== null && input + output > tokens) {
    return `the load would use ${countText(input + output)} tokens, and the budget is ${countText(tokens)}: raise it, or make the steps shorter`;
  }
  if (dollars === null) return null;
  if (prices === undefined) {
    return "the budget is in dollars, and nobody said what tokens cost: write prices under the version";
  }
  const cost = (input * prices.input + output * prices.output) / 1e6;
  if (cost <= dollars) return null;
  return `the load would cost ${moneyText(cost)}, and the budget is ${moneyText(dollars)}: raise it, or make the steps shorter`;
}

function countText(tokens: number): string {
  return Math.round(tokens).toLocaleString("en-US");
}
