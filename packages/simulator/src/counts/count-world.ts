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
import { countJudgement } from "@slipway/gateway";
import type { Scenario } from "../scenario/scenario.ts";
import type { SimulatedVersion } from "../version.ts";
import { type Afflict, type Affliction, afflictionsAt } from "./afflictions.ts";
import { type Cell, cellsOf, crowdOf, type Person } from "./crowd.ts";
import { type Met, metAt } from "./demand.ts";
import { Echo } from "./echo.ts";
import { rateOf } from "./rate.ts";
import type { Answer } from "./response.ts";
import type { Surfaces } from "./surfaces.ts";

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

/** How an arm answers in one tick. */
type Arm = {
  readonly draw: (random: Random) => Answer;
  readonly afflict: Afflict;
  readonly met: Met;
  readonly replicas: number;
  readonly refusalRate: (language: string) => number;
};

/** Answers are drawn for latency and tokens; what is refused before a model sees it has neither. */
export class CountWorld {
  readonly #options: CountWorldOptions;
  readonly #random: Random;
  readonly #crowd: readonly Person[];
  readonly #rate: (atMs: number) => number;
  readonly #affliction: Affliction = { outcome: null, extraMs: 0 };
  readonly #echo: Echo | null;
  #cells: { slots: number; cells: readonly Cell[] } = { slots: -1, cells: [] };
  #tick = 0;

  constructor(options: CountWorldOptions) {
    this.#options = options;
    const { scenario, seed } = options;
    const random = (purpose: string): Random => createRandom(murmur3(`${seed} ${purpose}`));
    this.#random = random("requests");
    this.#crowd = crowdOf(scenario.traffic, random("crowd"));
    this.#rate = rateOf(scenario.traffic, random("rate"));
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
    const cells = this.#cellsAt(candidateSlots);
    const wanted = this.#rate(startMs) * tickMs;
    const arms = this.#armsAt(startMs, cells, wanted);
    const sums: Sums = {
      counts: { stable: { requests: 0, harmed: 0 }, candidate: { requests: 0, harmed: 0 } },
      settledMs: startMs + tickMs,
    };
    const rows: EvidenceRow[] = [];
    for (const cell of cells) {
      const arm = arms[cell.arm];
      const due = poisson(this.#random, wanted * cell.weight * arm.met.attempts);
      if (due === 0) continue;
      const { arm: name, language: segment } = cell;
      const row = emptyRow({ rolloutId, table, tick, arm: name, via: "split", segment });
      for (let i = 0; i < due; i++) this.#request(row, cell, arm, sums, reported);
      if (row.arrivals > 0) rows.push(row);
    }
    this.#hear(tick, rows);
    return { tick, endMs: startMs + tickMs, rows, ...sums };
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

  #cellsAt(slots: number): readonly Cell[] {
    if (this.#cells.slots !== slots) {
      this.#cells = { slots, cells: cellsOf(this.#crowd, slots) };
    }
    return this.#cells.cells;
  }

  #armsAt(
    atMs: number,
    cells: readonly Cell[],
    wanted: number,
  ): { readonly [arm in ServingArm]: Arm } {
    const { scenario, surfaces, tickMs } = this.#options;
    const perMs = wanted / tickMs;
    const loadOf = (arm: ServingArm): number =>
      cells.reduce((sum, cell) => (cell.arm === arm ? sum + cell.weight : sum), 0) * perMs;
    const surfaceOf = (arm: ServingArm) => surfaces.at(scenario, arm, atMs);
    const hasQuota = scenario.faults.some(({ fault }) => fault.kind === "quota");
    const demandOf = (arm: ServingArm) => ({
      perMinute: loadOf(arm) * 60_000,
      tokens: hasQuota ? surfaceOf(arm).tokensMean() : 0,
    });
    const met = metAt(scenario, atMs, {
      stable: demandOf("stable"),
      candidate: demandOf("candidate"),
    });
    const armOf = (arm: ServingArm): Arm => ({
      // What quotas refuse never loads the servers.
      draw: surfaceOf(arm).drawAt(loadOf(arm) * 1_000 * met[arm].attempts * (1 - met[arm].refused)),
      afflict: afflictionsAt(scenario, arm, atMs),
      met: met[arm],
      replicas: scenario[arm].replicas,
      refusalRate: (language) => refusalRateOf(scenario[arm], language),
    });
    return { stable: armOf("stable"), candidate: armOf("candidate") };
  }

  #request(row: EvidenceRow, cell: Cell, arm: Arm, sums: Sums, reported: number): void {
    const random = this.#random;
    const drawn = this.#drawn(cell, arm);
    const { person, outcome } = drawn;
    if (reported >= 1 || random.next() < reported) {
      report(row, drawn, random);
      const bucket = person.isKeyless ? null : person.bucket;
      if (outcome === "ok") this.#echo?.answered(row, bucket, random);
    }
    this.#sum(row, drawn, sums);
  }

  #drawn(cell: Cell, arm: Arm): Drawn {
    const random = this.#random;
    const person = cell.pick(random);
    const replica = arm.replicas < 2 ? 0 : Math.floor(random.next() * arm.replicas);
    const affliction = this.#affliction;
    affliction.outcome = null;
    affliction.extraMs = 0;
    if (arm.met.refused > 0 && random.next() < arm.met.refused) affliction.outcome = "rate_limited";
    else arm.afflict(affliction, person, replica, random);
    const answer = arm.draw(random);
    const totalMs = answer.totalMs + affliction.extraMs;
    const outcome = affliction.outcome ?? this.#outcomeOf(answer, cell.arm, totalMs);
    const isRefused = outcome === "ok" && random.next() < arm.refusalRate(cell.language);
    return { person, replica, replicas: arm.replicas, answer, outcome, totalMs, isRefused };
  }

  #sum(row: EvidenceRow, { outcome, isRefused, totalMs }: Drawn, sums: Sums): void {
    const { tickMs, horizonMs, slowMs } = this.#options;
    const count = sums.counts[row.arm];
    count.requests++;
    if (isBad(outcome) || isRefused || totalMs > slowMs) count.harmed++;
    if (outcome !== "ok" && outcome !== "overdue") return;
    const arrivedMs = (row.tick + this.#random.next()) * tickMs;
    sums.settledMs = Math.max(sums.settledMs, arrivedMs + Math.min(totalMs, horizonMs));
  }

  #outcomeOf(answer: Answer, arm: ServingArm, totalMs: number): Outcome {
    if (totalMs > this.#options.horizonMs) return "overdue";
    if (answer.kind !== "client_error") return answer.kind;
    return arm === "candidate" ? "incompatible" : "client_error";
  }
}

type Drawn = {
  readonly person: Person;
  readonly replica: number;
  readonly replicas: number;
  readonly answer: Answer;
  readonly outcome: Outcome;
  readonly totalMs: number;
  /** The model, or its filter, said no. */
  readonly isRefused: boolean;
};

/** By language, as a simulated server reads it. */
function refusalRateOf({ refusals }: SimulatedVersion, language: string): number {
  return refusals[language] ?? refusals["*"] ?? 0;
}

/** What a gateway would report of the request: nobody is replayed here, and no gateway adds its own time. */
function report(row: EvidenceRow, drawn: Drawn, random: Random): void {
  const { person, replica, replicas, answer, outcome, totalMs, isRefused } = drawn;
  const { ttftMs, tpotMs, inputTokens, outputTokens, inFlight } = answer;
  row.arrivals++;
  if (person.isKeyless) row.keyless++;
  else countPerson(row, person);
  const judged = {
    bucket: person.isKeyless ? null : person.bucket,
    streamed: ttftMs !== null,
    slices: [],
  };
  const isOk = outcome === "ok";
  countJudgement(
    row,
    judged,
    {
      outcome,
      ending: !isOk ? null : isRefused ? "refused" : "answered",
      spared: false,
      totalMs,
      ttftMs: ttftMs === null ? null : ttftMs + totalMs - answer.totalMs,
      tpotMs,
      overheadMs: null,
      usage: isOk ? { inputTokens, cachedTokens: 0, outputTokens } : null,
      replica: `${row.arm}-${replica}`,
      // A balancer spreads them.
      inFlight: Math.round(inFlight / replicas),
      inFlightMs: isOk ? totalMs : 0,
    },
    random,
  );
}

function countPerson(row: EvidenceRow, { bucket, distinct }: Person): void {
  const { arrivals } = row.buckets;
  arrivals[bucket] = (arrivals[bucket] ?? 0) + 1;
  const [register, rank] = distinct;
  if (rank > (row.users[register] ?? 0)) row.users[register] = rank;
}
