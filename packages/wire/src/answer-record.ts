// One kept answer, as a gateway writes it to its disk, a line each, and as whoever scores answers reads it again.

import { ENDINGS, type Ending, OUTCOMES, type Outcome } from "@slipway/core";
import { z } from "zod";

const ARMS = ["stable", "candidate", "shadow"] as const;

export type AnswerRecord = {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** All answers to a mirrored request have the same. */
  readonly id: string;
  readonly model: string;
  readonly version: string;
  /** Copies are `shadow`, whichever version they went to. */
  readonly arm: (typeof ARMS)[number];
  /** The mirror that it is a copy of; null for what a user got. */
  readonly mirror: string | null;
  readonly segment: string;
  readonly api: string;
  readonly outcome: Outcome;
  /** Null where it cannot be read, or did not come whole. */
  readonly ending: Ending | null;
  readonly totalMs: number;
  /** Null where nothing came. */
  readonly ttftMs: number | null;
  /** As the server counts; null where it does not. */
  readonly outputTokens: number | null;
  /** The request's body, redacted. */
  readonly request: string;
  /** The answer's text, redacted. */
  readonly answer: string;
};

/** From its first answer to its last, a file spans no more. */
export const ANSWER_FILE_MS_MAX = 3_600_000;
const FILE_NAME = /^worker-\d+-(\d+)\.jsonl$/;

export function answerFileName(worker: number, beginsMs: number): string {
  return `worker-${worker}-${beginsMs}.jsonl`;
}

/** When the first answer in a file of such a name was kept; null where the name does not say. */
export function answerFileBegin(name: string): number | null {
  const [, beginsMs] = FILE_NAME.exec(name) ?? [];
  return beginsMs === undefined ? null : Number(beginsMs);
}

export const answerRecordSchema: z.ZodType<AnswerRecord> = z.object({
  atMs: z.number(),
  id: z.string(),
  model: z.string(),
  version: z.string(),
  arm: z.enum(ARMS),
  mirror: z.string().nullable(),
  segment: z.string(),
  api: z.string(),
  outcome: z.enum(OUTCOMES),
  ending: z.enum(ENDINGS).nullable(),
  totalMs: z.number().nonnegative(),
  ttftMs: z.number().nonnegative().nullable(),
  outputTokens: z.number().nonnegative().nullable(),
  request: z.string(),
  answer: z.string(),
});
