// What a preflight leaves behind: sent to the controller, or read again from the report of one that had none to send to.

import { type EvidenceGrade, type GateResult, preflightOutcome } from "@slipway/core";
import { type EvidenceRequest, evidenceIn, SlipwayError, sendable } from "@slipway/wire";
import type { ControlClient } from "../client/control-client.ts";
import { readText } from "../edge/config-file.ts";
import { VERSION } from "../version.ts";
import type { Flight } from "./run-preflight.ts";

const REPORT_BYTES_MAX = 16 * 1024 * 1024;

/** With everything that gates found, as a file. */
export function jsonReport(flight: Flight, by: string): string {
  const { model, startedAtMs, results } = flight;
  const outcome = preflightOutcome(results);
  return `${JSON.stringify({ model, outcome, startedAtMs, ...evidenceOf(flight, by) }, null, 2)}\n`;
}

function evidenceOf(
  { from, to, endedAtMs, results, settings }: Flight,
  by: string,
): EvidenceRequest {
  const gates = results.map((result) => ({
    result,
    grade: gradeOf(result),
    settings: settings[result.gate] ?? null,
  }));
  return { from, to, gates, endedAtMs, by, slipwayVersion: VERSION };
}

/** Imported results say what they can prove; what Slipway ran itself is all there. */
function gradeOf({ details }: GateResult): EvidenceGrade {
  const grade =
    details !== null && typeof details === "object" && "grade" in details ? details["grade"] : "A";
  return grade === "B" || grade === "C" ? grade : "A";
}

/** Why the controller did not keep it; null where it did. What the gates found is true either way. */
export async function leaveEvidence(
  client: ControlClient,
  flight: Flight,
  by: string,
  lease: number | null,
): Promise<SlipwayError | null> {
  const { gates, ...rest } = evidenceOf(flight, by);
  const sent = gates.map((gate) => ({ ...gate, result: sendable(gate.result) }));
  try {
    const under = lease === null ? {} : { lease };
    await client.preflights.keepEvidence(flight.model, { ...rest, ...under, gates: sent });
    return null;
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
}

/** The evidence in a report that `slipway preflight --report json` wrote, and the model that it is of. */
export function readReport(file: string): readonly [string, EvidenceRequest] {
  const fix = "write one with slipway preflight --out FILE.json";
  const value = jsonOf(readText(file, "a report of a preflight", fix, REPORT_BYTES_MAX));
  const model =
    value !== null && typeof value === "object" && "model" in value ? value.model : null;
  const evidence = evidenceIn(value);
  if (evidence !== null && typeof model === "string") return [model, evidence];
  throw new SlipwayError({
    code: "report_unreadable",
    status: 400,
    message: `${file} is not a report of a preflight`,
    fix,
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
