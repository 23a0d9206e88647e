// Kept answers of a mirror, drawn: what users got from stable, what the candidate made of the same requests, and stable another
// time. The three are alike unless a fault is planted in the candidate's.
import { logNormal, type Random } from "@slipway/core";
import type { AnswerRecord } from "@slipway/wire";

const REQUESTS = 500;
const TOLD = { cutOff: 0.01, medianMs: 300, spread: 0.3 } as const;
const PLANTED = { cutOff: 0.12 } as const;

export function keptAnswers(model: string, random: Random, isPlanted: boolean): string {
  const cutOff = isPlanted ? PLANTED.cutOff : TOLD.cutOff;
  const records = Array.from({ length: REQUESTS }, (_, at): readonly AnswerRecord[] => {
    const baseMs = logNormal(random, TOLD.medianMs, TOLD.spread);
    const drawn = (of: Pick<AnswerRecord, "version" | "arm" | "mirror">, share: number) => {
      const totalMs = baseMs * logNormal(random, 1, TOLD.spread);
      return {
        ...{ atMs: at, id: `r${at}`, model, segment: "all", api: "chat.completions" as const },
        ...{ outcome: "ok" as const, totalMs, ttftMs: totalMs / 3, outputTokens: 10 },
        ending: random.next() < share ? ("cut-off" as const) : ("answered" as const),
        ...{ request: "{}", answer: "word ".repeat(8 + Math.floor(5 * random.next())) },
        ...of,
      };
    };
    return [
      drawn({ version: "v1", arm: "stable", mirror: null }, TOLD.cutOff),
      drawn({ version: "v2", arm: "shadow", mirror: "mirror" }, cutOff),
      drawn({ version: "v1", arm: "shadow", mirror: "mirror" }, TOLD.cutOff),
    ];
  });
  return records
    .flat()
    .map((record) => `${JSON.stringify(record)}\n`)
    .join("");
}
