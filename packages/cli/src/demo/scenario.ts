// The stories that the demo can tell: which versions serve, and by which policy the candidate is rolled out. Times are
// those of a demo: a real policy holds its stages for minutes and hours.

import type { PresetName } from "@slipway/simulator";
import type { StartRequest } from "@slipway/wire";

export const SCENARIOS = ["slow-under-load", "healthy"] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export const DEMO_MODEL = "code-assistant";

/** The rollout that the demo asks for. */
export const DEMO_START: StartRequest = {
  model: DEMO_MODEL,
  to: "gpt-5.3",
  by: "demo",
  reason: "more accurate, and it speaks Rust",
};

export type Scenario = {
  readonly title: string;
  /** Names of simulated versions: what serves now, and what is rolled out. */
  readonly stable: PresetName;
  readonly candidate: PresetName;
  /** The longest prompt of the team, as gpt-5.0 counts: with its answer it fits stable's window with room to spare. */
  readonly longestPromptTokens: number;
  /** How it must end for the demo to have told the truth. */
  readonly ends: "rolled-back" | "completed" | "refused";
};

/** `naive`: the rule that most platforms start with. `default`: what a team gets that configures nothing. */
export const POLICIES = ["naive", "default"] as const;
export type PolicyName = (typeof POLICIES)[number];

export function scenarioOf(name: ScenarioName, policy: PolicyName): Scenario {
  switch (name) {
    case "slow-under-load":
      return {
        title:
          policy === "naive"
            ? "gpt-5.3 looks fine at 5%, and breaks under load"
            : "gpt-5.3 looks fine at 5%, and is not let into 25%",
        stable: "gpt-5.0",
        candidate: "gpt-5.3",
        longestPromptTokens: 27_500,
        ends: policy === "naive" ? "rolled-back" : "refused",
      };
    case "healthy":
      return {
        title: "gpt-5.3 on enough hardware, with prompts that fit it",
        stable: "gpt-5.0",
        candidate: "gpt-5.3-scaled",
        longestPromptTokens: 24_000,
        ends: "completed",
      };
  }
}

/** The slipway.yaml of the demo, written to its folder so that a reader can look at it. */
export function demoConfig(
  scenario: Scenario,
  { stable, candidate }: { readonly stable: Served; readonly candidate: Served },
  policy: PolicyName,
  needsGates: boolean,
): string {
  return `# The demo's policy: ${ABOUT[policy]}
models:
  code-assistant:
    stable: gpt-5.0
    versions:
      gpt-5.0:
        upstreams: [{ url: "${stable.url}", pool: a100-east, in-flight-max: 2000, replicas: ${stable.replicas} }]
      gpt-5.3:
        upstreams: [{ url: "${candidate.url}", pool: a100-west, in-flight-max: 2000, replicas: ${candidate.replicas} }]
        context-window: 32768
        identity: { scenario: "${scenario.candidate}" }
${needsGates ? gatesOf() : ""}    policy:
${policy === "naive" ? NAIVE : SHIPPED}`;
}

/** Before the first user. Nobody who plays a demo is on call. */
function gatesOf(): string {
  return `    preflight:
      required: [prompts, plan, load]
      prompts: { files: [prompts.jsonl] }
      # What a quarter of the users send; in steps so short that a P99 can just be told.
      load:
        traffic: { peak-per-second: 120, share: 25%, prompt-tokens: 3000, output-tokens: 16 }
        latency-p99: 10s
        errors: 3%
        step: 20s
        find-capacity: false
        lag-p99: 1s
      plan: { owner: "whoever plays the demo", tell: ["whoever watches it"] }
`;
}

/** One address, and the engines behind it. */
export type Served = { readonly url: string; readonly replicas: number };

const ABOUT: { readonly [name in PolicyName]: string } = {
  naive: `the rule that most platforms start with, "P99 over twice the baseline", and nothing subtler.`,
  default: "what a team gets that configures nothing, with times that fit a demo.",
};

/** Guards and forecast are the defaults; ticks, holds and horizon are shorter, and the traffic is that of a busy model. */
const SHIPPED = `      stages:
        - { share: 5%, hold: 45s, min-requests: 150 }
        - { share: 25%, hold: 30s, min-requests: 500 }
        - { share: 50%, hold: 30s, min-requests: 500 }
        - { share: 100%, hold: 30s, min-requests: 500 }
      bake: 30s
      warm: 1h
      segments: { language: { header: x-slipway-language } }
      evidence: { tick: 1s, horizon: 10s }
      lease: { duration: 10s, on-lapse: stable }
      deadline: 60s
`;

const NAIVE = `      stages:
        - { share: 5%, hold: 30s, min-requests: 200 }
        - { share: 25%, hold: 15s, min-requests: 400 }
        - { share: 50%, hold: 10s, min-requests: 400 }
        - { share: 100%, hold: 10s, min-requests: 400 }
      holdback: 0%
      bake: 10s
      warm: 1h
      forecast: { enabled: false }
      guards:
        p99-latency: { metric: latency, test: threshold, quantile: 0.99, ratio: 2, window: 60s, min-requests: 200, action: rollback }
        errors: { metric: errors, test: threshold, difference: 5%, window: 60s, min-requests: 200, action: rollback }
      segments: { language: { header: x-slipway-language } }
      evidence: { tick: 1s, horizon: 10s }
      lease: { duration: 10s, on-lapse: stable }
      deadline: 60s
`;
