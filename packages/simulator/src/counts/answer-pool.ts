// The answers that were measured at one load, in columns, each with the bins that it counts in: a count-world draws from
// them a hundred thousand times, and works none of it out again.
import { binOf, lengthClassOf, octaveOfBin, type Random } from "@slipway/core";
import type { Answer } from "./response.ts";

/** Stands for no bin, and for no class. */
export const NONE: number = -(2 ** 30);

export class AnswerPool {
  readonly answers: readonly Answer[];
  readonly totalMs: Float64Array;
  /** Of answers without a first token of their own, as for samples: when all of it came. */
  readonly ttftMs: Float64Array;
  /** Requests in the version's servers when it was sent. */
  readonly inFlight: Float64Array;
  readonly quotaTokens: Float64Array;
  readonly inputTokens: Float64Array;
  readonly estimatedTokens: Float64Array;
  readonly outputTokens: Float64Array;
  /** 1 where it is a good answer. */
  readonly isOk: Uint8Array;
  /** 1 where a good answer ended at a limit of tokens. */
  readonly isCutOff: Uint8Array;
  /** Places of the answers that were refused, and of all others; empty where none was refused. */
  readonly #refused: Int32Array;
  readonly #others: Int32Array;
  readonly totalBin: Int32Array;
  readonly ttftBin: Int32Array;
  readonly tpotBin: Int32Array;
  /** Of its output's length. */
  readonly lengthClass: Int32Array;
  readonly totalOctave: Int32Array;
  readonly ttftOctave: Int32Array;
  readonly tpotOctave: Int32Array;

  constructor(answers: readonly Answer[]) {
    this.answers = answers;
    const bins = (of: (answer: Answer) => number | null): Int32Array =>
      Int32Array.from(answers, (answer) => {
        const valueMs = of(answer);
        return valueMs === null ? NONE : binOf(valueMs);
      });
    this.totalMs = Float64Array.from(answers, ({ totalMs }) => totalMs);
    this.ttftMs = Float64Array.from(answers, ({ ttftMs, totalMs }) => ttftMs ?? totalMs);
    this.inFlight = Float64Array.from(answers, ({ inFlight }) => inFlight);
    this.quotaTokens = Float64Array.from(answers, ({ quotaTokens }) => quotaTokens);
    this.inputTokens = Float64Array.from(answers, ({ inputTokens }) => inputTokens);
    this.estimatedTokens = Float64Array.from(answers, ({ estimatedTokens }) => estimatedTokens);
    this.outputTokens = Float64Array.from(answers, ({ outputTokens }) => outputTokens);
    this.isOk = Uint8Array.from(answers, ({ kind }) => (kind === "ok" ? 1 : 0));
    this.isCutOff = Uint8Array.from(answers, ({ ending }) => (ending === "cut-off" ? 1 : 0));
    const places = (isRefused: boolean): Int32Array =>
      Int32Array.from(
        answers.flatMap(({ ending }, place) =>
          (ending === "refused") === isRefused ? [place] : [],
        ),
      );
    this.#refused = places(true);
    this.#others = this.#refused.length === 0 ? this.#refused : places(false);
    this.totalBin = bins(({ totalMs }) => totalMs);
    this.ttftBin = bins(({ ttftMs }) => ttftMs);
    this.tpotBin = bins(({ tpotMs }) => tpotMs);
    const octaves = (column: Int32Array): Int32Array =>
      column.map((bin) => (bin === NONE ? NONE : Number(octaveOfBin(bin))));
    this.totalOctave = octaves(this.totalBin);
    this.ttftOctave = octaves(this.ttftBin);
    this.tpotOctave = octaves(this.tpotBin);
    this.lengthClass = Int32Array.from(answers, ({ outputTokens }) =>
      outputTokens > 0 ? lengthClassOf(outputTokens) : NONE,
    );
  }

  get length(): number {
    return this.answers.length;
  }

  /** Of one of its answers. */
  place(random: Random): number {
    return Math.floor(random.next() * this.answers.length);
  }

  /** Of one that was refused, or of one that was not; of any where there is none such. */
  placeWhere(isRefused: boolean, random: Random): number {
    const places = isRefused ? this.#refused : this.#others;
    const chosen = Math.floor(random.next() * (places.length || this.answers.length));
    return places[chosen] ?? chosen;
  }
}

export function answerIn({ answers }: AnswerPool, place: number): Answer {
  const answer = answers[place];
  if (answer === undefined) throw new RangeError(`no answer was measured at ${place}`);
  return answer;
}

/** At its replica, when it was sent: a balancer spreads them. */
export function inFlightAt({ inFlight }: AnswerPool, place: number, replicas: number): number {
  return Math.round((inFlight[place] ?? 0) / replicas);
}
