// A count-world: the requests of a scenario drawn tick by tick into rows of evidence, with no gateway between. Hours of
// traffic in a fraction of a second, so that thousands of rollouts can be tried.
import {
  createRandom,
  type EvidenceRow,
  emptyReplica,
  emptyRow,
  isBad,
  murmur3,
  type Outcome,
  poisson,
  type Random,
  record,
  SAMPLES_PER_ROW,
  type ServingArm,
} from "@slipway/core";
import type { Scenario } from "../scenario/scenario.ts";
import { type Afflict, type Affliction, afflictionsAt } from "./afflictions.ts";
import { type Cell, cellsOf, crowdOf, type Person } from "./crowd.ts";
import { type Met, metAt } from "./demand.ts";
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
  /** Failed, or answered after `slowMs`. */
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
};

/** Answers are drawn for latency and tokens; what is refused before a model sees it has neither. */
export class CountWorld {
  readonly #options: CountWorldOptions;
  readonly #random: Random;
  readonly #crowd: readonly Person[];
  readonly #rate: (atMs: number) => number;
  readonly #affliction: Affliction = { outcome: null, extraMs: 0 };
  #cells: { slots: number; cells: readonly Cell[] } = { slots: -1, cells: [] };
  #tick = 0;

  constructor(options: CountWorldOptions) {
    this.#options = options;
    const { scenario, seed } = options;
    const random = (purpose: string): Random => createRandom(murmur3(`${seed} ${purpose}`));
    this.#random = random("requests");
    this.#crowd = crowdOf(scenario.traffic, random("crowd"));
    this.#rate = rateOf(scenario.traffic, random("rate"));
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
    return { tick, endMs: startMs + tickMs, rows, ...sums };
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
    });
    return { stable: armOf("stable"), candidate: armOf("candidate") };
  }

  #request(row: EvidenceRow, cell: Cell, arm: Arm, sums: Sums, reported: number): void {
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
    if (reported >= 1 || random.next() < reported) {
      this.#count(row, { person, replica, answer, outcome, totalMs });
    }
    const count = sums.counts[cell.arm];
    count.requests++;
    if (isBad(outcome) || totalMs > this.#options.slowMs) count.harmed++;
    const endsMs = Math.min(totalMs, this.#options.horizonMs);
    const { tickMs } = this.#options;
    if (outcome === "ok" || outcome === "overdue") {
      const open = row.tick * tickMs + random.next() * tickMs + endsMs;
      if (open > sums.settledMs) sums.settledMs = open;
    }
  }

  #outcomeOf(answer: Answer, arm: ServingArm, totalMs: number): Outcome {
    if (totalMs > this.#options.horizonMs) return "overdue";
    if (answer.kind !== "client_error") return answer.kind;
    return arm === "candidate" ? "incompatible" : "client_error";
  }

  #count(row: EvidenceRow, request: Drawn): void {
    const { person, replica, answer, outcome, totalMs } = request;
    const bad = isBad(outcome) ? 1 : 0;
    row.arrivals++;
    row.judged++;
    row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
    if (person.isKeyless) row.keyless++;
    else countPerson(row, person, bad);
    const name = `${row.arm}-${replica}`;
    const counted = row.replicas[name] ?? emptyReplica();
    counted.arrivals++;
    counted.bad += bad;
    if (bad === 1 || outcome === "ok") counted.counted++;
    row.replicas[name] = counted;
    addLatency(row, request);
    if (outcome !== "ok") return;
    row.inFlightMs += totalMs;
    row.tokens.input += answer.inputTokens;
    row.tokens.output += answer.outputTokens;
    sample(row, name, answer, totalMs, this.#random);
  }
}

type Drawn = {
  readonly person: Person;
  readonly replica: number;
  readonly answer: Answer;
  readonly outcome: Outcome;
  readonly totalMs: number;
};

function countPerson(row: EvidenceRow, { bucket, distinct }: Person, bad: number): void {
  const { arrivals, bad: bads } = row.buckets;
  arrivals[bucket] = (arrivals[bucket] ?? 0) + 1;
  bads[bucket] = (bads[bucket] ?? 0) + bad;
  const [register, rank] = distinct;
  if (rank > (row.users[register] ?? 0)) row.users[register] = rank;
}

/** As gateways do it: a failed answer has no latency, and one that never came is over every limit. */
function addLatency({ latency }: EvidenceRow, { answer, outcome, totalMs }: Drawn): void {
  const { ttftMs, tpotMs } = answer;
  if (outcome === "overdue") {
    latency.total.over++;
    if (ttftMs !== null) latency.ttft.over++;
    return;
  }
  if (outcome !== "ok") return;
  record(latency.total, totalMs);
  if (ttftMs !== null) record(latency.ttft, ttftMs + totalMs - answer.totalMs);
  if (tpotMs !== null) record(latency.tpot, tpotMs);
}

/** Every answer of a row has the same chance to be in its sample. */
function sample(
  row: EvidenceRow,
  replica: string,
  { inputTokens, outputTokens, ttftMs, inFlight }: Answer,
  totalMs: number,
  random: Random,
): void {
  const place =
    row.samples.length < SAMPLES_PER_ROW
      ? row.samples.length
      : Math.floor(random.next() * (row.outcomes.ok ?? 1));
  if (place >= SAMPLES_PER_ROW) return;
  row.samples[place] = {
    inputTokens,
    cachedTokens: 0,
    outputTokens,
    ttftMs: ttftMs ?? totalMs,
    totalMs,
    inFlight,
    replica,
  };
}
