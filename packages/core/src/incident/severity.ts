// How grave an incident is, from what was measured of it: by a table that anybody can look up, so that nobody has to
// argue about it, and so that more harm is never less grave.

/** The words of status pages, the gravest first. */
export const SEVERITIES = ["critical", "major", "minor", "none"] as const;
export type Severity = (typeof SEVERITIES)[number];

export function isGraver(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);
}

export type Grade = {
  readonly severity: Severity;
  /** Requests that users saw fail, wait too long or go unanswered, beyond what they would have without it. */
  readonly harmedMin: number;
  /** Of all requests of the model while it lasted. */
  readonly shareMin: number;
};

/** The first that holds. Both figures: a share of few requests is chance, and many of a hundred times as many are few. */
export const GRADES: readonly Grade[] = [
  { severity: "critical", harmedMin: 1_000, shareMin: 0.1 },
  { severity: "major", harmedMin: 100, shareMin: 0.01 },
  { severity: "minor", harmedMin: 1, shareMin: 0 },
  { severity: "none", harmedMin: 0, shareMin: 0 },
];

export function severityOf(harmed: number, requests: number): Severity {
  const share = harmed / Math.max(1, requests);
  const grade = GRADES.find(({ harmedMin, shareMin }) => harmed >= harmedMin && share >= shareMin);
  return grade?.severity ?? "none";
}
