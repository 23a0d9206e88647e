// How many tokens a request has, prompt and answer together: what memory is planned by.

import type { Lengths, RequestTokens } from "@slipway/core";

export function requestTokens(lengths: Lengths): RequestTokens {
  return lengths.kind === "drawn" ? drawnTokens(lengths) : recordedTokens(lengths.requests);
}

/** Mean and variance of a log-normal, from its median; prompts and answers are drawn each by themselves. */
function drawnTokens({
  promptTokens,
  outputTokens,
  spread,
}: Extract<Lengths, { kind: "drawn" }>): RequestTokens {
  const means = [promptTokens, outputTokens].map((median) => median * Math.exp(spread ** 2 / 2));
  const variance = means.reduce((sum, mean) => sum + mean ** 2 * Math.expm1(spread ** 2), 0);
  return { mean: means.reduce((sum, mean) => sum + mean, 0), deviation: Math.sqrt(variance) };
}

function recordedTokens(
  requests: Extract<Lengths, { kind: "recorded" }>["requests"],
): RequestTokens {
  const sums = requests.map(({ promptTokens, outputTokens }) => promptTokens + outputTokens);
  const n = Math.max(1, sums.length);
  const mean = sums.reduce((sum, tokens) => sum + tokens, 0) / n;
  const variance = sums.reduce((sum, tokens) => sum + (tokens - mean) ** 2, 0) / n;
  return { mean, deviation: Math.sqrt(variance) };
}
