// What a drill's fault is: how requests of synthetic users fail at the version that is to be left. A way back that was
// rehearsed with one kind of failure has not been rehearsed with another: what hangs is seen much later than what fails.

export const DRILL_FAULTS = ["connect", "errors", "hang"] as const;
export type DrillFault = (typeof DRILL_FAULTS)[number];

/** Where nobody says which. */
export const DRILL_FAULT_DEFAULT: DrillFault = "connect";

export const DRILL_FAULT_TEXTS: { readonly [fault in DrillFault]: string } = {
  connect: "connections that fail",
  errors: "answers that are errors",
  hang: "requests without an answer",
};

export function drillFaultOf(text: string): DrillFault | null {
  return DRILL_FAULTS.find((fault) => fault === text) ?? null;
}

/** From the fault to the decision, at most: nobody can tell that a request hangs before its horizon has passed. */
export function detectLimitMs(fault: DrillFault, detectMsMax: number, horizonMs: number): number {
  return fault === "hang" ? detectMsMax + horizonMs : detectMsMax;
}
