// The sections that a postmortem has: what the guides of Google's SRE book, PagerDuty and Atlassian ask for, each once.
// Those that only people can write come with a question that helps; the rest is filled from the incident.

export type SectionName =
  | "Summary"
  | "Leadup"
  | "Trigger"
  | "Fault"
  | "Impact"
  | "Detection"
  | "Response"
  | "Recovery"
  | "Timeline"
  | "Root causes"
  | "Contributing factors"
  | "Recurrence"
  | "What went well"
  | "What went wrong"
  | "Where we got lucky"
  | "Messages"
  | "Actions"
  | "Supporting information";

export type Section = {
  readonly name: SectionName;
  /** What people have to add, as a question; null where the incident says all. */
  readonly question: string | null;
};

export const SECTIONS: readonly Section[] = [
  { name: "Summary", question: null },
  { name: "Leadup", question: null },
  { name: "Trigger", question: null },
  {
    name: "Fault",
    question: "What in the version, its engines or their capacity behaved differently, and how?",
  },
  {
    name: "Impact",
    question: "What could users not do, in their own words? How many tickets came?",
  },
  {
    name: "Detection",
    question: "How would we halve the time between the beginning and the detection?",
  },
  {
    name: "Response",
    question: "Who responded, in which roles, and what did they have to find out first?",
  },
  { name: "Recovery", question: null },
  { name: "Timeline", question: null },
  {
    name: "Root causes",
    question: "How did it come about? Ask how or what five times, each time of the answer before.",
  },
  {
    name: "Contributing factors",
    question:
      "What made it likelier, worse or longer: in the plan, the checks, the tools, the knowledge?",
  },
  {
    name: "Recurrence",
    question:
      "Has it happened before? What that was already in the backlog would have prevented it?",
  },
  { name: "What went well", question: "What kept it from being worse?" },
  { name: "What went wrong", question: "What did not work as it was expected to?" },
  { name: "Where we got lucky", question: "What could have made it worse, and did not by chance?" },
  { name: "Messages", question: "What was said to users, and what inside the company, and when?" },
  {
    name: "Actions",
    question: "What will be different, by whom and by when? Fill in the table, a row for each.",
  },
  { name: "Supporting information", question: null },
];

/** What the head of a postmortem has that only people know. */
export const HEAD_FIELDS = ["Owner", "Authors", "Responders", "Review"] as const;

export const ACTION_TYPES = ["prevention", "detection", "mitigation", "process"] as const;

export const ACTIONS_HEAD = "| Action | Type | Owner | Due | Ticket |";

/** What stands where people have not written yet. */
export const TO_WRITE = "**To be written:**";
