// One structured line a request, where an operator wants it: who, what, how it ended. No bodies, no keys.

import type { Observation, Observe } from "../path/observe.ts";
import type { Log } from "../ports.ts";

/** `errors`: what Slipway refused, and what did not end well for its user. */
export type AccessLog = "off" | "errors" | "all";

/** The same observer where nothing is to be logged: it then costs nothing. */
export function withAccessLog(observe: Observe, log: Log, which: AccessLog): Observe {
  if (which === "off") return observe;
  return {
    ...observe,
    finished: (observation) => {
      observe.finished(observation);
      const { outcome } = observation;
      const isFine = outcome === "ok" || outcome === "cancelled";
      if (which === "all" || !isFine) log.info(fieldsOf(observation), "request");
    },
    refused: (code, client) => {
      observe.refused(code, client);
      log.info({ code, client }, "refused");
    },
  };
}

function fieldsOf(observation: Observation): Parameters<Log["info"]>[0] {
  const { api, arm, client, model, outcome, replayed, requestId, streamed, usage, version } =
    observation;
  return {
    request: requestId,
    client,
    api,
    model,
    arm,
    version,
    outcome,
    replayed,
    streamed,
    durationMs: rounded(observation.durationMs),
    ttftMs: observation.ttftMs === null ? null : rounded(observation.ttftMs),
    inputTokens: usage?.inputTokens ?? null,
    outputTokens: usage?.outputTokens ?? null,
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
