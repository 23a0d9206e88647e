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
import type { DriftBaselineRequest, DriftLookRequest, DriftMiss, DriftView } from "@slipway/wire";
import { driftScheduled, isScheduled, lapseOf, withMiss, withoutLapse } from "../lapse/lapse.ts";
import { notScheduled } from "../lapse/refusal.ts";
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
  const kept = withoutLapse(draft, known.model, { check: "drift", version }, nowMs);
  return put(draft, kept, withBaselineTaken(book, watch), before);
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
  return put(
    draft,
    heard(draft, model, { before, after: watchOf(after, fingerprint) }, nowMs),
    after,
    before,
  );
}

/** A look by schedule that nobody could make. */
export function missDriftLook(
  draft: Draft,
  name: string,
  { version, because }: DriftMiss,
  nowMs: number,
): DriftView {
  const known = draft.models.get(name);
  if (known === undefined) throw unknownModel(name);
  const checked = { check: "drift", version } as const;
  if (!isScheduled(known.model, checked))
    throw notScheduled(`looks for drift of ${name} ${version}`);
  const fingerprint = known.model.versions.find(({ id }) => id === version)?.fingerprint ?? "";
  const watch = watchOf(known.drift ?? EMPTY_DRIFT_BOOK, fingerprint);
  const miss = { ...checked, because, workedAtMs: lookedAtMs(watch) };
  putModel(draft, withMiss(draft, known, miss, nowMs));
  return driftView(draft, name);
}

/** A look with too few answers says as little as one that was not made. */
function heard(
  draft: Draft,
  known: KnownModel,
  { before, after }: { readonly before: DriftWatch; readonly after: DriftWatch | null },
  nowMs: number,
): KnownModel {
  const look = after?.last ?? null;
  const checked = { check: "drift", version: before.version } as const;
  if (look === null || look.counted) return withoutLapse(draft, known, checked, nowMs);
  if (!isScheduled(known.model, checked)) return known;
  const because = `${look.answered} of ${look.asked} probes were answered, too few to tell`;
  return withMiss(draft, known, { ...checked, because, workedAtMs: lookedAtMs(before) }, nowMs);
}

/** When it was last known how a version answers. */
function lookedAtMs(watch: DriftWatch | null): number | null {
  if (watch === null) return null;
  return watch.last?.counted === true ? watch.last.atMs : watch.baseline.atMs;
}

export function driftView({ models }: Pick<World, "models">, name: string): DriftView {
  const known = models.get(name);
  if (known === undefined) throw unknownModel(name);
  const { model, drift = EMPTY_DRIFT_BOOK } = known;
  const scheduled = driftScheduled(model);
  return {
    model: name,
    order: model.drift ?? null,
    versions: model.versions.map(({ id, fingerprint, upstreams }) => ({
      ...{ id, fingerprint, upstreams },
      scheduled: scheduled.includes(id),
      watch: watchOf(drift, fingerprint),
      lapse: lapseOf(known, { check: "drift", version: id }),
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
