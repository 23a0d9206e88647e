// Where incidents are read from: a controller, or the files of one that does not run.

import type { Readings } from "@slipway/controller";
import type { Analysis, Dora, Incident } from "@slipway/core";
import type { IncidentRemarksView, IncidentSummary, LessonView } from "@slipway/wire";
import { type ControlOptions, clientOf } from "../../command.ts";
import { controllerFolder } from "../../edge/machine.ts";
import type { Context } from "../../terminal.ts";

export type IncidentOptions = ControlOptions & { readonly dataDir?: string };

export const DATA_DIR = [
  "--data-dir <folder>",
  "read the files of a controller, or of up, instead of asking it",
] as const;

type Which = { readonly model?: string; readonly rollout?: string };

export async function incidentsRead(
  context: Context,
  options: IncidentOptions,
  { model, rollout }: Which,
): Promise<readonly IncidentSummary[]> {
  if (options.dataDir === undefined) {
    const of = {
      ...(model === undefined ? {} : { model }),
      ...(rollout === undefined ? {} : { rollout }),
    };
    return await clientOf(context, options).incidents(of);
  }
  const ask = { model: model ?? null, rolloutId: rollout ?? null };
  return await fromFolder(options.dataDir, (readings) => readings.incidents(ask));
}

export async function incidentRead(
  context: Context,
  options: IncidentOptions,
  id: string,
): Promise<Incident> {
  if (options.dataDir === undefined) return await clientOf(context, options).incident(id);
  return await fromFolder(options.dataDir, (readings) => readings.incident({ id }));
}

export async function analysisRead(
  context: Context,
  options: IncidentOptions,
  id: string,
): Promise<Analysis> {
  if (options.dataDir === undefined) return await clientOf(context, options).analysis(id);
  return await fromFolder(options.dataDir, (readings) => readings.analysis({ id }));
}

/** What was said of an incident; how far it is in public is known to a controller alone. */
export type Said = Pick<IncidentRemarksView, "remarks"> & {
  readonly publication: IncidentRemarksView["publication"] | null;
};

export async function saidRead(
  context: Context,
  options: IncidentOptions,
  id: string,
): Promise<Said> {
  if (options.dataDir === undefined) return await clientOf(context, options).incidentRemarks(id);
  const remarks = await fromFolder(options.dataDir, (readings) => readings.incidentRemarks({ id }));
  return { remarks, publication: null };
}

export async function lessonsRead(
  context: Context,
  options: IncidentOptions,
  id: string,
): Promise<readonly LessonView[]> {
  if (options.dataDir === undefined) return await clientOf(context, options).learning.lessons(id);
  return await fromFolder(options.dataDir, (readings) => readings.lessons({ id, name: null }));
}

export async function doraRead(
  context: Context,
  options: IncidentOptions,
  model: string | null,
): Promise<Dora> {
  if (options.dataDir === undefined) return await clientOf(context, options).learning.dora(model);
  return await fromFolder(options.dataDir, (readings) => readings.dora({ model }));
}

async function fromFolder<T>(
  dataDir: string,
  read: (readings: Readings) => Promise<T>,
): Promise<T> {
  const { readStore } = await import("@slipway/controller/edge");
  return await readStore(controllerFolder(dataDir), read);
}
