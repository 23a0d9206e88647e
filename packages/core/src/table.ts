// The routing table: an immutable, numbered snapshot of who serves what, which gateways follow.

import type { AnswersPolicy } from "./answers.ts";
import type { AudiencePolicy } from "./audience.ts";
import type { Client } from "./client.ts";
import type { Mirror } from "./mirror.ts";
import type { Pool, Version } from "./model.ts";
import type {
  EvidencePolicy,
  KeyPolicy,
  LeasePolicy,
  PriorityPolicy,
  ReplayPolicy,
} from "./policy.ts";
import type { TripPolicy } from "./trip/trip.ts";

/** A candidate that serves users beside the stable version. */
export type Split = {
  readonly rolloutId: string;
  readonly candidate: Version;
  /** Slots 0 … candidateSlots-1 of `SLOTS` belong to the candidate. 0 while a rollback is confirmed. */
  readonly candidateSlots: number;
};

/** Everything a gateway needs to serve one model. */
export type Route = {
  readonly model: string;
  readonly stable: Version;
  readonly split: Split | null;
  readonly keys: KeyPolicy;
  readonly audience: AudiencePolicy;
  readonly evidence: EvidencePolicy;
  readonly replay: ReplayPolicy;
  readonly onRollback?: "cut";
  readonly trip: TripPolicy;
  readonly answers: AnswersPolicy;
  readonly lease: LeasePolicy;
  readonly priority: PriorityPolicy;
  readonly deadlineMs: number;
  /** It stands in for a model in a drill: its candidate fails requests that say so. */
  readonly drill?: true;
  /** Background requests are served from what nobody else needs, as copies are; as usual where absent. */
  readonly shed?: true;
  /** The version that gets copies of this model's requests; null for none. */
  readonly mirror: Mirror | null;
};

export type Table = {
  /** Which store minted it; a gateway refuses another store's tables until an operator says otherwise. */
  readonly storeId: string;
  /** Grows with every change; gateways refuse lower numbers. */
  readonly number: number;
  /** Wall time, milliseconds since the epoch. */
  readonly mintedAtMs: number;
  /** Sorted by model name. */
  readonly routes: readonly Route[];
  /** Who may call; null lets everyone in. */
  readonly clients: readonly Client[] | null;
  /** Those whose quota is declared, sorted by name. */
  readonly pools: readonly Pool[];
};
