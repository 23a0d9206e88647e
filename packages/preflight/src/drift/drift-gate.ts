// The gate `drift`: whether what a provider serves under the names of both versions still answers as it did. It looks now, and
// counts the look; engines of one's own are known by their weights.

import { agreementText, DRIFT_SIGNALS, type DriftWatch, type Figure } from "@slipway/core";
import { type DriftView, SlipwayError } from "@slipway/wire";
import type { DriftGate } from "@slipway/wire/config";
import type { Served } from "../endpoint.ts";
import type { Gate, GateContext, GateFinding } from "../gate.ts";
import { enginesOf } from "../load/engines.ts";
import { lookedAt } from "./asking.ts";

type Looked = { readonly served: Served; readonly watch: DriftWatch; readonly isNew: boolean };

export const driftGate: Gate<DriftGate> = {
  name: "drift",
  run: async (context) => {
    const hosted = [context.stable, context.candidate].filter((one) => enginesOf(one).isHosted);
    if (hosted.length === 0) {
      const because = "both versions are engines of your own (replicas), which change by your hand";
      return { outcome: "not-applicable", because, figures: [], details: null };
    }
    const looked: Looked[] = [];
    for (const served of hosted) looked.push(await lookedNow(context, served));
    return findingOf(looked);
  },
};

async function lookedNow(context: GateContext<DriftGate>, served: Served): Promise<Looked> {
  const { drifting, model, ask, clock, sha256, signal, progress } = context;
  const before = await drifting.view();
  const { order } = before;
  const version = versionIn(before, served);
  if (order === null || version === null) {
    throw new SlipwayError({
      code: "drift_not_watched",
      status: 409,
      message: `the controller knows no watch for drift of ${model} ${served.version.id}`,
      fix: "apply the slipway.yaml: slipway apply",
    });
  }
  const after = await lookedAt({
    ...{ model, drifting, version, order, endpoints: served.endpoints, ask, clock, sha256, signal },
    progress: (done, of) => progress(done, of, served.version.id),
  });
  const watch = versionIn(after, served)?.watch ?? null;
  if (watch === null) throw new Error("the controller kept no watch");
  return { served, watch, isNew: version.watch === null };
}

function versionIn(
  { versions }: DriftView,
  { version }: Served,
): DriftView["versions"][number] | null {
  return (
    versions.find(
      ({ id, fingerprint }) => id === version.id && fingerprint === version.fingerprint,
    ) ?? null
  );
}

function findingOf(looked: readonly Looked[]): GateFinding {
  const figures = looked.flatMap(figuresOf);
  const details = {
    looks: looked.map(({ watch }) => ({
      ...{ version: watch.version, looks: watch.looks, baselineAtMs: watch.baseline.atMs },
      newBackends: [...(watch.last?.newBackends ?? [])],
    })),
  };
  const told = { figures, details };
  const changed = looked.find(({ watch }) => watch.alarm !== null);
  if (changed !== undefined) {
    const { version, alarm } = changed.watch;
    return { outcome: "fail", because: `${version} has changed: ${alarm?.because ?? ""}`, ...told };
  }
  const first = looked.find(({ isNew }) => isNew);
  if (first !== undefined) {
    const because = `nothing was known of ${first.watch.version}: what it answers now is its baseline, and the next look can tell`;
    return { outcome: "inconclusive", because, ...told };
  }
  const mute = looked.find(({ watch }) => watch.last?.counted !== true);
  if (mute !== undefined) {
    const { version, last } = mute.watch;
    const because = `${version} answered ${last?.answered ?? 0} of ${last?.asked ?? 0} probes, too few to tell`;
    return { outcome: "inconclusive", because, ...told };
  }
  const said = looked.map(({ watch }) => `${watch.version}: ${agreementText(watch)}`);
  return { outcome: "pass", because: said.join("; "), ...told };
}

const NAMES = {
  text: "answers that say what is known",
  length: "answers of a known length",
  ending: "answers that end in a known way",
} as const;

/** A look alone breaks no limit: the evidence of all looks does. */
function figuresOf({ watch }: Looked): readonly Figure[] {
  const { last, baseline, version } = watch;
  if (last === null || last.answered === 0) return [];
  return DRIFT_SIGNALS.map((signal) => ({
    name: NAMES[signal],
    value: last.alike[signal] / last.answered,
    unit: "share",
    interval: null,
    limit: baseline.agreement[signal].floor,
    holds: null,
    of: version,
  }));
}
