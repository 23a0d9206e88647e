// The gate `command`: the team's own suite runs against the candidate, told by its environment where that is.

import { durationText, type Figure } from "@slipway/core";
import type { CommandGate } from "@slipway/wire/config";
import type { Gate, GateFinding } from "../gate.ts";
import type { CommandEnd } from "../run-command.ts";

/** Where a suite looks for the key of the candidate, beside its own variables. */
const KEY_VARIABLE = "SLIPWAY_API_KEY";
const BEARER = /^bearer /i;

export const commandGate: Gate<CommandGate> = {
  name: "command",
  run: async ({ model, candidate, settings, runCommand, progress, signal }) => {
    const [endpoint] = candidate.endpoints;
    const key = endpoint.headers["authorization"]?.replace(BEARER, "");
    progress(0, null, settings.run);
    const end = await runCommand({
      line: settings.run,
      env: {
        SLIPWAY_BASE_URL: endpoint.baseUrl,
        SLIPWAY_MODEL: endpoint.model,
        SLIPWAY_CLIENT_MODEL: model,
        SLIPWAY_VERSION: candidate.version.id,
        ...(key === undefined ? {} : { [KEY_VARIABLE]: key }),
      },
      secrets: key === undefined ? [] : [key],
      timeoutMs: settings.timeoutMs,
      signal,
      heard: (line) => progress(0, null, line),
    });
    return findingOf(settings, end);
  },
};

function findingOf({ run, timeoutMs }: CommandGate, end: CommandEnd): GateFinding {
  const passed = end.endedBy === "itself" && end.exitCode === 0;
  return {
    outcome: passed ? "pass" : end.endedBy === "abort" ? "inconclusive" : "fail",
    because: `${run} ${endText(end, timeoutMs)}`,
    figures: figuresOf(end, timeoutMs),
    details: {
      run,
      endedBy: end.endedBy,
      exitCode: end.exitCode,
      tail: end.tail,
      droppedBytes: end.droppedBytes,
    },
  };
}

function endText({ endedBy, exitCode, durationMs }: CommandEnd, timeoutMs: number): string {
  if (endedBy === "timeout") return `had not ended after ${durationText(timeoutMs)}`;
  if (endedBy === "abort") return "was ended before it could tell";
  if (endedBy === "signal") return `was ended by a signal after ${durationText(durationMs)}`;
  return `ended with exit code ${exitCode} after ${durationText(durationMs)}`;
}

function figuresOf({ exitCode, durationMs, endedBy }: CommandEnd, timeoutMs: number): Figure[] {
  const plain = { interval: null, of: null };
  const duration: Figure = {
    ...plain,
    name: "duration",
    value: durationMs,
    unit: "ms",
    limit: timeoutMs,
    holds: endedBy !== "timeout",
  };
  if (exitCode === null) return [duration];
  const code: Figure = {
    ...plain,
    name: "exit code",
    value: exitCode,
    unit: "",
    limit: 0,
    holds: exitCode === 0,
  };
  return [code, duration];
}
