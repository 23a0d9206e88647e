// The slipway.yaml that `slipway init` writes: complete enough to run, with everything else as comments.

/** `schema`: where the editor finds the JSON Schema, relative to the file or absolute. */
export function starterConfig(schema: string): string {
  return `# yaml-language-server: $schema=${schema}
#
# One model that clients call, the versions that can serve it, and how to move users from one to another.
# slipway validate   checks this file
# slipway up         runs everything on this machine, with this file
# slipway apply      sends a changed file to a running controller

models:
  code-assistant:                       # the model name that clients send
    stable: gpt-5.0                     # serves at first; later only rollouts change it
    versions:
      gpt-5.0:
        upstreams:
          - url: http://127.0.0.1:9000/v1
            model: gpt-5.0              # the name that this server knows; default: the version's name
            # key: \${UPSTREAM_KEY}      # from the gateway's environment; never the key itself
            # pool: a100-east           # what upstreams share; default: host and port
            # in-flight-max: 256        # per gateway worker
        # identity: {weights: "sha256:1f3a", tokenizer: o200k, prompt-set: v12}
      gpt-5.3:
        upstreams:
          - url: http://127.0.0.1:9001/v1

    # Everything below may be left out; these are the defaults.
    policy:
      stages:                           # shares grow strictly and end with 100%
        - {share: 5%, hold: 10m, min-requests: 500}
        - {share: 25%, hold: 10m, min-requests: 500}
        - {share: 50%, hold: 10m, min-requests: 500}
        - {share: 100%, hold: 10m, min-requests: 500}   # approval: required, or [ann, bob]: before it begins
      # mode: observe                   # only say what would be done; default: act
      holdback: 5%                      # stay on stable as a control, also at 100%, until bake ends
      bake: 1h                          # after 100%: the old version stays warm, the guards stay armed
      warm: 24h                         # after that: it is kept for a one-step revert
      guards:                           # what must never break; these replace the default ones
        p99-latency: {metric: latency, test: sequential, quantile: 0.99, ratio: 2, window: 5m, action: rollback}
        errors: {metric: errors, test: sequential, ratio: 1, difference: 0.5%, window: 5m, action: rollback}
        p99-ttft: {metric: ttft, ratio: 2}
        crashes: {metric: crashes}      # clients say so: POST /v1/feedback
        refusals: {metric: refusals}    # these four block: the stage holds
        empty-answers: {metric: empty}
        acceptance: {metric: acceptance}
        rating: {metric: rating}
        output-tokens: {metric: output-tokens, ratio: 1.2}   # these two only warn
        # cost: {metric: cost, ratio: 1.2}                     # once versions have prices
      stage-limit: 4h                   # evidence that does not suffice by then: an operator is asked
      false-alarm: 1%                   # chance that a healthy version is rolled back, at most
      keys:
        # header: x-user-id             # whose request it is; default: session headers and the body's user
        without-key: stable             # or per-request
        api-key-is-user: false
      # rings: {staff: {key-prefixes: [staff-]}}    # on the candidate before the shares would have them
      # exclude: {keys: [acme-legal]}               # never on the candidate during a rollout
      conversations: stay               # one that began on stable stays there; or move
      # segments: {language: {}, surface: {}, client: {}}   # the first is judged by itself, the others counted
      evidence:
        tick: 10s
        horizon: 60s                    # a request still open after this counts as failed
      replay: {enabled: true, budget: 20%}
      lease: {duration: 60s, on-lapse: stable}
      deadline: 10m
      share-tolerance: 50%

# When no rollout moves forwards; they move back all the same. A model can have its own.
# freeze:
#   weekend: {from: fri 16:00, to: mon 08:00, zone: Europe/Berlin}
#   holidays: {from: 2026-12-20, to: 2027-01-04, zone: Europe/Berlin}
`;
}
