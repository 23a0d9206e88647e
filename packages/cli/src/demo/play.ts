// The demo from curtain to curtain: users come, the rollout starts, the live view runs until it has ended, users stay a
// little longer, and what happened is summed up.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { postmortemDraft } from "@slipway/core";
import type { IncidentSummary, RolloutView } from "@slipway/wire";
import type { ControlClient } from "../client/control-client.ts";
import { writeNew } from "../edge/starter-file.ts";
import { EXIT } from "../exit-code.ts";
import type { Context } from "../terminal.ts";
import { watchRollout } from "../watch/watch-rollout.ts";
import { playPreflight, type StoppedByGates, stoppedLines } from "./play-preflight.ts";
import { publish } from "./publication.ts";
import { DEMO_START, type PolicyName, type ScenarioName, scenarioOf } from "./scenario.ts";
import {
  isRefused,
  type Learnt,
  plotHoles,
  type Summary,
  summaryLines,
  summaryOf,
} from "./summary.ts";
import { openTheatre, type Theatre } from "./theatre.ts";

/** Users before the rollout, so that servers are warm and stable has a baseline. */
const BEFORE_MS = 5_000;
/** Users after its end, so that it shows who serves them now. */
const AFTER_MS = 5_000;

export type DemoOptions = {
  readonly scenario: ScenarioName;
  readonly policy: PolicyName;
  readonly seed: number;
  readonly trace: string | null;
  /** Whether the gates run first. */
  readonly preflight: boolean;
  readonly json: boolean;
  readonly keep: boolean;
};

export async function playDemo(context: Context, options: DemoOptions): Promise<void> {
  // With --json, standard output is the summary's alone.
  const show = options.json ? { ...context, terminal: beside(context.terminal) } : context;
  const { out } = show.terminal;
  const scenario = scenarioOf(options.scenario, options.policy);
  out(`${scenario.title} (simulated model servers and users; real controller and gateway)\n`);
  const theatre = await openTheatre(show, scenario, options);
  try {
    out(`traffic: ${theatre.traffic}; policy: ${join(theatre.folder, "slipway.yaml")}\n\n`);
    await sleep(BEFORE_MS);
    if (options.preflight) {
      const stopped = await playPreflight(show, theatre, options.seed);
      if (stopped !== null) {
        endStopped(context, options, stopped);
        return;
      }
    }
    const summary = await rollOut(show, theatre, options);
    if (summary === null) {
      context.exitWith(EXIT.interrupted);
      return;
    }
    const holes = plotHoles(summary, scenario);
    if (options.json) context.terminal.out(`${JSON.stringify(summary)}\n`);
    else out(`\n${summaryLines(summary).join("\n")}\n${incidentCommands(summary, theatre.folder)}`);
    for (const hole of holes) context.terminal.err(`the story did not happen: ${hole}\n`);
    context.exitWith(holes.length === 0 ? EXIT.ok : EXIT.failed);
    if (options.keep) await keepRunning(show, theatre);
  } finally {
    await theatre.close();
  }
}

/** The gates have stopped the candidate, or ctrl-C the gates: the story is over. */
function endStopped(
  context: Context,
  { json, scenario }: DemoOptions,
  stopped: StoppedByGates | "interrupted",
): void {
  if (stopped === "interrupted") {
    context.exitWith(EXIT.interrupted);
    return;
  }
  if (json) context.terminal.out(`${JSON.stringify(stopped)}\n`);
  else context.terminal.out(`\n${stoppedLines(stopped)}`);
  const happened = scenario === "slow-under-load" && stopped.requests.candidate === 0;
  if (!happened) context.terminal.err("the story did not happen: its gates should have passed\n");
  context.exitWith(happened ? EXIT.ok : EXIT.failed);
}

/** Null where ctrl-C has ended it before the rollout did. */
async function rollOut(
  context: Context,
  theatre: Theatre,
  options: DemoOptions,
): Promise<Summary | null> {
  const { client } = theatre.stack;
  const started = await client.start(DEMO_START);
  let isInterrupted = false;
  const forget = context.terminal.onStop(() => {
    isInterrupted = true;
  });
  // The watch speaks of the rollout's outcome by its exit code; the demo has one of its own.
  await watchRollout({
    context: { ...context, exitWith: () => {} },
    client,
    id: started.id,
    json: false,
    until: isRefused,
  });
  forget();
  if (isInterrupted) return null;
  const ended = await client.rollout(started.id);
  const candidateAfter = theatre.countCandidateFromNow();
  await sleep(AFTER_MS);
  const incidents = await client.incidents({ rollout: started.id });
  const learnt = await learntFrom(incidents, client, theatre.folder);
  const report = options.keep ? theatre.report() : await theatre.endTraffic();
  return summaryOf({
    scenario: options.scenario,
    seed: options.seed,
    view: await client.rollout(started.id),
    journal: await client.journal(started.id),
    users: {
      requests: report.due,
      candidateRequests: report.arms["candidate"]?.requests ?? 0,
      errors: report.errors + report.shed,
      candidateAfterRollback: isRolledBack(ended) ? candidateAfter() : 0,
    },
    journalPath: join(theatre.folder, "controller"),
    incidents,
    learnt,
    statusPage: await publish(theatre.stack, incidents),
  });
}

/** What was behind the newest, what it teaches, and a draft of its postmortem; null where there is none. */
async function learntFrom(
  [incident]: readonly IncidentSummary[],
  client: ControlClient,
  folder: string,
): Promise<Learnt | null> {
  if (incident === undefined) return null;
  const { id } = incident;
  const analysis = await client.analysis(id);
  const postmortem = join(folder, `postmortem-${id}.md`);
  writeNew(postmortem, postmortemDraft(await client.incident(id), analysis));
  return { analysis, lessons: await client.learning.lessons(id), postmortem };
}

/** What shows the incident, its causes and its lessons, also once nothing of the demo runs any more. */
function incidentCommands({ incident }: Summary, folder: string): string {
  if (incident === null) return "";
  const of = `${incident.id} --data-dir ${folder}`;
  const commands = ["show", "analyze", "lessons"].map((what) => `incident ${what} ${of}`);
  const all = [...commands, `status serve --dir ${join(folder, "status")}`];
  return `\n${all.map((command) => `  slipway ${command}\n`).join("")}`;
}

function isRolledBack({ phase }: RolloutView): boolean {
  return phase.kind === "rolled-back";
}

async function keepRunning(context: Context, theatre: Theatre): Promise<void> {
  const { gatewayUrl, controllerUrl } = theatre.stack;
  context.terminal.out(
    `\nstill running: clients ${gatewayUrl}/v1, control ${controllerUrl}; ctrl-C ends it\n`,
  );
  await new Promise<void>((resolve) => {
    const forget = context.terminal.onStop(() => {
      forget();
      resolve();
    });
  });
  await theatre.endTraffic();
}

/** The same terminal with everything on standard error, line by line. */
function beside(terminal: Context["terminal"]): Context["terminal"] {
  return { ...terminal, out: terminal.err, live: false, colour: false };
}
