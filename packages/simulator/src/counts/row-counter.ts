// Counts a row's plain requests, those that were answered well and in time, as `countJudgement` does and many at a time:
// in arrays that are used again from row to row, and put into the row when it is complete. A test holds it against
// `countJudgement`.
import {
  type EvidenceRow,
  emptyHistogram,
  emptyReplica,
  type Histogram,
  KEY_BUCKETS,
  LENGTH_CLASSES,
  type Random,
  type ReplicaCounts,
  SAMPLES_PER_ROW,
  type Sample,
  TOKENS_SQUARED_MAX,
  type Wanted,
} from "@slipway/core";
import { type AnswerPool, inFlightAt, NONE } from "./answer-pool.ts";
import { BinCounts } from "./bin-counts.ts";
import { Named, NO_BUCKET, type PeopleColumns } from "./crowd.ts";
import { PaceCounts } from "./pace-counts.ts";
import type { PlainRequests } from "./plain-requests.ts";
import type { Mixture } from "./surface.ts";

/** What somebody looks at beside whole answers and first tokens. */
export type Counted = Wanted & {
  /** Whether of stable, too, a few requests are kept as they were. */
  readonly stableSamples: boolean;
  /** Whether an arm's users are counted by segment, too. */
  readonly segmentUsers: boolean;
};

export const EVERYTHING: Counted = {
  tpot: true,
  lengths: true,
  stableSamples: true,
  segmentUsers: true,
};
const PACED = ["total", "ttft", "tpot"] as const;

/** What requests add up to, before it is in the row. */
type Sums = {
  requests: number;
  /** Of them, those that ended at a limit of tokens. */
  cutOff: number;
  keyless: number;
  input: number;
  output: number;
  inputSquares: number;
  products: number;
  outputSquares: number;
};

export class RowCounter {
  readonly #wanted: Counted;
  #row: EvidenceRow | null = null;
  #named = new Named();
  #replicas: readonly string[] = [];
  readonly #sums: Sums = { ...NO_SUMS };
  readonly #bins = { total: new BinCounts(), ttft: new BinCounts(), tpot: new BinCounts() };
  readonly #pace = { total: new PaceCounts(), ttft: new PaceCounts(), tpot: new PaceCounts() };
  readonly #totalByClass = classes();
  readonly #tpotByClass = classes();
  /** By key bucket. */
  readonly #arrivals = new Int32Array(KEY_BUCKETS);
  readonly #input = new Float64Array(KEY_BUCKETS);
  readonly #output = new Float64Array(KEY_BUCKETS);
  /** By replica. */
  #served = new Int32Array(0);

  constructor(wanted: Counted = EVERYTHING) {
    this.#wanted = wanted;
  }

  /** `replicas`: the names of the arm's. */
  begin(row: EvidenceRow, named: Named, replicas: readonly string[]): void {
    this.#row = row;
    this.#named = named;
    this.#replicas = replicas;
    if (this.#served.length !== replicas.length) this.#served = new Int32Array(replicas.length);
    for (const time of PACED) this.#pace[time].begin(replicas.length);
  }

  /** Good answers of a cell. `random`: which of them are samples. */
  addAll(requests: PlainRequests, people: PeopleColumns, mixture: Mixture, random: Random): void {
    const row = this.#row;
    const { length } = requests;
    if (row === null || length === 0) return;
    if (row.arm === "candidate" || this.#wanted.stableSamples) {
      this.#takeSamples(row, requests, mixture, random);
    }
    row.outcomes.ok = (row.outcomes.ok ?? 0) + length;
    this.#sums.requests += length;
    const { person, replica, isHigh, place } = requests;
    for (let at = 0; at < length; at++) {
      const pool = isHigh[at] === 1 ? mixture.high : mixture.low;
      const bucket = this.#countUser(row, people, person[at] ?? 0);
      this.#countAnswer(row, pool, place[at] ?? 0, bucket, replica[at] ?? 0);
    }
  }

  /** `place`: of the answer in its pool. */
  #countAnswer(
    row: EvidenceRow,
    pool: AnswerPool,
    place: number,
    bucket: number,
    replica: number,
  ): void {
    row.inFlightMs += pool.totalMs[place] ?? 0;
    this.#served[replica] = (this.#served[replica] ?? 0) + 1;
    if (pool.isCutOff[place] === 1) this.#countCutOff(row, replica, bucket);
    this.#countTimes(pool, place, bucket, replica);
    this.#countTokens(pool.inputTokens[place] ?? 0, pool.outputTokens[place] ?? 0, bucket);
  }

  /** As a gateway does: each has the same chance to be among the few. */
  #takeSamples(
    { samples, outcomes }: EvidenceRow,
    { length, replica, isHigh, place }: PlainRequests,
    { low, high }: Mixture,
    random: Random,
  ): void {
    let ok = outcomes.ok ?? 0;
    for (let at = 0; at < length; at++) {
      ok++;
      const into =
        samples.length < SAMPLES_PER_ROW ? samples.length : Math.floor(random.next() * ok);
      if (into >= SAMPLES_PER_ROW) continue;
      const pool = isHigh[at] === 1 ? high : low;
      const name = this.#replicas[replica[at] ?? 0] ?? "";
      samples[into] = sampleOf(pool, place[at] ?? 0, name, this.#replicas.length);
    }
  }

  /** Puts what was counted into the row. */
  end(): void {
    const row = this.#row;
    if (row === null || this.#sums.requests === 0) return;
    this.#pourSums(row);
    this.#pourBuckets(row);
    this.#pourReplicas(row);
    const { latency, lengths, buckets, replicas } = row;
    for (const time of PACED) {
      this.#bins[time].pourInto(latency[time]);
      this.#pace[time].pourInto(
        buckets.pace[time],
        this.#replicas,
        (name) => replicas[name]?.pace[time],
      );
    }
    if (!this.#wanted.lengths) return;
    pourClasses(this.#totalByClass, lengths.total);
    pourClasses(this.#tpotByClass, lengths.tpot);
  }

  /** The user's bucket. */
  #countUser(row: EvidenceRow, { bucket, mark }: PeopleColumns, person: number): number {
    const own = bucket[person] ?? NO_BUCKET;
    if (own === NO_BUCKET) {
      this.#sums.keyless++;
      return NO_BUCKET;
    }
    this.#arrivals[own] = (this.#arrivals[own] ?? 0) + 1;
    this.#named.name(row, mark[person] ?? 0);
    return own;
  }

  #countTimes(pool: AnswerPool, index: number, bucket: number, replica: number): void {
    const { tpot, lengths } = this.#wanted;
    const totalBin = pool.totalBin[index] ?? NONE;
    this.#bins.total.add(totalBin);
    this.#bins.ttft.add(pool.ttftBin[index] ?? NONE);
    this.#pace.total.add(pool.totalOctave[index] ?? NONE, bucket, replica);
    this.#pace.ttft.add(pool.ttftOctave[index] ?? NONE, bucket, replica);
    const tpotBin = pool.tpotBin[index] ?? NONE;
    if (tpot) {
      this.#bins.tpot.add(tpotBin);
      this.#pace.tpot.add(pool.tpotOctave[index] ?? NONE, bucket, replica);
    }
    if (!lengths) return;
    const own = pool.lengthClass[index] ?? NONE;
    this.#totalByClass[own]?.add(totalBin);
    this.#tpotByClass[own]?.add(tpotBin);
  }

  #countTokens(inputTokens: number, outputTokens: number, bucket: number): void {
    const sums = this.#sums;
    sums.input += inputTokens;
    sums.output += outputTokens;
    const i = Math.min(inputTokens, TOKENS_SQUARED_MAX);
    const o = Math.min(outputTokens, TOKENS_SQUARED_MAX);
    sums.inputSquares += i * i;
    sums.products += i * o;
    sums.outputSquares += o * o;
    if (bucket === NO_BUCKET) return;
    this.#input[bucket] = (this.#input[bucket] ?? 0) + inputTokens;
    this.#output[bucket] = (this.#output[bucket] ?? 0) + outputTokens;
  }

  /** A mishap, where it happened. */
  #countCutOff(row: EvidenceRow, replica: number, bucket: number): void {
    this.#sums.cutOff++;
    const { mishaps } = this.#countsOf(row, replica);
    mishaps["cut-off"] = (mishaps["cut-off"] ?? 0) + 1;
    if (bucket === NO_BUCKET) return;
    const own = row.buckets.mishaps[bucket] ?? {};
    own["cut-off"] = (own["cut-off"] ?? 0) + 1;
    row.buckets.mishaps[bucket] = own;
  }

  #countsOf({ replicas }: EvidenceRow, replica: number): ReplicaCounts {
    const name = this.#replicas[replica] ?? "";
    const counts = replicas[name] ?? emptyReplica();
    replicas[name] = counts;
    return counts;
  }

  #pourSums(row: EvidenceRow): void {
    const sums = this.#sums;
    const { endings, tokens, usage } = row;
    const answered = sums.requests - sums.cutOff;
    row.arrivals += sums.requests;
    row.judged += sums.requests;
    row.keyless += sums.keyless;
    if (answered > 0) endings.answered = (endings.answered ?? 0) + answered;
    if (sums.cutOff > 0) endings["cut-off"] = (endings["cut-off"] ?? 0) + sums.cutOff;
    tokens.input += sums.input;
    tokens.output += sums.output;
    usage.n += sums.requests;
    usage.ii += sums.inputSquares;
    usage.io += sums.products;
    usage.oo += sums.outputSquares;
    Object.assign(sums, NO_SUMS);
  }

  /** Of tokens a row has as many buckets as the highest that was seen. */
  #pourBuckets({ buckets }: EvidenceRow): void {
    const { arrivals, tokens } = buckets;
    let end = 0;
    for (let bucket = 0; bucket < KEY_BUCKETS; bucket++) {
      const requests = this.#arrivals[bucket] ?? 0;
      if (requests === 0) continue;
      arrivals[bucket] = (arrivals[bucket] ?? 0) + requests;
      end = bucket + 1;
    }
    tokens.input = plus(tokens.input, this.#input, end);
    tokens.cached = plus(tokens.cached, NOTHING, end);
    tokens.output = plus(tokens.output, this.#output, end);
    this.#arrivals.fill(0);
    this.#input.fill(0);
    this.#output.fill(0);
  }

  #pourReplicas(row: EvidenceRow): void {
    const served = this.#served;
    for (let replica = 0; replica < served.length; replica++) {
      const requests = served[replica] ?? 0;
      if (requests === 0) continue;
      const counts = this.#countsOf(row, replica);
      counts.arrivals += requests;
      counts.counted += requests;
      counts.read += requests;
    }
    served.fill(0);
  }
}

const NO_SUMS: Readonly<Sums> = {
  requests: 0,
  cutOff: 0,
  keyless: 0,
  input: 0,
  output: 0,
  inputSquares: 0,
  products: 0,
  outputSquares: 0,
};

/** No answer of these servers reports tokens that were cached. */
const NOTHING = new Float64Array(KEY_BUCKETS);

/** At least as long as `end`. */
function plus(sums: readonly number[], added: Float64Array, end: number): number[] {
  const next = new Array<number>(Math.max(end, sums.length));
  for (let place = 0; place < next.length; place++) {
    next[place] = (sums[place] ?? 0) + (added[place] ?? 0);
  }
  return next;
}

/** `replicas`: over which a balancer spreads what is in flight. */
function sampleOf(pool: AnswerPool, place: number, replica: string, replicas: number): Sample {
  return {
    inputTokens: pool.inputTokens[place] ?? 0,
    estimatedTokens: pool.estimatedTokens[place] ?? 0,
    cachedTokens: 0,
    outputTokens: pool.outputTokens[place] ?? 0,
    ttftMs: pool.ttftMs[place] ?? 0,
    totalMs: pool.totalMs[place] ?? 0,
    inFlight: inFlightAt(pool, place, replicas),
    replica,
  };
}

function classes(): readonly BinCounts[] {
  return Array.from({ length: LENGTH_CLASSES }, () => new BinCounts());
}

function pourClasses(counted: readonly BinCounts[], targets: Histogram[]): void {
  for (const [place, counts] of counted.entries()) {
    if (counts.isEmpty) continue;
    while (targets.length <= place) targets.push(emptyHistogram());
    const target = targets[place];
    if (target !== undefined) counts.pourInto(target);
  }
}
