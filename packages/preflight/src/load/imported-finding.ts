// What another tool's load results say of the candidate: held against the same limits as if Slipway had sent the load, as far
// as they can prove it.

import { type ImportedRun, judgeImportedLoad } from "@slipway/core";
import { importedLoad } from "@slipway/wire";
import type { LoadGate } from "@slipway/wire/config";
import type { GateContext, GateFinding } from "../gate.ts";
import { enginesOf } from "./engines.ts";
import { rateOf } from "./traffic.ts";

const FILE_BYTES_MAX = 256 * 1024 * 1024;

export async function importedFinding({
  settings,
  candidate,
  files,
  progress,
}: GateContext<LoadGate>): Promise<GateFinding> {
  const runs: ImportedRun[] = [];
  for (const file of settings.results) {
    progress(0, null, `reading ${file}`);
    runs.push(...importedLoad(await files.read(file, FILE_BYTES_MAX), file));
  }
  const { limits, errorsMax, lagMsMax, timeoutMs } = settings;
  const perSecond = rateOf(settings.traffic);
  const { replicas } = enginesOf(candidate);
  const question = { perSecond, replicas, limits, errorsMax, lagMsMax, timeoutMs };
  const { grade, ...judged } = judgeImportedLoad(question, runs);
  return {
    ...judged,
    details: {
      grade,
      perSecond,
      // Nothing in these files says which weights answered.
      servedVersionProven: false,
      runs: runs.map((run) => ({
        tool: run.tool,
        grade: run.grade,
        because: run.because,
        perSecond: run.perSecond,
        requests: run.found.kind === "shots" ? run.found.shots.length : run.found.sums.requests,
      })),
    },
  };
}
