// The status page in English.

import type { Strings } from "./strings.ts";

export const EN: Strings = {
  tag: "en",
  name: "English",
  listSeparator: ", ",
  overall: {
    none: "All systems operational",
    maintenance: "Maintenance under way",
    minor: "Some answers are degraded",
    major: "Partial outage",
    critical: "Major outage",
  },
  component: {
    operational: "Operational",
    under_maintenance: "Under maintenance",
    degraded_performance: "Degraded",
    partial_outage: "Partial outage",
    major_outage: "Major outage",
  },
  status: {
    investigating: "Investigating",
    identified: "Identified",
    monitoring: "Monitoring",
    resolved: "Resolved",
  },
  impact: { none: "No impact", minor: "Minor", major: "Major", critical: "Critical" },
  maintenance: {
    scheduled: "Scheduled",
    in_progress: "In progress",
    completed: "Completed",
    cancelled: "Called off",
  },
  sentence: {
    investigating:
      "Some requests are slower than usual, or fail. We have noticed, and are finding out why.",
    identified:
      "Some requests are slower than usual, or fail. It began with a change of ours, which is being taken back now.",
    monitoring:
      "Some requests were slower than usual, or failed. What caused it has ended, and everybody is served as before. We are watching that it stays so.",
    resolved: "Service has been as usual since the last update. This incident is over.",
  },
  incidentTitle: (components) => `${components}: slow or failed answers`,
  measure: {
    "roll-back": "The change was taken back for everybody.",
    "step-back": "The change was taken back for most users.",
    trip: "Our servers left the new version by themselves, and the change was taken back.",
    page: "Nothing was changed automatically: our engineers were called.",
    observed: "Our monitoring noticed it, and our engineers were told.",
  },
  change: (model, from, to) => `${model} was being moved from ${from} to ${to}.`,
  components: "Components",
  currentIncidents: "Current incidents",
  plannedMaintenance: "Maintenance",
  pastIncidents: "Past incidents",
  noIncidents: "No incidents have been reported.",
  history: "History",
  backToStatus: "Current status",
  cause: "Cause",
  updates: "Updates",
  affects: "Affects",
  began: "Began",
  detected: "Detected",
  firstPosted: "First posted",
  resolved: "Resolved",
  ongoing: "ongoing",
  estimate: (low, high) => `Expected to be over between ${low} and ${high}.`,
  estimateBasis: (samples) => `Told from our last ${samples} recoveries.`,
  estimateEarly: (samples) =>
    `Early estimate: told from only ${samples} earlier ${samples === 1 ? "recovery" : "recoveries"}.`,
  estimateManual: "Our engineers' estimate.",
  estimateExceeded: (high) =>
    `This takes longer than we expected: we had thought it would be over by ${high}.`,
  nextUpdate: (by) => `Next update by ${by}.`,
  nextUpdateOverdue: (by) => `The next update was due by ${by}, and has not come yet.`,
  lastChanged: "Last change",
  stale: "This page may be out of date: nothing has reached it from our systems for a while.",
  staleSince: "Last heard from them:",
  notice: "Notice",
  subscribe: "Follow",
  contact: "Contact",
  languages: "Languages",
  skip: "Skip to content",
};
