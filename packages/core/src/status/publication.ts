// The clock of an incident's public life: by when something must have been said, what Slipway does by itself when
// nobody has, and what was achieved. An incident that no user felt owes nobody a word.

import type { Mitigation } from "../incident/episode.ts";
import { isGraver, type Severity } from "../incident/severity.ts";
import { type ComponentImpact, isWorse, statusUnder, worstOf } from "./component-status.ts";
import { estimateFrom } from "./estimate.ts";
import {
  type Act,
  type Disclosure,
  gravestIn,
  lastAct,
  type OpenedFacts,
  type Post,
  type PublicStatus,
  type PublicUpdate,
  postsIn,
  type Remark,
  shownSeverity,
} from "./remark.ts";
import { componentsOf, type StatusSettings } from "./settings.ts";

/** An incident as it is known now. */
export type KnownIncident = OpenedFacts & {
  readonly id: string;
  readonly severity: Severity;
  readonly mitigated: Pick<Mitigation, "atMs" | "how"> | null;
};

/** A store may hold incidents from before anybody had a page: what was opened longer ago is left to people. */
export const OWN_ACTS_WITHIN_MS: number = 24 * 3_600_000;

/** So often Slipway says by itself that an incident goes on; then it promises no more, and a person has to speak. */
export const OWN_UPDATES_MAX = 48;
/** Of the time between two updates: incidents are read now and then, and a promise is kept before it is overdue. */
const AHEAD_SHARE = 0.1;

export type Surroundings = {
  readonly settings: StatusSettings;
  readonly models: readonly string[];
  /** How long earlier recoveries took, the newest first. */
  readonly recoveriesMs: readonly number[];
  readonly nowMs: number;
};

export type Publication = {
  /** Whether users saw harm, beyond what replays hid: only then is there a deadline. */
  readonly isFelt: boolean;
  readonly detectedAtMs: number;
  readonly deadlineAtMs: number;
  /** When Slipway posts by itself. */
  readonly autoAtMs: number;
  readonly firstPostedAtMs: number | null;
  /** Null for Slipway, and where nothing was posted. */
  readonly firstPostedBy: string | null;
  /** Null while the deadline is ahead and nothing was posted, and where nobody felt it. */
  readonly isInTime: boolean | null;
  readonly status: PublicStatus | null;
  /** What it is by now, where the page shows it as less grave and only a person's post changes that; else null. */
  readonly unsaid: Severity | null;
  readonly disclosure: Disclosure;
};

export function publicationOf(
  incident: KnownIncident,
  remarks: readonly Remark[],
  { settings, nowMs }: Pick<Surroundings, "settings" | "nowMs">,
): Publication {
  const posts = postsIn(remarks);
  const first = posts[0];
  const isFelt = isFeltBy(incident, remarks);
  const deadlineAtMs = incident.detectedAtMs + settings.publishWithinMs;
  const gravest = gravestIn([...remarks.map(({ act }) => act), openedAct(incident)]);
  const isPast = first === undefined ? nowMs > deadlineAtMs : true;
  return {
    isFelt,
    detectedAtMs: incident.detectedAtMs,
    deadlineAtMs,
    autoAtMs: incident.detectedAtMs + settings.autoAfterMs,
    firstPostedAtMs: first?.atMs ?? null,
    firstPostedBy: first?.by ?? null,
    isInTime: isFelt && isPast ? first !== undefined && first.atMs <= deadlineAtMs : null,
    status: posts.at(-1)?.status ?? null,
    unsaid: first !== undefined && isGraver(gravest, shownSeverity(remarks)) ? gravest : null,
    disclosure: lastAct(remarks, "disclosed")?.cause ?? "summary",
  };
}

/** What was felt once stays so: late evidence can make a figure smaller. */
function isFeltBy({ severity }: KnownIncident, remarks: readonly Remark[]): boolean {
  return severity !== "none" || remarks.some(({ act }) => act.type === "drafted");
}

/** The post that lies ready now: of what is known, in Slipway's own sentences. */
export function draftOf(incident: KnownIncident, around: Surroundings): PublicUpdate {
  const { settings, recoveriesMs, nowMs } = around;
  const { mitigated, openedAtMs, kind } = incident;
  const isOver = mitigated !== null;
  const movesBack = kind !== "page" && kind !== "observed";
  return {
    status: isOver ? "monitoring" : movesBack ? "identified" : "investigating",
    text: null,
    components: impactsOf(incident, around, isOver),
    // Nothing is on its way back where a person must say first.
    estimate: isOver || !movesBack ? null : estimateFrom(recoveriesMs, openedAtMs),
    nextUpdateByMs: nowMs + settings.updateEveryMs,
  };
}

function impactsOf(
  { model, severity }: KnownIncident,
  { settings, models }: Surroundings,
  isOver: boolean,
): readonly ComponentImpact[] {
  const status = isOver ? "operational" : statusUnder(severity);
  return componentsOf(settings, models)
    .filter((component) => component.models.includes(model))
    .map(({ id }) => ({ id, status }));
}

/** What Slipway has to say or do now by itself, in order. Nothing where it has all been done. */
export function dueActs(
  incident: KnownIncident,
  remarks: readonly Remark[],
  around: Surroundings,
): readonly Act[] {
  const { nowMs } = around;
  const { severity, mitigated, openedAtMs } = incident;
  const isKnown = remarks.length > 0;
  if (!isKnown && nowMs - openedAtMs > OWN_ACTS_WITHIN_MS) return [];
  const acts: Act[] = [];
  if (lastAct(remarks, "opened") === null) acts.push(openedAct(incident));
  const wasMitigated = lastAct(remarks, "mitigated");
  if (mitigated !== null && wasMitigated?.endedAtMs !== mitigated.atMs) {
    acts.push({ type: "mitigated", endedAtMs: mitigated.atMs, severity });
  }
  const isFirst = lastAct(remarks, "drafted") === null;
  const known = gravestIn([...remarks.map(({ act }) => act), ...acts]);
  if (severity !== "none" && (isFirst || isGraver(severity, known))) {
    acts.push({ type: "drafted", update: draftOf(incident, around), severity });
  }
  const update = isFeltBy(incident, remarks) ? dueUpdate(incident, remarks, around) : null;
  if (update !== null) acts.push({ type: "posted", update });
  return acts;
}

/** What an incident is, as its first remark says it. */
export function openedAct(incident: KnownIncident): Extract<Act, { type: "opened" }> {
  const { model, from, to, kind, because, openedAtMs, detectedAtMs, beganAtMs, severity } =
    incident;
  const facts = { model, from, to, kind, because, openedAtMs, detectedAtMs, beganAtMs };
  return { type: "opened", facts, severity };
}

/** The post that Slipway makes by itself now; null for none. */
function dueUpdate(
  incident: KnownIncident,
  remarks: readonly Remark[],
  around: Surroundings,
): PublicUpdate | null {
  const { settings, nowMs } = around;
  const posts = postsIn(remarks);
  const last = posts.at(-1);
  const own = ownUpdate(incident, posts, around);
  if (last === undefined) {
    const isLongAgo = nowMs - incident.openedAtMs > OWN_ACTS_WITHIN_MS;
    const isDue = nowMs >= incident.detectedAtMs + settings.autoAfterMs;
    return isDue && !isLongAgo ? own : null;
  }
  return incident.mitigated === null
    ? updateWhileOpen(own, last, around)
    : updateAfterEnd(own, incident.mitigated.atMs, last, around);
}

/** The draft, with no promise in it but those that Slipway keeps by itself. */
function ownUpdate(
  incident: KnownIncident,
  posts: readonly Post[],
  around: Surroundings,
): PublicUpdate {
  const { settings } = around;
  const draft = draftOf(incident, around);
  const { mitigated } = incident;
  if (mitigated !== null) {
    const closedAtMs = mitigated.atMs + settings.resolveAfterMs;
    return { ...draft, nextUpdateByMs: closedAtMs + aheadMs(settings) };
  }
  const isLast = posts.filter(({ by }) => by === null).length + 1 >= OWN_UPDATES_MAX;
  return isLast ? { ...draft, nextUpdateByMs: null } : draft;
}

function aheadMs({ updateEveryMs }: StatusSettings): number {
  return updateEveryMs * AHEAD_SHARE;
}

/** Of its own posts Slipway takes back what was said too early, says where it got worse, and when it promised to. */
function updateWhileOpen(
  own: PublicUpdate,
  last: Post,
  { settings, nowMs }: Surroundings,
): PublicUpdate | null {
  if (last.by !== null) return null;
  if (last.status === "monitoring" || last.status === "resolved") return own;
  if (last.nextUpdateByMs !== null && nowMs >= last.nextUpdateByMs - aheadMs(settings)) return own;
  const [before, now] = [last, own].map((post) =>
    worstOf(post.components.map(({ status }) => status)),
  );
  return before !== undefined && now !== undefined && isWorse(now, before) ? own : null;
}

/** A page must not show an outage that is over: a person has as long to say so as for the first post. */
function updateAfterEnd(
  own: PublicUpdate,
  endedAtMs: number,
  last: Post,
  { settings, nowMs }: Surroundings,
): PublicUpdate | null {
  const isOwn = last.by === null;
  if (last.status === "investigating" || last.status === "identified") {
    const isDue = isOwn || nowMs >= Math.max(endedAtMs, last.atMs) + settings.autoAfterMs;
    return isDue ? own : null;
  }
  if (last.status !== "monitoring" || !isOwn || nowMs < endedAtMs + settings.resolveAfterMs) {
    return null;
  }
  return { ...own, status: "resolved", nextUpdateByMs: null };
}

/** Whether Slipway may yet have something to say of it. */
export function isUnfinished(incident: KnownIncident, remarks: readonly Remark[]): boolean {
  if (incident.mitigated === null) return true;
  const last = postsIn(remarks).at(-1);
  if (last === undefined) return isFeltBy(incident, remarks);
  // What a person watches, a person ends.
  return last.status !== "resolved" && (last.status !== "monitoring" || last.by === null);
}
