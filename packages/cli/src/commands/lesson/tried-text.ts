// What asking the cases of a lesson now has told, for people.

import { counted, type LessonFinding } from "@slipway/core";

export type Tried = {
  readonly id: string;
  /** The versions of the incident's rollout. */
  readonly from: string;
  readonly to: string;
  /** Null where the gate said nothing of it. */
  readonly own: LessonFinding | null;
  /** Of the rollouts that completed: how many were asked, would have been stopped, did not tell, and have versions that are gone. */
  readonly others: {
    readonly asked: number;
    readonly stopped: number;
    readonly untold: number;
    readonly gone: number;
  };
};

export function triedText({ id, from, to, own, others }: Tried): string {
  return `${id}, asked now\n  ${from} → ${to}, as in the incident: ${ownText(own)}\n  ${othersText(others)}\n`;
}

function ownText(own: LessonFinding | null): string {
  if (own === null) return "nothing was told";
  const { holds, because } = own;
  if (holds === null) return `could not tell: ${because}`;
  return holds
    ? `would not have stopped it: ${because}`
    : `would have kept it from starting, before the first user: ${because}`;
}

function othersText({ asked, stopped, untold, gone }: Tried["others"]): string {
  const left =
    gone === 0
      ? ""
      : `; ${gone} more could not be asked: slipway.yaml has their versions no longer`;
  if (asked === 0) return `no other rollout that completed could be asked for false alarms${left}`;
  const open = untold === 0 ? "" : `, and could not tell of ${untold}`;
  return `of ${counted(asked, "other rollout")} that completed it would have stopped ${stopped}${open}${left}`;
}
