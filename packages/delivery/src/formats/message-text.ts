// A notice as plain text: its facts, line by line, as every format that people read has them.

import { type Notice, utcText } from "@slipway/core";

const LABELS: Readonly<Record<string, string>> = {
  model: "model",
  from: "from",
  to: "to",
  stage: "stage",
  rollout: "rollout",
  incident: "incident",
  status: "status",
  by: "by",
};

/** What `slipway` says more of it; null where nothing does. */
function commandFor({ facts }: Notice): string | null {
  const { incident, rollout } = facts;
  if (incident !== undefined) return `slipway incident show ${incident}`;
  return rollout === undefined ? null : `slipway rollout show ${rollout}`;
}

export function factLines(notice: Notice, pageUrl: string | null): readonly string[] {
  const facts = Object.entries(notice.facts).flatMap(([name, value]) => {
    const label = LABELS[name];
    return label === undefined || value === "" ? [] : [`${label}: ${value}`];
  });
  const command = commandFor(notice);
  return [
    ...facts,
    `at: ${utcText(notice.atMs)}`,
    ...(command === null ? [] : [`more: ${command}`]),
    ...(pageUrl === null ? [] : [`status page: ${pageUrl}`]),
  ];
}

/** Cut to so many characters, and it shows. */
export function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
}
