// What people and Slipway say about an incident after it was derived: acts, appended one after another and never
// changed. What is curated stays: a hidden entry can be shown again, and who hid it is there to read.

import type { OpeningKind } from "../incident/episode.ts";
import { isGraver, type Severity } from "../incident/severity.ts";
import type { Because } from "../rollout/event.ts";
import type { ComponentImpact } from "./component-status.ts";

export const PUBLIC_STATUSES = ["investigating", "identified", "monitoring", "resolved"] as const;
export type PublicStatus = (typeof PUBLIC_STATUSES)[number];

/** How much of the cause readers of the page are told. */
export const DISCLOSURES = ["summary", "measures", "full"] as const;
export type Disclosure = (typeof DISCLOSURES)[number];

export const MARKS = ["pinned", "unpinned", "hidden", "shown"] as const;
export type Mark = (typeof MARKS)[number];

/** When it will be over, as far as anybody knows. */
export type Estimate = {
  readonly lowMs: number;
  readonly highMs: number;
  readonly basis: "rollback-history" | "manual";
  /** How many earlier recoveries it rests on; null for a person's word. */
  readonly samples: number | null;
};

/** What a post says. */
export type PublicUpdate = {
  readonly status: PublicStatus;
  /** Null where it is Slipway's own sentence: every reader then has it in their language. */
  readonly text: string | null;
  readonly components: readonly ComponentImpact[];
  readonly estimate: Estimate | null;
  readonly nextUpdateByMs: number | null;
};

/** What is known of an incident when it is first seen, so that its page needs neither journal nor ticks. */
export type OpenedFacts = {
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly kind: OpeningKind;
  readonly because: Because;
  readonly openedAtMs: number;
  readonly detectedAtMs: number;
  readonly beganAtMs: number | null;
};

export type Act =
  | { readonly type: "opened"; readonly facts: OpenedFacts; readonly severity: Severity }
  /** Users felt it, or it got graver than was said: a post lies ready. */
  | { readonly type: "drafted"; readonly update: PublicUpdate; readonly severity: Severity }
  | { readonly type: "mitigated"; readonly endedAtMs: number; readonly severity: Severity }
  | { readonly type: "noted"; readonly text: string; readonly visibility: "internal" | "public" }
  | { readonly type: "marked"; readonly entry: string; readonly mark: Mark }
  | { readonly type: "annotated"; readonly entry: string; readonly text: string }
  | { readonly type: "titled"; readonly title: string }
  | { readonly type: "disclosed"; readonly cause: Disclosure }
  | { readonly type: "posted"; readonly update: PublicUpdate };

export type Remark = {
  readonly incidentId: string;
  readonly sequence: number;
  readonly atMs: number;
  /** Null: Slipway. */
  readonly by: string | null;
  readonly reason: string;
  readonly act: Act;
};

export type Post = PublicUpdate & {
  readonly sequence: number;
  readonly atMs: number;
  readonly by: string | null;
};

/** The oldest first. */
export function postsIn(remarks: readonly Remark[]): readonly Post[] {
  return remarks.flatMap(({ sequence, atMs, by, act }) =>
    act.type === "posted" ? [{ sequence, atMs, by, ...act.update }] : [],
  );
}

/** The last act of a kind. */
export function lastAct<T extends Act["type"]>(
  remarks: readonly Remark[],
  type: T,
): Extract<Act, { type: T }> | null {
  for (const { act } of remarks.toReversed()) {
    if (act.type === type) return act as Extract<Act, { type: T }>;
  }
  return null;
}

/** The gravest that any of them says: what was felt once stays so. */
export function gravestIn(acts: readonly Act[]): Severity {
  return acts.reduce<Severity>(
    (gravest, act) =>
      "severity" in act && isGraver(act.severity, gravest) ? act.severity : gravest,
    "none",
  );
}

/** As the page has it: what was known at the last post, and at the end of the harm. */
export function shownSeverity(remarks: readonly Remark[]): Severity {
  const last = remarks.findLastIndex(({ act }) => act.type === "posted");
  return gravestIn(
    remarks.flatMap(({ act }, index) => (index <= last || act.type === "mitigated" ? [act] : [])),
  );
}
