// The remarks of incidents in the store: read back as acts, and appended one after another, chained by hashes as journals
// are. What people ask for is checked against what is there.

import {
  type Act,
  canonicalJson,
  draftOf,
  incidentNotices,
  type KnownIncident,
  type Post,
  type PublicUpdate,
  type Remark,
  type Surroundings,
} from "@slipway/core";
import type { IncidentActRequest } from "@slipway/wire";
import { chainHash } from "../journal/journal.ts";
import { tell } from "../notify/outbox.ts";
import type { Digest } from "../ports.ts";
import { tooManyRemarks, unknownEntry } from "../refusal.ts";
import type { StoredRemark } from "../store/store.ts";
import type { Draft } from "../world/draft.ts";
import { assertComponents } from "./communications.ts";

/** Of one incident; people and clocks write far fewer. */
const REMARKS_MAX = 500;

/** What one remark says, and who said it: its stored text. */
export type Said = Omit<Remark, "incidentId" | "sequence" | "atMs">;

export function remarkOf({ subject, sequence, atMs, text }: StoredRemark): Remark {
  return { incidentId: subject, sequence, atMs, ...(JSON.parse(text) as Said) };
}

export type Recording = {
  readonly incidentId: string;
  /** What is stored of it by now, in order. */
  readonly stored: readonly StoredRemark[];
  readonly nowMs: number;
  readonly said: readonly Said[];
};

/** Slipway's own acts come through even where people have written as much as they may. */
export function appendRemarks(draft: Draft, recording: Recording, digest: Digest): void {
  const { incidentId: subject, stored, nowMs: atMs, said } = recording;
  const isOfPeople = said.some(({ by }) => by !== null);
  if (isOfPeople && stored.length >= REMARKS_MAX) throw tooManyRemarks(subject, REMARKS_MAX);
  let last: Pick<StoredRemark, "sequence" | "hash"> = stored.at(-1) ?? { sequence: 0, hash: "" };
  const remarks = stored.map(remarkOf);
  for (const one of said) {
    const text = canonicalJson(one);
    const hash = chainHash(digest, last.hash, text);
    const next = { subject, sequence: last.sequence + 1, atMs, text, hash };
    draft.changes.push({ kind: "remark", ...next });
    const remark = remarkOf(next);
    tell(draft, incidentNotices(remark, remarks, draft.communications.status));
    remarks.push(remark);
    last = next;
  }
}

/** What was there before it: entries of the timeline that can be named, and the last post. */
type Before = { readonly entries: ReadonlySet<string>; readonly last: Post | null };

/** What a person's request comes to: posts take from the draft what they do not say. */
export function actsOf(
  { act }: IncidentActRequest,
  incident: KnownIncident,
  around: Surroundings,
  { entries, last }: Before,
): readonly Act[] {
  if (act.type === "post") {
    const draft = draftOf(incident, around);
    // Where Slipway has none, a person's stands until it is taken back.
    const stands = incident.mitigated === null ? (last?.estimate ?? null) : null;
    const estimate = draft.estimate ?? stands;
    return [{ type: "posted", update: updateOf(act, { ...draft, estimate }, around) }];
  }
  if (act.type === "marked" || act.type === "annotated") {
    if (!entries.has(act.entry)) throw unknownEntry(incident.id, act.entry);
  }
  return [act];
}

type Posting = Extract<IncidentActRequest["act"], { type: "post" }>;

function updateOf(posting: Posting, draft: PublicUpdate, around: Surroundings): PublicUpdate {
  const { nowMs } = around;
  const status = posting.status ?? draft.status;
  const isOver = status === "resolved";
  const { overInMs } = posting;
  const own =
    overInMs === undefined || overInMs === null
      ? null
      : {
          lowMs: nowMs + overInMs.low,
          highMs: nowMs + overInMs.high,
          basis: "manual" as const,
          samples: null,
        };
  return {
    status,
    text: posting.text ?? null,
    components: componentsFor(posting, draft, around),
    estimate: isOver ? null : overInMs === undefined ? draft.estimate : own,
    nextUpdateByMs: isOver
      ? null
      : posting.nextUpdateInMs === undefined
        ? draft.nextUpdateByMs
        : nowMs + posting.nextUpdateInMs,
  };
}

function componentsFor(
  { status, components }: Posting,
  draft: PublicUpdate,
  { settings, models }: Surroundings,
): PublicUpdate["components"] {
  if (components === undefined) {
    return status === "resolved"
      ? draft.components.map(({ id }) => ({ id, status: "operational" as const }))
      : draft.components;
  }
  assertComponents(
    components.map(({ id }) => id),
    settings,
    models,
  );
  return components;
}
