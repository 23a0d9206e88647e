// What Slipway has to say of an incident, and when: as rules, without a store or a clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Act,
  DEFAULT_STATUS,
  draftOf,
  dueActs,
  estimateFrom,
  isEarly,
  isExceeded,
  isUnfinished,
  type KnownIncident,
  maintenanceStatus,
  OWN_UPDATES_MAX,
  postsIn,
  publicationOf,
  type Remark,
  type StatusPage,
  type Surroundings,
  statusPageOf,
} from "@slipway/core";

const AT = 1_000_000_000;
const MINUTE = 60_000;

const INCIDENT: KnownIncident = {
  id: "r1-7",
  model: "chat",
  from: "a",
  to: "b",
  kind: "roll-back",
  because: { code: "guard", text: "P99 latency is 3x stable's" },
  openedAtMs: AT,
  detectedAtMs: AT,
  beganAtMs: AT - MINUTE,
  severity: "minor",
  mitigated: null,
};

function around(minutes: number, recoveriesMs: readonly number[] = []): Surroundings {
  const nowMs = AT + minutes * MINUTE;
  return { settings: DEFAULT_STATUS, models: ["chat"], recoveriesMs, nowMs };
}

/** Lets Slipway say what is due at a minute; a person's posts are put between. */
class Course {
  readonly remarks: Remark[] = [];

  at(minutes: number, incident: KnownIncident): string {
    const acts = dueActs(incident, this.remarks, around(minutes));
    for (const act of acts) this.#add(minutes, null, act);
    return acts
      .map((act) => (act.type === "posted" ? `posted-${act.update.status}` : act.type))
      .join(" ");
  }

  person(minutes: number, incident: KnownIncident, status: "identified" | "monitoring"): void {
    const update = { ...draftOf(incident, around(minutes)), status, text: "We are on it." };
    this.#add(minutes, "ann", { type: "posted", update });
  }

  #add(minutes: number, by: string | null, act: Act): void {
    const sequence = this.remarks.length + 1;
    const atMs = AT + minutes * MINUTE;
    this.remarks.push({ incidentId: INCIDENT.id, sequence, atMs, by, reason: "", act });
  }
}

function pageOf(remarks: ReadonlyMap<string, readonly Remark[]>): StatusPage {
  const { settings, models, nowMs } = around(60);
  return statusPageOf({ settings, sinceMs: 0, models, remarks, maintenances: [], nowMs });
}

function impactShown({ remarks }: Course): string | undefined {
  return pageOf(new Map([["r1-7", remarks]])).incidents[0]?.impact;
}

const OVER: KnownIncident = {
  ...INCIDENT,
  mitigated: { atMs: AT + 20 * MINUTE, how: "rolled-back" },
};

test("what goes on is posted at ten minutes, corrected when it is over, and closed half an hour later", () => {
  const course = new Course();
  assert.equal(course.at(0, INCIDENT), "opened drafted");
  assert.equal(course.at(9.9, INCIDENT), "");
  assert.equal(course.at(10, INCIDENT), "posted-identified");
  assert.equal(course.at(11, INCIDENT), "");
  assert.equal(course.at(20, OVER), "mitigated posted-monitoring");
  assert.equal(isUnfinished(OVER, course.remarks), true);
  assert.equal(course.at(49, OVER), "");
  assert.equal(course.at(50, OVER), "posted-resolved");
  assert.equal(isUnfinished(OVER, course.remarks), false);
});

test("the next update that Slipway promised comes before it is overdue, and is promised only so often", () => {
  const course = new Course();
  course.at(0, INCIDENT);
  const minutes: number[] = [];
  for (let minute = 10; minute < 30 * 60; minute++) {
    const promisedMs = postsIn(course.remarks).at(-1)?.nextUpdateByMs ?? null;
    const isPosted = course.at(minute, INCIDENT) === "posted-identified";
    if (isPosted) minutes.push(minute);
    assert.ok(promisedMs === null || AT + minute * MINUTE < promisedMs);
  }
  assert.deepEqual(minutes.slice(0, 3), [10, 37, 64]);
  assert.equal(minutes.length, OWN_UPDATES_MAX);
  assert.equal(postsIn(course.remarks).at(-1)?.nextUpdateByMs, null);
});

test("an end that Slipway watches is promised no sooner than it closes the incident", () => {
  const course = new Course();
  course.at(0, INCIDENT);
  course.at(10, INCIDENT);
  assert.equal(course.at(20, OVER), "mitigated posted-monitoring");
  assert.equal(postsIn(course.remarks).at(-1)?.nextUpdateByMs, AT + 53 * MINUTE);
});

test("what comes back, or gets worse, is said after a post of its own", () => {
  const course = new Course();
  course.at(10, OVER);
  assert.equal(course.at(21, INCIDENT), "posted-identified");
  assert.equal(impactShown(course), "minor");
  const graver: KnownIncident = { ...INCIDENT, severity: "critical" };
  assert.equal(course.at(22, graver), "drafted posted-identified");
  assert.equal(impactShown(course), "critical");
  assert.equal(course.at(23, INCIDENT), "");
  assert.equal(course.at(24, graver), "");
});

test("a person who posts is left alone, but for an outage that has ended", () => {
  const course = new Course();
  course.at(0, INCIDENT);
  course.person(5, INCIDENT, "identified");
  assert.equal(course.at(15, INCIDENT), "");
  assert.equal(course.at(21, OVER), "mitigated");
  assert.equal(course.at(30, OVER), "posted-monitoring");
  const other = new Course();
  other.at(0, OVER);
  other.person(21, OVER, "monitoring");
  assert.equal(other.at(500, OVER), "");
  assert.equal(isUnfinished(OVER, other.remarks), false);
});

test("what gets graver after a person's post is drafted, and on the page when somebody posts", () => {
  const course = new Course();
  const graver: KnownIncident = { ...INCIDENT, severity: "critical" };
  const unsaid = (): string | null => publicationOf(graver, course.remarks, around(15)).unsaid;
  course.at(0, INCIDENT);
  assert.equal(unsaid(), null);
  course.person(5, INCIDENT, "identified");
  assert.equal(course.at(15, graver), "drafted");
  assert.equal(impactShown(course), "minor");
  assert.equal(unsaid(), "critical");
  course.person(16, graver, "identified");
  assert.equal(impactShown(course), "critical");
  assert.equal(unsaid(), null);
});

test("what goes on stays on the page, whatever came after it", () => {
  const course = new Course();
  course.at(10, INCIDENT);
  const over = new Course();
  over.at(10, OVER);
  over.at(50, OVER);
  const later = Array.from({ length: 60 }, (_, n) => [`r2-${n}`, over.remarks] as const);
  const remarks = new Map([["r1-7", course.remarks], ...later]);
  const { incidents, components } = pageOf(remarks);
  assert.equal(incidents.length, 50);
  assert.ok(incidents.some(({ id }) => id === "r1-7"));
  assert.deepEqual(
    components.map(({ status }) => status),
    ["degraded_performance"],
  );
});

test("nobody felt it, then somebody did: the clock counts from detection all the same", () => {
  const course = new Course();
  const unfelt: KnownIncident = { ...INCIDENT, severity: "none" };
  assert.equal(course.at(12, unfelt), "opened");
  const { isFelt, isInTime } = publicationOf(unfelt, course.remarks, around(20));
  assert.deepEqual([isFelt, isInTime], [false, null]);
  assert.equal(course.at(16, INCIDENT), "drafted posted-identified");
  assert.equal(publicationOf(INCIDENT, course.remarks, around(17)).isInTime, false);
});

test("until it has passed the deadline is open, and then missed", () => {
  const inTime = (minutes: number): boolean | null =>
    publicationOf(INCIDENT, [], around(minutes)).isInTime;
  assert.deepEqual([inTime(14.9), inTime(15), inTime(15.1)], [null, null, false]);
});

test("an estimate is a range of durations that there were, early with few, exceeded once past", () => {
  assert.equal(estimateFrom([], AT), null);
  const few = estimateFrom([3_000, 1_000], AT);
  assert.deepEqual(few, {
    lowMs: AT + 1_000,
    highMs: AT + 3_000,
    basis: "rollback-history",
    samples: 2,
  });
  assert.ok(few !== null && isEarly(few));
  const many = estimateFrom([10, 1, 2, 3, 4, 5, 6, 7, 8, 9], AT);
  assert.deepEqual([many?.lowMs, many?.highMs], [AT + 5, AT + 9]);
  assert.ok(many !== null && !isEarly(many));
  assert.deepEqual([isExceeded(many, AT + 9), isExceeded(many, AT + 10)], [false, true]);
});

test("a draft promises no end where a person must say first, and none once it is over", () => {
  const some = around(1, [2_000, 3_000]);
  assert.equal(draftOf(INCIDENT, some).estimate?.samples, 2);
  assert.equal(draftOf({ ...INCIDENT, kind: "page" }, some).estimate, null);
  assert.equal(draftOf({ ...INCIDENT, kind: "page" }, some).status, "investigating");
  assert.equal(draftOf(OVER, some).estimate, null);
  assert.deepEqual(draftOf(OVER, some).components, [{ id: "chat", status: "operational" }]);
});

test("maintenance that is ended before it begins is called off, after that it is completed", () => {
  const plan = {
    ...{ id: "m", title: "t", text: "", components: [], announcedAtMs: 0, by: "ann" },
    ...{ fromMs: 10, untilMs: 20, ended: null },
  };
  const statuses = [9, 10, 19, 20].map((nowMs) => maintenanceStatus(plan, nowMs));
  assert.deepEqual(statuses, ["scheduled", "in_progress", "in_progress", "completed"]);
  const endedAt = (atMs: number): string =>
    maintenanceStatus({ ...plan, ended: { atMs, by: "ann", reason: "r" } }, atMs);
  assert.deepEqual([endedAt(5), endedAt(15)], ["cancelled", "completed"]);
});
