// Pairs from kept answers: what a user got from stable, what the candidate made of the same request, and, for some, what
// stable made of it another time.

import { type AnswerRecord, answerRecordSchema, SlipwayError } from "@slipway/wire";
import type { Files } from "../files.ts";

export type ShadowPair = {
  readonly id: string;
  readonly segment: string;
  readonly request: string;
  readonly stable: AnswerRecord;
  readonly candidate: AnswerRecord;
  /** Null where stable was not sent it once more. */
  readonly again: AnswerRecord | null;
};

export type Wanted = {
  readonly model: string;
  readonly stable: string;
  readonly candidate: string;
  /** Whose copies; null for those of any mirror. */
  readonly mirror: string | null;
};

const FILE_BYTES_MAX = 64 * 2 ** 20;
/** Of the lines, those that may be no kept answer: a disk that was full, a gateway that was killed. */
const UNREADABLE_MAX = 0.01;
/** Of all files together: the answers are held in memory. */
const BYTES_MAX = 512 * 2 ** 20;

export type KeptPairs = {
  readonly pairs: readonly ShadowPair[];
  /** Lines that are no kept answer, and were left out. */
  readonly unreadable: number;
};

/** Requests that both versions answered, the first ones first, and no more than `most`. Throws where too much cannot be read. */
export async function keptPairs(
  paths: readonly string[],
  wanted: Wanted,
  most: number,
  files: Files,
): Promise<KeptPairs> {
  const records: AnswerRecord[] = [];
  const unreadable: string[] = [];
  let lines = 0;
  let bytes = 0;
  for (const path of paths) {
    const text = await files.read(path, FILE_BYTES_MAX);
    bytes += text.length;
    if (bytes > BYTES_MAX) throw tooLarge(path);
    const found = recordsIn(text, path);
    lines += found.lines;
    unreadable.push(...found.unreadable);
    records.push(...found.records.filter(({ model }) => model === wanted.model));
  }
  if (unreadable.length > lines * UNREADABLE_MAX) throw notAnswers(unreadable, lines);
  return { pairs: pairsOf(records, wanted).slice(0, most), unreadable: unreadable.length };
}

type ReadLines = {
  readonly records: readonly AnswerRecord[];
  /** Places of those that are no kept answer. */
  readonly unreadable: readonly string[];
  readonly lines: number;
};

/** A last line without its end is still being written. */
function recordsIn(text: string, path: string): ReadLines {
  const records: AnswerRecord[] = [];
  const unreadable: string[] = [];
  let lines = 0;
  for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
    if (line.trim() === "") continue;
    lines++;
    const record = answerRecordSchema.safeParse(jsonOf(line));
    if (record.success) records.push(record.data);
    else unreadable.push(`${path}:${index + 1}`);
  }
  return { records, unreadable, lines };
}

function notAnswers([first = "", ...others]: readonly string[], lines: number): SlipwayError {
  const more = others.length === 0 ? "" : `, nor are ${others.length} other lines`;
  return new SlipwayError({
    code: "answers_unreadable",
    status: 400,
    message: `${first} is no kept answer${more}, of ${lines}`,
    fix: "name files that a gateway of this Slipway wrote: slipway gateway answers lists them",
  });
}

function pairsOf(records: readonly AnswerRecord[], wanted: Wanted): readonly ShadowPair[] {
  const byRequest = new Map<string, AnswerRecord[]>();
  for (const record of records) {
    const known = byRequest.get(record.id);
    if (known === undefined) byRequest.set(record.id, [record]);
    else known.push(record);
  }
  return [...byRequest].flatMap(([id, answers]): readonly ShadowPair[] => {
    const copyTo = (version: string): AnswerRecord | undefined =>
      answers.find(
        (one) =>
          one.arm === "shadow" &&
          one.version === version &&
          (wanted.mirror === null || one.mirror === wanted.mirror),
      );
    const stable = answers.find((one) => one.arm !== "shadow" && one.version === wanted.stable);
    const candidate = copyTo(wanted.candidate);
    if (stable === undefined || candidate === undefined) return [];
    const { segment, request } = stable;
    return [{ id, segment, request, stable, candidate, again: copyTo(wanted.stable) ?? null }];
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function tooLarge(path: string): SlipwayError {
  return new SlipwayError({
    code: "answers_too_large",
    status: 400,
    message: `the kept answers up to ${path} have more than the ${BYTES_MAX} bytes that are read`,
    fix: "name fewer files, or ask for fewer pairs",
  });
}
