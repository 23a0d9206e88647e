// What a soak found: every figure, and every sentence that makes it a failure.
import type { Machine } from "../machine.ts";
import type { Course, Standing } from "./course.ts";
import { type Flatness, flatnessOf, type Slack } from "./flatness.ts";
import { WORKERS } from "./gateway.ts";
import type { KeptMemory } from "./kept-memory.ts";
import type { Options } from "./options.ts";
import { sumOf, TROUBLES } from "./tally.ts";

/** `kept`: by its objects, after a collection; `resident`: of the process, just then. */
type Memory = Flatness & { readonly process: string; readonly what: keyof KeptMemory };

export type Report = {
  readonly command: string;
  readonly machine: Machine;
  readonly loadAverage: number;
  readonly transport: Options["transport"];
  readonly seconds: number;
  readonly turnsPerSecond: number;
  readonly turns: number;
  readonly judgedFromSeconds: number;
  readonly judgedTurns: number;
  readonly residentMiBMax: number;
  /** Empty where the run was too short. */
  readonly memory: readonly Memory[];
  readonly course: Omit<
    Course,
    "memory" | "seconds" | "judgedFromSeconds" | "judgedTurns" | "residentMiBMax"
  >;
  readonly failures: readonly string[];
};

/** The primary process and every worker. */
const JUDGED_PROCESSES = 1 + WORKERS;

/** What is kept hangs on what is open at that moment; an allocator gives pages back unevenly. */
const SLACK: Readonly<Record<keyof KeptMemory, Slack>> = {
  kept: { freeMiB: 4, share: 0.1 },
  resident: { freeMiB: 10, share: 0.1 },
};

type Head = Pick<Report, "command" | "loadAverage" | "machine">;

export function reportOf(head: Head, options: Options, whole: Course): Report {
  const {
    judgedFromSeconds,
    judgedTurns,
    memory: samples,
    residentMiBMax,
    seconds,
    ...course
  } = whole;
  const turns = sumOf(course.tally.done) + sumOf(course.tally.left);
  const memory = options.isQuick ? [] : [...samples].flatMap(memoryOf);
  return {
    ...head,
    transport: options.transport,
    seconds,
    turns,
    turnsPerSecond: turns / seconds,
    judgedFromSeconds,
    judgedTurns,
    residentMiBMax,
    memory,
    course,
    failures: [
      ...troublesOf(whole),
      ...unfinishedOf(whole),
      ...leftoversOf(whole),
      ...memoryFailures(memory, options),
    ],
  };
}

function memoryOf([process, memory]: [string, KeptMemory]): readonly Memory[] {
  return (["kept", "resident"] as const).flatMap((what) => {
    const flatness = flatnessOf(memory[what], SLACK[what]);
    return flatness === null ? [] : [{ process, what, ...flatness }];
  });
}

function troublesOf({ racedOutside, tally }: Course): readonly string[] {
  const idle = [...Object.entries(tally.done), ...Object.entries(tally.left)];
  const never = sumOf(Object.fromEntries(idle)) === 0;
  return [
    ...(never ? ["no client had an answer"] : []),
    ...TROUBLES.flatMap((trouble) =>
      tally.troubles[trouble] === 0 ? [] : [`${trouble}: ${tally.troubles[trouble]}`],
    ),
    ...(racedOutside === 0
      ? []
      : [`${racedOutside} kept connections ended under a request while no worker was replaced`]),
    ...tally.stories.map((story) => `  ${story}`),
  ];
}

function unfinishedOf({ changes, refusals, restarts }: Course): readonly string[] {
  return [
    ...refusals.map((why) => `refused: ${why}`),
    ...(changes.made < changes.planned || changes.tables < changes.made
      ? [`${changes.tables} tables for ${changes.planned} changes`]
      : []),
    ...(restarts.made < restarts.planned
      ? [`${restarts.made} of ${restarts.planned} rolling restarts`]
      : []),
  ];
}

const KEYS: Readonly<Record<keyof Standing, string>> = {
  files: "open files",
  toClients: "connections of clients",
  toUpstreams: "connections to upstreams",
  openRequests: "requests that workers have not done with",
  inFlight: "slots in flight",
  queued: "requests in queues",
};

const STANDING: readonly (readonly [keyof Standing, string])[] = Object.entries(
  KEYS,
) as readonly (readonly [keyof Standing, string])[];

function leftoversOf({ after, before, upstream }: Course): readonly string[] {
  const left = STANDING.flatMap(([key, what]) =>
    after[key] <= before[key] ? [] : [`${what}: ${after[key]} left, ${before[key]} before`],
  );
  return upstream.open === 0 ? left : [...left, `${upstream.open} answers open at the upstream`];
}

function memoryFailures(memory: readonly Memory[], { isQuick }: Options): readonly string[] {
  if (isQuick) return [];
  if (memory.length < 2 * JUDGED_PROCESSES) {
    return ["memory could not be judged: the run was too short, or a process ended by itself"];
  }
  return memory.flatMap((one) =>
    one.isFlat
      ? []
      : [
          `memory of ${one.process} (${one.what}) grew by ${one.growthMiB.toFixed(1)} MiB, at most ${one.boundMiB.toFixed(1)}`,
        ],
  );
}

function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function rounded(values: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Math.round(10 * value) / 10]),
  );
}

function memoryText({
  judgedFromSeconds,
  judgedTurns,
  memory,
  seconds,
}: Report): readonly string[] {
  if (memory.length === 0) return ["memory        not judged: the run is too short for a trend"];
  const part = `in the last ${(seconds - judgedFromSeconds).toFixed(0)} s`;
  return memory.map((one) => {
    const perTurn = ((one.growthMiB * 2 ** 20) / Math.max(1, judgedTurns)).toFixed(1);
    return `memory        ${one.process.padEnd(14)} ${one.what.padEnd(8)} ${one.medianMiB.toFixed(1).padStart(6)} MiB, ${one.growthMiB >= 0 ? "+" : ""}${one.growthMiB.toFixed(1)} ${part} (at most ${one.boundMiB.toFixed(1)}; ${perTurn} bytes a turn)`;
  });
}

export function reportText(report: Report): string {
  const { course, machine } = report;
  const { after, before, changes, restarts, tally, upstream } = course;
  const lines = [
    `${report.command}`,
    `${machine.cores} cores ${machine.cpu}, Node ${machine.node}, load average ${report.loadAverage}`,
    "",
    `turns         ${report.turns} in ${report.seconds.toFixed(0)} s, ${report.turnsPerSecond.toFixed(0)} a second, over ${tally.connections} connections; ${tally.chunks} chunks`,
    `done          ${counted(tally.done)}`,
    `left          ${counted(tally.left)}`,
    `troubles      ${counted(tally.troubles)}`,
    `sent again    ${tally.racedAtMs.length} requests that met the end of their kept connection, ${course.racedOutside} of them while no worker was replaced`,
    `upstream      ${upstream.requests} requests, ${upstream.left} left by the gateway, ${upstream.open} open`,
    `tables        ${changes.made} of ${changes.planned} changes, ${changes.tables} tables`,
    `restarts      ${restarts.made} of ${restarts.planned}`,
    ...STANDING.map(
      ([key, what]) => `at rest       ${what}: ${before[key]} before, ${after[key]} after`,
    ),
    ...memoryText(report),
    `memory        workers together when the clients stopped, in MiB: ${counted(rounded(course.heldMiB))}`,
    `memory        ${report.residentMiBMax.toFixed(1)} MiB at most, in one process`,
    "",
    ...(report.failures.length === 0
      ? ["nothing lost, nothing left over, nothing that grows"]
      : ["FAILED", ...report.failures]),
  ];
  return `${lines.join("\n")}\n`;
}
