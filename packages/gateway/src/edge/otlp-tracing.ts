// Traces over OTLP, with OpenTelemetry's own library, set up by its standard environment variables. One span a request
// and one for each time it is sent to an upstream, so that a replay shows as two. No bodies.

import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { RequestTrace, Tracing } from "../path/tracing.ts";
import { traceParentOf } from "../trace-parent.ts";

const QUEUE_SPANS_MAX = 8_192;
const NAME = "slipway";

export type OtlpTracing = Tracing & {
  /** Sends what waits to be sent. */
  readonly close: () => Promise<void>;
};

/** `dropped` hears of spans that were thrown away. */
export function otlpTracing(serviceName: string, dropped: (spans: number) => void): OtlpTracing {
  const queue = new BoundedQueue(dropped);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName }),
    spanProcessors: [queue],
  });
  const tracer = provider.getTracer(NAME);
  return {
    begin: ({ operation, model, headers }) => {
      const parent = traceParentOf(headers);
      const context =
        parent === null
          ? ROOT_CONTEXT
          : trace.setSpanContext(ROOT_CONTEXT, {
              traceId: parent.traceId,
              spanId: parent.spanId,
              traceFlags: parent.flags & TraceFlags.SAMPLED,
              isRemote: true,
            });
      const attributes = { "gen_ai.operation.name": operation, "gen_ai.request.model": model };
      const name = `${operation} ${model}`;
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, context);
      return requestTrace(tracer, span, parent?.state ?? null);
    },
    close: () => provider.shutdown(),
  };
}

function requestTrace(tracer: Tracer, span: Span, state: string | null): RequestTrace {
  return {
    attempt: ({ operation, model, baseUrl, arm, version }) => {
      const url = new URL(baseUrl);
      const attributes: Attributes = {
        "gen_ai.operation.name": operation,
        "gen_ai.request.model": model,
        "server.address": url.hostname,
        "slipway.arm": arm,
        "slipway.version": version,
      };
      if (url.port !== "") attributes["server.port"] = Number(url.port);
      const options = { kind: SpanKind.CLIENT, attributes };
      const child = tracer.startSpan(
        `${operation} ${model}`,
        options,
        trace.setSpan(ROOT_CONTEXT, span),
      );
      return {
        headers: headersOf(child, state),
        end: (status, error) => endSpan(child, status, error),
      };
    },
    end: ({ arm, version, outcome, usage }, rolloutId, status) => {
      span.setAttributes({ "slipway.arm": arm, "slipway.version": version });
      if (rolloutId !== null) span.setAttribute("slipway.rollout", rolloutId);
      if (usage !== null) {
        span.setAttribute("gen_ai.usage.input_tokens", usage.inputTokens);
        span.setAttribute("gen_ai.usage.output_tokens", usage.outputTokens);
      }
      endSpan(span, status, outcome === "ok" ? null : outcome);
    },
  };
}

function endSpan(span: Span, status: number, error: string | null): void {
  if (status !== 0) span.setAttribute("http.response.status_code", status);
  if (error !== null) {
    span.setAttribute("error.type", error);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

function headersOf(span: Span, state: string | null): readonly string[] {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, "0");
  const parent = ["traceparent", `00-${traceId}-${spanId}-${flags}`];
  return state === null ? parent : [...parent, "tracestate", state];
}

/** OpenTelemetry's own queue throws away what is too much, and does not say how much. */
class BoundedQueue implements SpanProcessor {
  readonly #dropped: (spans: number) => void;
  readonly #batches: SpanProcessor;
  #waiting = 0;

  constructor(dropped: (spans: number) => void) {
    this.#dropped = dropped;
    const exporter = new OTLPTraceExporter();
    const counting: SpanExporter = {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          this.#waiting -= spans.length;
          // Not 0: it failed, and is not tried again.
          if (result.code !== 0) dropped(spans.length);
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
    };
    this.#batches = new BatchSpanProcessor(counting, { maxQueueSize: QUEUE_SPANS_MAX });
  }

  onStart(): void {
    // A span counts when it ends.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.#waiting >= QUEUE_SPANS_MAX) {
      this.#dropped(1);
      return;
    }
    this.#waiting++;
    this.#batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown();
  }
}
