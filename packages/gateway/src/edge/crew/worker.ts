// One gateway worker on real sockets and files.

import type { Grant } from "@slipway/core";
import { liveScorer } from "@slipway/scorers/edge";
import { createGateway, type Gateway } from "../../gateway.ts";
import { LimitedLog } from "../../limited-log.ts";
import type { ShareObjects } from "../../objects/object-memory.ts";
import type { Log } from "../../ports.ts";
import type { GatewaySnapshot } from "../../snapshot.ts";
import { withAccessLog } from "../access-log.ts";
import { answerSpool } from "../answer-spool.ts";
import { controllerLink } from "../controller-link.ts";
import { feedbackKeys, hmacSigner } from "../feedback-key.ts";
import { createMetrics, type Metrics } from "../metrics/metrics.ts";
import { readForm } from "../multipart-form.ts";
import type { RunOptions } from "../options.ts";
import type { OtlpTracing } from "../otlp-tracing.ts";
import { METRICS_TOKEN_ENV } from "../own-routes.ts";
import {
  environmentSecret,
  pinoLog,
  randomIds,
  sha256,
  systemClock,
  systemRandom,
} from "../system-ports.ts";
import { tableFiles } from "../table-files.ts";
import { serveData } from "../transport/data-server.ts";
import { DEFAULT_TRANSPORT, upstreamOver } from "../transport/transport.ts";
import { UpstreamKeys } from "../upstream-keys.ts";

const WARM_MS_MAX = 3_000;
const WARM_POLL_MS = 20;

export type WorkerOptions = {
  readonly run: Omit<RunOptions, "grants">;
  readonly grants: readonly Grant[];
  /** Its number within the gateway, from 1. */
  readonly worker: number;
  readonly diverted: readonly string[];
  /** It takes the place of another, and should have its lease before it listens. */
  readonly isWarm?: boolean;
  /** Hears that this worker left the candidate of a rollout by itself. */
  readonly onTrip?: (model: string, rolloutId: string) => void;
  /** Prometheus text over all workers; its own where absent. */
  readonly metricsText?: () => Promise<string>;
  /** Tells the other workers where objects live. */
  readonly shareObjects?: ShareObjects;
};

export type RunningWorker = {
  readonly port: number;
  readonly snapshot: () => GatewaySnapshot;
  readonly divert: (model: string, on: boolean) => void;
  readonly hearObjects: ShareObjects;
  readonly followTrip: (model: string, rolloutId: string) => void;
  readonly grant: (grants: readonly Grant[]) => void;
  readonly metrics: Metrics;
  /** Reads the certificate of the data port again. */
  readonly reload: () => void;
  /** Serves what is open, says goodbye, and stops. */
  readonly close: () => Promise<void>;
};

/** Resolves once it listens; whether a controller can be reached does not matter. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { run, worker } = options;
  const log = pinoLog(run.logLevel ?? "info", { gateway: run.name, worker });
  const transport = run.transport ?? DEFAULT_TRANSPORT;
  const upstream = upstreamOver(transport);
  const link = controllerLink({ url: run.controllerUrl, token: run.token ?? null, log });
  const answers = answerSpool(run.dataDir, worker, log);
  const keys = new UpstreamKeys(options.grants);
  const scorer = liveScorer(tellUnscored(log));
  const metrics = createMetrics(() => gateway.snapshot());
  const tracing = await tracingOf(process.env, metrics.spansDropped);
  const gateway = createGateway(
    {
      clock: systemClock,
      random: systemRandom,
      ids: randomIds(),
      upstream,
      tableFile: tableFiles(run.dataDir, worker, log),
      link,
      log,
      answers,
      scorer,
      readForm,
      signer: hmacSigner(feedbackKeys(run.dataDir, environmentSecret("SLIPWAY_FEEDBACK_KEY"))),
      secret: (name, url) => keys.value(name, url),
      digest: sha256,
    },
    {
      name: run.name,
      worker,
      workers: run.workers,
      limits: run.limits ?? {},
      diverted: options.diverted,
      observe: withAccessLog(metrics.observe, log, run.accessLog ?? "off"),
      tracing,
      ...(options.shareObjects === undefined ? {} : { shareObjects: options.shareObjects }),
      ...(options.onTrip === undefined ? {} : { onTrip: options.onTrip }),
    },
  );
  if (options.isWarm === true) await startedWarm(gateway);
  const server = await serveData(gateway, {
    ...run.listen,
    transport,
    limits: run.dataLimits,
    tls: run.tls,
    metricsToken: environmentSecret(METRICS_TOKEN_ENV),
    metricsText: options.metricsText ?? (() => metrics.registry.metrics()),
  });
  if (options.isWarm !== true) gateway.start();
  log.info({ host: run.listen.host, port: server.port }, "listening");
  const close = async (): Promise<void> => {
    await server.stopAccepting();
    await new Promise<void>((resolve) => gateway.drain(resolve));
    await Promise.all([
      server.close(),
      upstream.close(),
      link.close(),
      tracing?.close(),
      answers.close(),
      scorer.close(),
    ]);
    log.info({}, "stopped");
  };
  let closing: Promise<void> | null = null;
  return {
    port: server.port,
    snapshot: gateway.snapshot,
    divert: gateway.divert,
    hearObjects: gateway.hearObjects,
    followTrip: gateway.followTrip,
    grant: (grants) => keys.grant(grants, gateway.keysChanged),
    metrics,
    reload: server.reload,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function tellUnscored(log: Log): (because: string) => void {
  const warnings = new LimitedLog(systemClock, log);
  return (because) => warnings.warn({ because }, "an answer could not be scored");
}

/** Without it the users of a candidate would be sent to stable for a moment; without a controller there is none. */
async function startedWarm(gateway: Gateway): Promise<void> {
  gateway.start();
  const endMs = performance.now() + WARM_MS_MAX;
  while (gateway.snapshot().leaseMs === 0 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, WARM_POLL_MS));
  }
}

/** By OpenTelemetry's standard variables; null where they ask for no traces. Its library is loaded only then. */
async function tracingOf(
  env: NodeJS.ProcessEnv,
  dropped: (spans: number) => void,
): Promise<OtlpTracing | null> {
  const endpoint = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  const isOff = env["OTEL_SDK_DISABLED"] === "true" || env["OTEL_TRACES_EXPORTER"] === "none";
  if (isOff || endpoint === undefined || endpoint === "") return null;
  const { otlpTracing } = await import("../otlp-tracing.ts");
  return otlpTracing(env["OTEL_SERVICE_NAME"] ?? "slipway-gateway", dropped);
}
