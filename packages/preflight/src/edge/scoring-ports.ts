// What scorers need of a real machine.

import { randomUUID } from "node:crypto";
import { findIsolation, timedPattern, treeSitter } from "@slipway/scorers/edge";
import type { ScoringPorts } from "../scoring.ts";

export const scoringPorts: ScoringPorts = {
  match: timedPattern,
  grammars: treeSitter,
  isolation: () => findIsolation(),
  marker: randomUUID,
};
