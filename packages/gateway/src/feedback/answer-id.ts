// The id of an answer: which model, version, arm, segment, rollout and tick it came from, in the id itself and signed, so
// that any worker of any gateway with the key can count feedback about it without having seen the request.

import { type ServingArm, VIAS, type Via } from "@slipway/core";
import type { Signer } from "../ports.ts";

/** Where an answer belongs as evidence; null where it is none. */
type Cohort = {
  readonly rolloutId: string;
  readonly table: number;
  readonly tick: number;
  readonly via: Via;
  /** Of the user's key; null for none. */
  readonly bucket: number | null;
};

export type Answered = {
  /** Random; the same in logs and, before the first `~`, in the signed id. */
  readonly id: string;
  readonly model: string;
  readonly version: string;
  /** The arm that gave the answer. */
  readonly arm: ServingArm;
  readonly segment: string;
  readonly cohort: Cohort | null;
};

/** Feedback about older answers is refused. */
const ANSWER_ID_MS_MAX = 86_400_000;
/** Longer ones were not made here. */
const LENGTH_MAX = 1_024;
const SEPARATOR = "~";
const PLAIN = /^[\w.!'()*-]*$/;

/** `issuedMs`: wall time, milliseconds since the epoch. */
export function answerId(signer: Signer, answered: Answered, issuedMs: number): string {
  const { arm, cohort, id, model, segment, version } = answered;
  const seconds = Math.floor(issuedMs / 1_000).toString(36);
  const who = `${arm[0]}${VIAS.indexOf(cohort?.via ?? "split")}${bucketText(cohort)}`;
  let text = `${id}~${seconds}~${who}~${escaped(model)}~${escaped(version)}~${escaped(segment)}`;
  if (cohort !== null) {
    const { rolloutId, table, tick } = cohort;
    text += `~${escaped(rolloutId)}~${table.toString(36)}~${tick.toString(36)}`;
  }
  return `${text}~${signer.sign(text)}`;
}

/** `forged`: not signed with a key of this gateway. */
export function readAnswerId(
  signer: Signer,
  text: string,
  nowMs: number,
): Answered | "malformed" | "forged" | "expired" {
  const end = text.lastIndexOf(SEPARATOR);
  const parts = text.slice(0, Math.max(0, end)).split(SEPARATOR);
  if (text.length > LENGTH_MAX || (parts.length !== 6 && parts.length !== 9)) return "malformed";
  if (!signer.verifies(text.slice(0, end), text.slice(end + 1))) return "forged";
  const [id = "", seconds = "", who = "", model = "", version = "", segment = ""] = parts;
  if (nowMs - Number.parseInt(seconds, 36) * 1_000 > ANSWER_ID_MS_MAX) return "expired";
  return {
    id,
    model: unescaped(model),
    version: unescaped(version),
    arm: who.startsWith("c") ? "candidate" : "stable",
    segment: unescaped(segment),
    cohort: cohortOf(parts, VIAS[Number(who.charAt(1))] ?? "split", who.slice(2)),
  };
}

function bucketText(cohort: Cohort | null): string {
  return cohort === null || cohort.bucket === null ? "" : cohort.bucket.toString(36);
}

function cohortOf(parts: readonly string[], via: Via, bucket: string): Cohort | null {
  const [rolloutId, table, tick] = parts.slice(6);
  if (rolloutId === undefined || table === undefined || tick === undefined) return null;
  return {
    rolloutId: unescaped(rolloutId),
    table: Number.parseInt(table, 36),
    tick: Number.parseInt(tick, 36),
    via,
    bucket: bucket === "" ? null : Number.parseInt(bucket, 36),
  };
}

function escaped(text: string): string {
  if (PLAIN.test(text)) return text;
  // Half a character, as JSON can escape it, cannot be encoded.
  return encodeURIComponent(text.toWellFormed()).replaceAll(SEPARATOR, "%7E");
}

function unescaped(text: string): string {
  return text.includes("%") ? decodeURIComponent(text) : text;
}
