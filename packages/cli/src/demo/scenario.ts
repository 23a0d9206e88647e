// The stories that the demo can tell: which versions serve, and by which policy the candidate is rolled out. Times are
// those of a demo: a real policy holds its stages for minutes and hours.

export const SCENARIOS = ["slow-under-load", "healthy"] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export type Scenario = {
  readonly title: string;
  /** Names of simulated versions: what serves now, and what is rolled out. */
  readonly stable: string;
  readonly candidate: string;
  /** How it must end for the demo to have told the truth. */
  readonly ends: "rolled-back" | "completed";
};

export function scenarioOf(name: ScenarioName): Scenario {
  switch (name) {
    case "slow-under-load":
      return {
        title: "gpt-5.3 looks fine at 5%, and breaks under load",
        stable: "gpt-5.0",
        candidate: "gpt-5.3",
        ends: "rolled-back",
      };
    case "healthy":
      return {
        title: "gpt-5.3 on enough hardware",
        stable: "gpt-5.0",
        candidate: "gpt-5.3-scaled",
        ends: "completed",
      };
  }
}

/** The slipway.yaml of the demo, written to its folder so that a reader can look at it. */
export function demoConfig(
  scenario: Scenario,
  urls: { readonly stable: string; readonly candidate: string },
): string {
  return `# The demo's policy: the rule that most platforms start with, "P99 over twice the baseline", and nothing subtler.
models:
  code-assistant:
    stable: gpt-5.0
    versions:
      gpt-5.0:
        upstreams: [{ url: "${urls.stable}", pool: a100-east, in-flight-max: 2000 }]
      gpt-5.3:
        upstreams: [{ url: "${urls.candidate}", pool: a100-west, in-flight-max: 2000 }]
        identity: { scenario: "${scenario.candidate}" }
    policy:
      stages:
        - { share: 5%, hold: 30s, min-requests: 200 }
        - { share: 25%, hold: 15s, min-requests: 400 }
        - { share: 50%, hold: 10s, min-requests: 400 }
        - { share: 100%, hold: 10s, min-requests: 400 }
      bake: 10s
      warm: 1h
      guards:
        p99-latency: { metric: latency, test: threshold, quantile: 0.99, ratio: 2, window: 60s, min-requests: 200, action: rollback }
        errors: { metric: errors, test: threshold, difference: 5%, window: 60s, min-requests: 200, action: rollback }
      segments: { language: { header: x-slipway-language } }
      evidence: { tick: 1s, horizon: 10s }
      lease: { duration: 10s, on-lapse: stable }
      deadline: 60s
`;
}
