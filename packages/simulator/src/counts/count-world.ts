// A count-world: the requests of a scenario drawn tick by tick into rows of evidence, with no gateway between. Hours of
// traffic in a fraction of a second, so that thousands of rollouts can be tried.
import {
  createRandom,
  type EvidenceRow,
  emptyRow,
  isBad,
  murmur3,
  type Outcome,
  poisson,
  type Random,
  type ServingArm,
} from "@slipway/core";
import { WHOLE_SEGMENT } from "@slipway/gateway";
import type { Scenario } from "../scenario/scenario.ts";
import type { SimulatedVersion } from "../version.ts";
import { type Affliction, Strikes, struckBeforeServing } from "./afflictions.ts";
import { type AnswerPool, answerIn, inFlightAt } from "./answer-pool.ts";
import { ArmCounter } from "./arm-counter.ts";
import { type Cell, cellsOf, crowdOf, NO_BUCKET, type Person, personIn } from "./crowd.ts";
import type { Met } from "./demand.ts";
import { Echo } from "./echo.ts";
import { reportOdd } from "./odd-request.ts";
import { PlainRequests } from "./plain-requests.ts";
import { refusedPart } from "./quota-clients.ts";
import { rateOf } from "./rate.ts";
import { type Counted, EVERYTHING, RowCounter } from "./row-counter.ts";
import { type Mixture, poolOf } from "./surface.ts";
import type { Audience, Surfaces } from "./surfaces.ts";

export type CountWorldOptions = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly surfaces: Surfaces;
  readonly tickMs: number;
  /** A request that takes longer is overdue. */
  readonly horizonMs: number;
  /** An answer that takes longer than this counts as harm. */
  readonly slowMs: number;
  readonly rolloutId: string;
  /**
   * `languages`: a row for each arm and language, which is what a policy sees that is told what language requests are in.
   * `whole`: one row an arm. `counts`: one as well, with requests, outcomes and latencies alone, which is all that some
   * rules look at.
   */
  readonly detail?: "languages" | "whole" | "counts";
  /** Of segments, what somebody looks at beside whole answers and first tokens; all that there is where absent. */
  readonly wanted?: Counted;
};

/** What became of an arm's requests in a tick. */
type ArmCount = {
  requests: number;
  /** Failed, refused, or answered after `slowMs`. */
  harmed: number;
};

export type CountTick = {
  readonly tick: number;
  readonly endMs: number;
  readonly rows: readonly EvidenceRow[];
  readonly counts: { readonly [arm in ServingArm]: ArmCount };
  /** When the last request of the tick has ended, or its horizon passed. */
  readonly settledMs: number;
};

type Sums = {
  readonly counts: { readonly [arm in ServingArm]: ArmCount };
  settledMs: number;
};

type Placed = { readonly [arm in ServingArm]: Audience } & {
  readonly slots: number;
  readonly cells: readonly Cell[];
};

const NOBODY: Audience = { weight: 0, heaviest: 0 };

/** How an arm answers in one tick. */
type Arm = {
  /** What its servers answer: requests that no quota refused. */
  readonly mixture: Mixture;
  /** Whatever is asked of it, where a quota refuses some. */
  readonly asked: Mixture;
  readonly strikes: Strikes;
  readonly met: Met;
  /** Names of its replicas. */
  readonly replicas: readonly string[];
  readonly refusalRate: (language: string) => number;
};

/** One cell's requests, while they are drawn. */
type Drawing = {
  readonly row: EvidenceRow;
  readonly cell: Cell;
  readonly arm: Arm;
  readonly refusalRate: number;
  readonly sums: Sums;
  readonly reported: number;
};

/** A request that is not plain, by the places of its sender and its server. */
type Odd = {
  readonly person: number;
  readonly replica: number;
  readonly outcome: Outcome;
  readonly totalMs: number;
  readonly isRefused: boolean;
};

/** Answers are drawn for latency and tokens; what is refused before a model sees it has neither. */
export class CountWorld {
  readonly #options: CountWorldOptions;
  readonly #random: Random;
  readonly #crowd: readonly Person[];
  readonly #rate: (atMs: number) => number;
  readonly #affliction: Affliction = { outcome: null, extraMs: 0 };
  readonly #counter: RowCounter | ArmCounter;
  readonly #replicas: { readonly [arm in ServingArm]: readonly string[] };
  readonly #echo: Echo | null;
  readonly #plain = new PlainRequests();
  /** Which requests are samples. */
  readonly #sampling: Random;
  #placed: Placed = { slots: -1, cells: [], stable: NOBODY, candidate: NOBODY };
  #tick = 0;

  constructor(options: CountWorldOptions) {
    this.#options = options;
    const { scenario, seed } = options;
    const random = (purpose: string): Random => createRandom(murmur3(`${seed} ${purpose}`));
    this.#random = random("requests");
    this.#sampling = random("samples");
    this.#crowd = crowdOf(scenario.traffic, random("crowd"));
    this.#rate = rateOf(scenario.traffic, random("rate"));
    this.#counter = options.detail === "counts" ? new ArmCounter() : new RowCounter(options.wanted);
    const namesOf = (arm: ServingArm): readonly string[] =>
      Array.from({ length: scenario[arm].replicas }, (_, replica) => `${arm}-${replica}`);
    this.#replicas = { stable: namesOf("stable"), candidate: namesOf("candidate") };
    const { feedback } = scenario;
    this.#echo = feedback === null ? null : new Echo(feedback, options.tickMs);
  }

  /**
   * The next tick, with the candidate owning so many slots. Its rows are of requests assigned by `table`; each is in them
   * with the probability `reported`, and happens all the same.
   */
  next(candidateSlots: number, table: number, reported = 1): CountTick {
    const { tickMs, rolloutId } = this.#options;
    const tick = this.#tick++;
    const startMs = tick * tickMs;
    const placed = this.#placedAt(candidateSlots);
    const wanted = this.#rate(startMs) * tickMs;
    const arms = this.#armsAt(startMs, placed, wanted);
    const sums: Sums = {
      counts: { stable: { requests: 0, harmed: 0 }, candidate: { requests: 0, harmed: 0 } },
      settledMs: startMs + tickMs,
    };
    const rows: EvidenceRow[] = [];
    for (const cell of placed.cells) {
      const arm = arms[cell.arm];
      const due = poisson(this.#random, wanted * cell.weight * arm.met.attempts);
      if (due === 0) continue;
      const row = this.#rowOf(cell, rows.at(-1), { rolloutId, table, tick });
      cell.named.under(table);
      this.#counter.begin(row, cell.named, arm.replicas);
      const refusalRate = arm.refusalRate(cell.language);
      const drawing = { row, cell, arm, refusalRate, sums, reported };
      this.#drawAll(drawing, due);
      this.#counter.end();
      if (row.arrivals > 0 && row !== rows.at(-1)) rows.push(row);
    }
    this.#hear(tick, rows);
    return { tick, endMs: startMs + tickMs, rows, ...sums };
  }

  /** Cells of an arm come one after the other. */
  #rowOf(
    { arm, language }: Cell,
    before: EvidenceRow | undefined,
    where: { readonly rolloutId: string; readonly table: number; readonly tick: number },
  ): EvidenceRow {
    const isWhole = (this.#options.detail ?? "languages") !== "languages";
    if (isWhole && before?.arm === arm) return before;
    return emptyRow({ ...where, arm, via: "split", segment: isWhole ? WHOLE_SEGMENT : language });
  }

  #hear(tick: number, rows: EvidenceRow[]): void {
    const { rolloutId } = this.#options;
    this.#echo?.hear(tick, (arm, segment, table) => {
      const isOf = (row: EvidenceRow): boolean =>
        row.arm === arm && row.segment === segment && row.table === table;
      const known = rows.find(isOf);
      if (known !== undefined) return known;
      const row = emptyRow({ rolloutId, table, tick, arm, via: "split", segment });
      rows.push(row);
      return row;
    });
  }

  /** Who is where, kept until the candidate owns other slots. */
  #placedAt(slots: number): Placed {
    if (this.#placed.slots === slots) return this.#placed;
    const { segmentUsers } = this.#options.wanted ?? EVERYTHING;
    const cells = cellsOf(this.#crowd, slots, segmentUsers ? "cell" : "arm");
    const present = (arm: ServingArm): Audience => {
      const own = cells.filter((cell) => cell.arm === arm);
      const weight = own.reduce((sum, cell) => sum + cell.weight, 0);
      const [first] = this.#crowd;
      const isHere = first !== undefined && own.some(({ people }) => people.includes(first));
      const { heaviestShare } = this.#options.scenario.traffic;
      return { weight, heaviest: isHere ? heaviestShare / weight : 0 };
    };
    this.#placed = { slots, cells, stable: present("stable"), candidate: present("candidate") };
    return this.#placed;
  }

  #armsAt(atMs: number, placed: Placed, wanted: number): { readonly [arm in ServingArm]: Arm } {
    const { scenario, surfaces, tickMs } = this.#options;
    const perMs = wanted / tickMs;
    const loadOf = (arm: ServingArm): number => placed[arm].weight * perMs;
    const surfaceOf = (arm: ServingArm) => surfaces.at(scenario, arm, atMs, placed[arm]);
    const demandOf = (arm: ServingArm) => ({
      perMinute: loadOf(arm) * 60_000,
      sizes: surfaceOf(arm).quotaTokens(),
    });
    const met = surfaces.demand.metAt(scenario, atMs, () => ({
      stable: demandOf("stable"),
      candidate: demandOf("candidate"),
    }));
    const armOf = (arm: ServingArm): Arm => {
      const { behind } = met[arm];
      // What quotas refuse, and what fails at the door, never loads the engines.
      const perSecond =
        loadOf(arm) * 1_000 * (1 - struckBeforeServing(scenario, arm, atMs, placed.cells));
      const mixture = surfaces.at(scenario, arm, atMs, placed[arm], behind).mixtureAt(perSecond);
      return {
        mixture,
        asked: behind === null ? mixture : surfaceOf(arm).mixtureAt(perSecond),
        strikes: new Strikes(scenario, arm, atMs, this.#random),
        met: met[arm],
        replicas: this.#replicas[arm],
        refusalRate: (language) => refusalRateOf(scenario[arm], language),
      };
    };
    return { stable: armOf("stable"), candidate: armOf("candidate") };
  }

  /** So many of a cell. */
  #drawAll(drawing: Drawing, due: number): void {
    this.#plain.begin(due);
    const { refused } = drawing.arm.met;
    for (let i = 0; i < due; i++) {
      if (refused > 0 && this.#random.next() < refused) this.#overQuota(drawing);
      else this.#request(drawing);
    }
    this.#count(drawing);
  }

  /** The plain ones that were drawn so far. */
  #count({ cell, arm }: Drawing): void {
    this.#counter.addAll(this.#plain, cell.columns, arm.mixture, this.#sampling);
    this.#plain.clear();
  }

  #request(drawing: Drawing): void {
    const { row, cell, arm, sums, reported, refusalRate } = drawing;
    const random = this.#random;
    const person = cell.pick(random);
    const replica = placeAmong(arm.replicas.length, random);
    const wouldRefuse = refusalRate > 0 && random.next() < refusalRate;
    const pool = poolOf(arm.mixture, random);
    const place = refusalRate > 0 ? pool.placeWhere(wouldRefuse, random) : pool.place(random);
    const struck = this.#afflictionOf(drawing, person, replica);
    const totalMs = (pool.totalMs[place] ?? 0) + struck.extraMs;
    const outcome = struck.outcome ?? this.#outcomeOf(pool, place, row.arm, totalMs);
    const isRefused = wouldRefuse && outcome === "ok";
    if (reported >= 1 || random.next() < reported) {
      if (outcome === "ok" && struck.extraMs === 0 && !isRefused) {
        this.#plain.add(person, replica, pool === arm.mixture.high, place);
      } else {
        const odd = { person, replica, outcome, totalMs, isRefused };
        this.#reportOdd(drawing, odd, pool, place);
      }
      const bucket = cell.columns.bucket[person] ?? NO_BUCKET;
      if (outcome === "ok") {
        this.#echo?.answered(row, bucket === NO_BUCKET ? null : bucket, random);
      }
    }
    this.#sum(row, sums, totalMs, outcome, isRefused);
  }

  /** A request that a quota refuses: large ones more often. */
  #overQuota(drawing: Drawing): void {
    const { row, cell, arm, sums, reported } = drawing;
    const random = this.#random;
    const person = cell.pick(random);
    const replica = placeAmong(arm.replicas.length, random);
    const pool = poolOf(arm.asked, random);
    const place = placeOverQuota(pool, arm.met, random);
    const totalMs = pool.totalMs[place] ?? 0;
    if (reported >= 1 || random.next() < reported) {
      const odd = { person, replica, outcome: "rate_limited", totalMs, isRefused: false } as const;
      this.#reportOdd(drawing, odd, pool, place);
    }
    this.#sum(row, sums, totalMs, "rate_limited", false);
  }

  /** In the order in which they came: which requests are samples depends on those before. */
  #reportOdd(
    drawing: Drawing,
    { person, replica, ...odd }: Odd,
    pool: AnswerPool,
    place: number,
  ): void {
    const { row, cell, arm } = drawing;
    this.#count(drawing);
    const name = arm.replicas[replica] ?? "";
    const inFlight = inFlightAt(pool, place, arm.replicas.length);
    const request = { ...odd, person: personIn(cell, person), replica: name, inFlight };
    reportOdd(row, request, answerIn(pool, place), cell.named, this.#sampling);
  }

  #afflictionOf({ cell, arm: { strikes } }: Drawing, person: number, replica: number): Affliction {
    const affliction = this.#affliction;
    affliction.outcome = null;
    affliction.extraMs = 0;
    if (strikes.isNext()) {
      strikes.strike(affliction, personIn(cell, person), replica, this.#random);
    }
    return affliction;
  }

  #sum(
    { arm, tick }: EvidenceRow,
    sums: Sums,
    totalMs: number,
    outcome: Outcome,
    isRefused: boolean,
  ): void {
    const { tickMs, horizonMs, slowMs } = this.#options;
    const count = sums.counts[arm];
    count.requests++;
    const isHarmed = isRefused || totalMs > slowMs || (outcome !== "ok" && isBad(outcome));
    if (isHarmed) count.harmed++;
    if (outcome !== "ok" && outcome !== "overdue") return;
    const tookMs = Math.min(totalMs, horizonMs);
    // Had it come last in the tick, others would still be open longer.
    if ((tick + 1) * tickMs + tookMs <= sums.settledMs) return;
    const arrivedMs = (tick + this.#random.next()) * tickMs;
    sums.settledMs = Math.max(sums.settledMs, arrivedMs + tookMs);
  }

  #outcomeOf(pool: AnswerPool, place: number, arm: ServingArm, totalMs: number): Outcome {
    if (totalMs > this.#options.horizonMs) return "overdue";
    if (pool.isOk[place] === 1) return "ok";
    const { kind } = answerIn(pool, place);
    if (kind !== "client_error") return kind;
    return arm === "candidate" ? "incompatible" : "client_error";
  }
}

/** One of so many; of a single one nothing is drawn. */
function placeAmong(count: number, random: Random): number {
  return count < 2 ? 0 : Math.floor(random.next() * count);
}

function placeOverQuota(pool: AnswerPool, { bySize }: Met, random: Random): number {
  for (;;) {
    const place = pool.place(random);
    if (bySize === null) return place;
    if (random.next() < refusedPart(bySize, pool.quotaTokens[place] ?? 0)) return place;
  }
}

/** By language, as a simulated server reads it. */
function refusalRateOf({ refusals }: SimulatedVersion, language: string): number {
  return refusals[language] ?? refusals["*"] ?? 0;
}
