// The rollouts whose ticks are measured: what a team that configures nothing has, and a large one.
import type { Policy } from "@slipway/core";
import { policyOf } from "../default-policy.ts";
import type { Traffic } from "./drawn-rows.ts";

export type DecideCase = {
  readonly name: string;
  readonly policy: Policy;
  readonly traffic: Traffic;
};

const SEGMENTS = "      segments: {language: {header: x-language}, client: {header: x-client}}\n";
const QUANTILES: readonly number[] = [0.5, 0.9, 0.95, 0.99];
const RATIOS: readonly number[] = [1, 1.25, 1.5, 2];

/** Twelve of latencies, eight of errors. */
function twentyGuards(): string {
  const latencies = ["latency", "ttft", "tpot"].flatMap((metric) =>
    QUANTILES.map((quantile) => {
      const name = `${metric}-${quantile}`;
      return `        ${name}: {metric: ${metric}, quantile: ${quantile}, ratio: 2, action: block}\n`;
    }),
  );
  const errors = RATIOS.flatMap((ratio) => [
    `        errors-${ratio}: {metric: errors, ratio: ${ratio}}\n`,
    `        errors-${ratio}-soon: {metric: errors, ratio: ${ratio}, window: 1m, action: warn}\n`,
  ]);
  return `      guards:\n${[...latencies, ...errors].join("")}`;
}

export function decideCases(): readonly DecideCase[] {
  return [
    {
      name: "default policy, 6 segments",
      policy: policyOf(SEGMENTS),
      traffic: { segments: 6, requests: 167, share: 0.25, users: 5_000 },
    },
    {
      name: "20 guards, 50 segments",
      policy: policyOf(`${SEGMENTS}${twentyGuards()}`),
      traffic: { segments: 50, requests: 2_000, share: 0.25, users: 50_000 },
    },
  ];
}
