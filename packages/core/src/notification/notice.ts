// A notice: one thing that people are told of beyond Slipway, with all that a message about it needs. It is made in the
// same turn as the journal entry or the remark that causes it.

export const OCCASIONS = [
  "page-opened",
  "acknowledged",
  "page-resolved",
  "rollout-started",
  "stage-began",
  "stepped-back",
  "rolled-back",
  "rollout-completed",
  "approval-asked",
  "decision-asked",
  "incident-opened",
  "incident-mitigated",
  "post-due",
  "posted",
  "drill-failed",
  "check-missed",
  "check-resumed",
] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** What a notice does to what somebody has been called for; nobody is called for the others. */
export type Call = "trigger" | "acknowledge" | "resolve";

export const URGENCIES = ["critical", "error", "warning", "info"] as const;
export type Urgency = (typeof URGENCIES)[number];

export type Notice = {
  /** Of this notice alone, for ever: who receives it twice can tell by it. */
  readonly id: string;
  readonly occasion: Occasion | "test";
  readonly atMs: number;
  /** Notices of one thread arrive in their order. */
  readonly thread: string;
  readonly call: Call | null;
  readonly urgency: Urgency;
  readonly model: string | null;
  /** One sentence, without a full stop at its end. */
  readonly title: string;
  /** More of it, with numbers; empty for nothing. */
  readonly text: string;
  /** What templates may name: rollout, from, to, incident, by, … */
  readonly facts: { readonly [name: string]: string };
};

/** What templates may name of a notice: others have no such fact, and leave its place empty. */
export const FACTS = [
  "model",
  "rollout",
  "from",
  "to",
  "stage",
  "incident",
  "status",
  "by",
  "title",
  "text",
] as const;

/** A test: marked as one wherever it is read. */
export function testNotice(id: string, by: string, atMs: number): Notice {
  return {
    id,
    occasion: "test",
    atMs,
    thread: id,
    call: null,
    urgency: "info",
    model: null,
    title: `TEST of notifications, asked for by ${by}`,
    text: "Nothing has happened, and there is nothing to do.",
    facts: { by },
  };
}
