// Metrics of a worker for Prometheus: OpenTelemetry's names for what they cover, `slipway_` for the rest. Labels
// come from the table alone, never from a request, so that their number is bounded.

import { Counter, Registry } from "prom-client";
import { operationOf } from "../../api.ts";
import type { Observation, Observe } from "../../path/observe.ts";
import type { GatewaySnapshot } from "../../snapshot.ts";
import { answerMetrics } from "./answer-metrics.ts";
import { ClientMetrics } from "./client-metrics.ts";
import { feedbackMetrics } from "./feedback-metrics.ts";
import { gaugesOf } from "./gauges.ts";
import { addLoadMetrics } from "./load-metrics.ts";
import { addMemoryMetrics } from "./memory-metrics.ts";
import { BucketsBySeries, BySeries, Tally } from "./series.ts";

/** OpenTelemetry's advice for GenAI client metrics, in seconds. */
const DURATION_BUCKETS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304,
];
/** From 50 µs: below the 10 ms at which the advice above begins. */
const OVERHEAD_BUCKETS = [
  0.000_05, 0.000_1, 0.000_2, 0.000_4, 0.000_8, 0.001_6, 0.003_2, 0.006_4, 0.012_8, 0.051_2,
  0.204_8,
];

const GEN_AI = ["gen_ai_operation_name", "gen_ai_request_model", "slipway_arm", "slipway_version"];

export type Metrics = {
  readonly registry: Registry;
  readonly spansDropped: (spans: number) => void;
  readonly observe: Observe;
};

export function createMetrics(snapshot: () => GatewaySnapshot): Metrics {
  const registry = new Registry();
  addGauges(registry, snapshot);
  addLoadMetrics(registry, snapshot);
  addMemoryMetrics(registry, snapshot);
  const clients = new ClientMetrics(registry);
  const finished = finishedMetrics(registry);
  const heard = feedbackMetrics(registry);
  const refused = new Counter({
    name: "slipway_refused_total",
    help: "Requests answered with an error of Slipway's own before they were on their way, by its code.",
    labelNames: ["code", "client"],
    registers: [registry],
  });
  const spansDropped = new Counter({
    name: "slipway_spans_dropped_total",
    help: "Spans of traces that were thrown away: too many waited, or they could not be sent.",
    registers: [registry],
  });
  const unreached = new Counter({
    name: "slipway_upstream_unreached_total",
    help: "Connections to an upstream that could not be made, whether or not another took its place.",
    labelNames: ["model", "version", "upstream"],
    registers: [registry],
  });
  const placed = new Counter({
    name: "slipway_object_calls_total",
    help: "Requests that name an object of an earlier answer, by whether the upstream that made it is known, was but cannot be asked (moved), or is not (unknown).",
    labelNames: ["model", "placed"],
    registers: [registry],
  });
  const mirrored = new Counter({
    name: "slipway_mirrored_total",
    help: "Answers to copies of requests, which nobody saw, by how they ended.",
    labelNames: ["model", "version", "outcome"],
    registers: [registry],
  });
  const mirrorDropped = new Counter({
    name: "slipway_mirror_dropped_total",
    help: "Copies of requests that were not sent, by why.",
    labelNames: ["model", "why"],
    registers: [registry],
  });
  const trips = new Counter({
    name: "slipway_trips_total",
    help: "Times that a worker left a candidate by itself, because it was plainly broken.",
    labelNames: ["model"],
    registers: [registry],
  });
  return {
    registry,
    spansDropped: (spans) => spansDropped.inc(spans),
    observe: {
      finished: (observation) => {
        finished(observation);
        clients.finished(observation);
      },
      unreached: (model, version, upstream) => unreached.inc({ model, version, upstream }),
      refused: (code, client) => refused.inc({ code, client: clients.label(client) }),
      heard,
      placed: (model, how) => placed.inc({ model, placed: how }),
      mirrored: (model, version, outcome) => mirrored.inc({ model, version, outcome }),
      mirrorDropped: (model, why) => mirrorDropped.inc({ model, why }),
      ...answerMetrics(registry),
      tripped: (model) => trips.inc({ model }),
    },
  };
}

function finishedMetrics(registry: Registry): (observation: Observation) => void {
  const tally = (name: string, help: string, labelNames: readonly string[]): Tally =>
    new Tally(registry, { name, help, labelNames });
  const requests = tally(
    "slipway_requests_total",
    "Requests, by who answered and how it ended for the user.",
    ["model", "arm", "version", "outcome"],
  );
  const replays = tally(
    "slipway_replays_total",
    "Candidate requests that were replayed to stable, by how the candidate had failed.",
    ["model", "outcome"],
  );
  const assigned = tally(
    "slipway_assigned_total",
    "Requests under a rollout, by how they came to their arm: split, ring, excluded, kept.",
    ["model", "via"],
  );
  const turns = tally(
    "slipway_conversation_turns_total",
    "Requests that continue a conversation, by whether this gateway knew where it had been.",
    ["model", "conversation"],
  );
  const timesOf = timeMetrics(registry);
  return (observation) => {
    const { api, arm, model, outcome, replayed, version } = observation;
    requests.add([model, arm, version, outcome]);
    if (replayed !== null) replays.add([model, replayed]);
    if (observation.via !== null) assigned.add([model, observation.via]);
    if (observation.turn !== null) turns.add([model, observation.turn]);
    if (outcome === "ok") timesOf.at([operationOf(api), model, arm, version]).observe(observation);
  };
}

/** The histograms of one kind of request, found together. */
type Times = { readonly observe: (observation: Observation) => void };

function timeMetrics(registry: Registry): BySeries<Times> {
  const histogram = (
    name: string,
    help: string,
    bounds: readonly number[],
    labelNames: readonly string[],
  ): BucketsBySeries => new BucketsBySeries(registry, { name, help, labelNames }, bounds);
  const durations = histogram(
    "gen_ai_client_operation_duration_seconds",
    "Duration of successful requests, from the whole request to the end of the answer.",
    DURATION_BUCKETS,
    GEN_AI,
  );
  const firstChunks = histogram(
    "gen_ai_client_operation_time_to_first_chunk_seconds",
    "Time to the first byte of a streamed answer.",
    DURATION_BUCKETS,
    GEN_AI,
  );
  const perChunks = histogram(
    "gen_ai_client_operation_time_per_output_chunk_seconds",
    "Time per output token of a streamed answer; per event where tokens are not told.",
    DURATION_BUCKETS,
    GEN_AI,
  );
  const tokens = histogram(
    "gen_ai_client_token_usage",
    "Tokens per request, as upstreams report them.",
    TOKEN_BUCKETS,
    [...GEN_AI, "gen_ai_token_type"],
  );
  const overheads = histogram(
    "slipway_gateway_overhead_seconds",
    "From the whole request to its dispatch, without the wait for an upstream.",
    OVERHEAD_BUCKETS,
    ["model"],
  );
  return new BySeries((values) => {
    const [, model = ""] = values;
    const duration = durations.at(values);
    const firstChunk = firstChunks.at(values);
    const perChunk = perChunks.at(values);
    const input = tokens.at([...values, "input"]);
    const output = tokens.at([...values, "output"]);
    const overhead = overheads.at([model]);
    return {
      observe: ({ durationMs, overheadMs, streamed, tpotMs, ttftMs, usage }) => {
        duration.observe(durationMs / 1_000);
        if (overheadMs !== null) overhead.observe(overheadMs / 1_000);
        if (streamed && ttftMs !== null) firstChunk.observe(ttftMs / 1_000);
        if (streamed && tpotMs !== null) perChunk.observe(tpotMs / 1_000);
        if (usage === null) return;
        input.observe(usage.inputTokens);
        output.observe(usage.outputTokens);
      },
    };
  });
}

/** Over workers, in-flight counts add up; the rest is the worst. */
function addGauges(registry: Registry, snapshot: () => GatewaySnapshot): void {
  const gauge = gaugesOf(registry, snapshot);
  gauge("slipway_lease_valid", "1 while every worker holds its lease.", "min", [], (g, now) =>
    g.set(now.leaseMs > 0 ? 1 : 0),
  );
  gauge(
    "slipway_table_number",
    "The table that every worker follows at least.",
    "min",
    [],
    (g, now) => g.set(now.table?.number ?? 0),
  );
  gauge("slipway_models_diverted", "Models sent to stable here.", "max", [], (g, now) =>
    g.set(now.diverted.length),
  );
  gauge(
    "slipway_objects_known",
    "Objects of earlier answers whose upstream is known to every worker at least.",
    "min",
    [],
    (g, now) => g.set(now.objectsKnown),
  );
  gauge(
    "slipway_rollouts_tripped",
    "Rollouts whose candidate was left here.",
    "max",
    [],
    (g, now) => g.set(now.tripped.length),
  );
  const perVersion = ["model", "version"];
  gauge("slipway_requests_in_flight", "Requests at upstreams.", "sum", perVersion, (g, now) => {
    for (const { model, version, inFlight } of now.versions) g.set({ model, version }, inFlight);
  });
}
