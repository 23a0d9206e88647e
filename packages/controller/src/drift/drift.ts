// Watches for drift in the world: baselines and looks are kept with their model, and an alarm puts a call into the outbox in
// the same draft.

import {
  type DriftBook,
  type DriftEntry,
  type DriftWatch,
  driftGoneNotice,
  driftNotices,
  EMPTY_DRIFT_BOOK,
  newWatch,
  type Version,
  watchOf,
  withBaselineTaken,
  withLook,
} from "@slipway/core";
import type { DriftBaselineRequest, DriftLookRequest, DriftView } from "@slipway/wire";
import { tell } from "../notify/outbox.ts";
import { otherVersions, unknownModel } from "../refusal.ts";
import { type Draft, putModel } from "../world/draft.ts";
import type { KnownModel, World } from "../world/world.ts";
import { baselineReplaced, baselineThin, notWatched } from "./refusal.ts";

export function takeDriftBaseline(
  draft: Draft,
  name: string,
  request: DriftBaselineRequest,
  nowMs: number,
): DriftView {
  const known = watchedModel(draft, name, request);
  const { order, book } = known;
  const { version, fingerprint, replaces, probes, rounds, by, reason } = request;
  const before = watchOf(book, fingerprint);
  const current = before?.baseline.number ?? 0;
  if (replaces !== current) throw baselineReplaced(name, version, before);
  const watch = newWatch(
    { number: current + 1, atMs: nowMs, version, fingerprint, probes, rounds, by, reason },
    order,
  );
  if (watch === null) throw baselineThin(name, version);
  return put(draft, known.model, withBaselineTaken(book, watch), before);
}

export function lookForDrift(
  draft: Draft,
  name: string,
  request: DriftLookRequest,
  nowMs: number,
): DriftView {
  const { model, book } = watchedModel(draft, name, request);
  const { version, fingerprint, baseline, round, by } = request;
  const before = watchOf(book, fingerprint);
  const after = withLook(book, fingerprint, round, { atMs: nowMs, by });
  if (before === null || after === null || before.baseline.number !== baseline) {
    throw baselineReplaced(name, version, before);
  }
  return put(draft, model, after, before);
}

export function driftView({ models }: Pick<World, "models">, name: string): DriftView {
  const known = models.get(name);
  if (known === undefined) throw unknownModel(name);
  const { model, drift = EMPTY_DRIFT_BOOK } = known;
  const order = model.drift ?? null;
  const wanted = order === null || order.versions.length > 0 ? order?.versions : [model.stable];
  return {
    model: name,
    order,
    versions: model.versions.map(({ id, fingerprint, upstreams }) => ({
      ...{ id, fingerprint, upstreams },
      scheduled: order?.schedule !== null && (wanted?.includes(id) ?? false),
      watch: watchOf(drift, fingerprint),
    })),
    entries: drift.entries,
  };
}

/** Alarms and baselines of a model, the oldest first. */
export function driftEntries(
  { models }: Pick<World, "models">,
  name: string,
): readonly DriftEntry[] {
  return models.get(name)?.drift?.entries ?? [];
}

type Watched = {
  readonly model: KnownModel;
  readonly order: NonNullable<KnownModel["model"]["drift"]>;
  readonly book: DriftBook;
};

function watchedModel(
  draft: Draft,
  name: string,
  { version, fingerprint }: Pick<Version, "fingerprint"> & { readonly version: string },
): Watched {
  const known = draft.models.get(name);
  if (known === undefined) throw unknownModel(name);
  const order = known.model.drift;
  if (order === undefined) throw notWatched(name);
  const found = known.model.versions.find(({ id }) => id === version);
  if (found?.fingerprint !== fingerprint) throw otherVersions(name, version);
  return { model: known, order, book: known.drift ?? EMPTY_DRIFT_BOOK };
}

/** Watches of versions that the model has no longer go with them, and so do the calls that they have open. */
export function withoutGoneWatches(draft: Draft, known: KnownModel, nowMs: number): KnownModel {
  const { drift, model } = known;
  if (drift === undefined) return known;
  const isServed = ({ fingerprint }: DriftWatch): boolean =>
    model.versions.some((version) => version.fingerprint === fingerprint);
  const gone = drift.watches.filter((watch) => !isServed(watch));
  if (gone.length === 0) return known;
  endDriftCalls(draft, model.name, gone, nowMs);
  return { ...known, drift: { ...drift, watches: drift.watches.filter(isServed) } };
}

export function endDriftCalls(
  draft: Draft,
  name: string,
  watches: readonly DriftWatch[],
  nowMs: number,
): void {
  tell(
    draft,
    watches.flatMap((watch) => driftGoneNotice(name, watch, nowMs) ?? []),
  );
}

function put(
  draft: Draft,
  known: KnownModel,
  { watches, entries }: DriftBook,
  before: DriftWatch | null,
): DriftView {
  const { name } = known.model;
  putModel(draft, { ...known, drift: { watches, entries } });
  const after = watches.at(-1);
  if (after !== undefined) tell(draft, driftNotices(name, before, after));
  return driftView(draft, name);
}
