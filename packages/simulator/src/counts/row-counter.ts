// Counts a row's plain requests, those that were answered well and in time, as `countJudgement` does and many at a time:
// a few sums for each, and its bins kept until the row is complete. A test holds it against `countJudgement`.
import {
  countPace,
  type EvidenceRow,
  emptyHistogram,
  emptyReplica,
  type Histogram,
  type LatencyTime,
  LENGTH_CLASSES,
  mergeInto,
  type Random,
  type ReplicaCounts,
  SAMPLES_PER_ROW,
  TOKENS_SQUARED_MAX,
  type Whose,
} from "@slipway/core";
import { type AnswerPool, NONE } from "./answer-pool.ts";
import { countArrival, Named, type Person } from "./crowd.ts";

const REQUESTS_AT_FIRST = 256;

export class RowCounter {
  #row: EvidenceRow | null = null;
  #named = new Named();
  #replicas: readonly string[] = [];
  /** The row's, by the place of their replica in `#replicas`; none before a request there. */
  readonly #counts: (ReplicaCounts | undefined)[] = [];
  #length = 0;
  #totalBin = new Int32Array(REQUESTS_AT_FIRST);
  #ttftBin = new Int32Array(REQUESTS_AT_FIRST);
  #tpotBin = new Int32Array(REQUESTS_AT_FIRST);
  #lengthClass = new Int32Array(REQUESTS_AT_FIRST);
  readonly #chosen: { bins: Int32Array; length: number } = {
    bins: new Int32Array(REQUESTS_AT_FIRST),
    length: 0,
  };

  /** `replicas`: the names of the arm's. */
  begin(row: EvidenceRow, named: Named, replicas: readonly string[]): void {
    this.#row = row;
    this.#replicas = replicas;
    this.#counts.length = 0;
    this.#named = named;
    this.#length = 0;
  }

  /** One good answer. `replica`: by its place among the arm's. `inFlight`: there. */
  add(
    person: Person,
    replica: number,
    inFlight: number,
    pool: AnswerPool,
    index: number,
    random: Random,
  ): void {
    const row = this.#row;
    const answer = pool.answers[index];
    if (row === null || answer === undefined) return;
    const { totalMs, inputTokens, estimatedTokens, outputTokens } = answer;
    countArrival(row, person, this.#named);
    const ok = (row.outcomes.ok ?? 0) + 1;
    row.judged++;
    row.outcomes.ok = ok;
    row.inFlightMs += totalMs;
    const counts = this.#countAt(row, replica);
    if (pool.isCutOff[index] === 1) countCutOff(row, counts, person);
    else row.endings.answered = (row.endings.answered ?? 0) + 1;
    const name = this.#replicas[replica] ?? "";
    const whose = { bucket: person.isKeyless ? null : person.bucket, replica: name };
    countOctave(row, "total", pool.totalOctave[index], whose);
    countOctave(row, "ttft", pool.ttftOctave[index], whose);
    countOctave(row, "tpot", pool.tpotOctave[index], whose);
    countTokens(row, person, inputTokens, outputTokens);
    const { samples } = row;
    const place =
      samples.length < SAMPLES_PER_ROW ? samples.length : Math.floor(random.next() * ok);
    if (place < SAMPLES_PER_ROW) {
      const ttftMs = pool.ttftMs[index] ?? totalMs;
      samples[place] = {
        inputTokens,
        estimatedTokens,
        cachedTokens: 0,
        outputTokens,
        ttftMs,
        totalMs,
        inFlight,
        replica: name,
      };
    }
    this.#keep(pool, index);
  }

  /** Puts the bins into the row's histograms. */
  end(): void {
    const row = this.#row;
    if (row === null || this.#length === 0) return;
    const { latency, lengths } = row;
    this.#pour(latency.total, this.#totalBin, null);
    this.#pour(latency.ttft, this.#ttftBin, null);
    this.#pour(latency.tpot, this.#tpotBin, null);
    for (let place = 0; place < LENGTH_CLASSES; place++) {
      this.#pourClass(lengths.total, this.#totalBin, place);
      this.#pourClass(lengths.tpot, this.#tpotBin, place);
    }
    this.#length = 0;
  }

  #countAt(row: EvidenceRow, replica: number): ReplicaCounts {
    let counts = this.#counts[replica];
    if (counts === undefined) {
      const name = this.#replicas[replica] ?? "";
      counts = row.replicas[name] ?? emptyReplica();
      row.replicas[name] = counts;
      while (this.#counts.length < replica) this.#counts.push(undefined);
      this.#counts[replica] = counts;
    }
    counts.arrivals++;
    counts.counted++;
    counts.read++;
    return counts;
  }

  #keep(pool: AnswerPool, index: number): void {
    const at = this.#length++;
    if (at === this.#totalBin.length) this.#grow();
    this.#totalBin[at] = pool.totalBin[index] ?? NONE;
    this.#ttftBin[at] = pool.ttftBin[index] ?? NONE;
    this.#tpotBin[at] = pool.tpotBin[index] ?? NONE;
    this.#lengthClass[at] = pool.lengthClass[index] ?? NONE;
  }

  #grow(): void {
    const grown = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const next = new Int32Array(2 * column.length);
      next.set(column);
      return next;
    };
    this.#totalBin = grown(this.#totalBin);
    this.#ttftBin = grown(this.#ttftBin);
    this.#tpotBin = grown(this.#tpotBin);
    this.#lengthClass = grown(this.#lengthClass);
    this.#chosen.bins = grown(this.#chosen.bins);
  }

  /** `place`: of this class of length alone; null for all. */
  #pour(target: Histogram, bins: Int32Array, place: number | null): void {
    this.#choose(bins, place);
    pourInto(target, this.#chosen.bins, this.#chosen.length);
  }

  #pourClass(targets: Histogram[], bins: Int32Array, place: number): void {
    this.#choose(bins, place);
    if (this.#chosen.length === 0) return;
    while (targets.length <= place) targets.push(emptyHistogram());
    const target = targets[place];
    if (target !== undefined) pourInto(target, this.#chosen.bins, this.#chosen.length);
  }

  #choose(bins: Int32Array, place: number | null): void {
    const chosen = this.#chosen;
    let length = 0;
    for (let at = 0; at < this.#length; at++) {
      const bin = bins[at] ?? NONE;
      if (bin === NONE || (place !== null && this.#lengthClass[at] !== place)) continue;
      chosen.bins[length++] = bin;
    }
    chosen.length = length;
  }
}

/** Adds values by their bins: as recording each, with room made once. */
export function pourInto(target: Histogram, bins: Int32Array, length: number): void {
  if (length === 0) return;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < length; at++) {
    const bin = bins[at] ?? 0;
    if (bin < first) first = bin;
    if (bin > last) last = bin;
  }
  const counts: number[] = [];
  for (let bin = first; bin <= last; bin++) counts.push(0);
  for (let at = 0; at < length; at++) {
    const place = (bins[at] ?? 0) - first;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  if (target.counts.length > 0) mergeInto(target, { first, counts, over: 0 });
  else {
    target.first = first;
    target.counts = counts;
  }
}

/** A mishap, where it happened. */
function countCutOff(row: EvidenceRow, at: ReplicaCounts, { isKeyless, bucket }: Person): void {
  row.endings["cut-off"] = (row.endings["cut-off"] ?? 0) + 1;
  at.mishaps["cut-off"] = (at.mishaps["cut-off"] ?? 0) + 1;
  if (isKeyless) return;
  const own = row.buckets.mishaps[bucket] ?? {};
  own["cut-off"] = (own["cut-off"] ?? 0) + 1;
  row.buckets.mishaps[bucket] = own;
}

function countOctave(
  row: EvidenceRow,
  time: LatencyTime,
  octave: string | null | undefined,
  whose: Whose,
): void {
  if (octave !== null && octave !== undefined) countPace(row, time, octave, whose);
}

function countTokens(
  row: EvidenceRow,
  { isKeyless, bucket }: Person,
  inputTokens: number,
  outputTokens: number,
): void {
  const { tokens, usage, buckets } = row;
  tokens.input += inputTokens;
  tokens.output += outputTokens;
  const i = Math.min(inputTokens, TOKENS_SQUARED_MAX);
  const o = Math.min(outputTokens, TOKENS_SQUARED_MAX);
  usage.n++;
  usage.ii += i * i;
  usage.io += i * o;
  usage.oo += o * o;
  if (isKeyless) return;
  const { input, cached, output } = buckets.tokens;
  while (input.length <= bucket) {
    input.push(0);
    cached.push(0);
    output.push(0);
  }
  input[bucket] = (input[bucket] ?? 0) + inputTokens;
  output[bucket] = (output[bucket] ?? 0) + outputTokens;
}
