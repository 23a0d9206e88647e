// slipway preflight: runs the gates of a model against a version, before any user meets it.

import { setTimeout } from "node:timers/promises";
import { changeText, type Lesson, lessonsInForce, preflightOutcome } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import { CONFIGURED_GATES, type ConfiguredGate, isConfigured } from "@slipway/wire/config";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ControlClient } from "../client/control-client.ts";
import { type ControlOptions, clientOf, controlCommand, run } from "../command.ts";
import { checkedGates } from "../config/config-check.ts";
import { configGrants } from "../config/config-grants.ts";
import { CONFIG_FILE } from "../edge/config-file.ts";
import { writePage } from "../edge/page-file.ts";
import { EXIT } from "../exit-code.ts";
import { controlPorts } from "../preflight/control-ports.ts";
import { jsonReport, leaveEvidence } from "../preflight/evidence.ts";
import { gatesToRun, type PreflightPlan } from "../preflight/gates-to-run.ts";
import { junitReport } from "../preflight/junit.ts";
import { markdownReport } from "../preflight/markdown.ts";
import { preflightText } from "../preflight/preflight-text.ts";
import { type Flight, flown } from "../preflight/run-preflight.ts";
import { underLease } from "../preflight/under-lease.ts";
import type { Context } from "../terminal.ts";

type PreflightOptions = ControlOptions & {
  readonly to: string;
  readonly from?: string;
  readonly config: string;
  readonly gate: readonly ConfiguredGate[];
  readonly report: ReportFormat;
  readonly out: readonly string[];
  readonly wait?: boolean;
};

const FORMATS = ["text", "md", "json", "junit"] as const;
type ReportFormat = (typeof FORMATS)[number];

const REPORTS: { readonly [format in ReportFormat]: (flight: Flight, by: string) => string } = {
  text: preflightText,
  md: markdownReport,
  json: jsonReport,
  junit: junitReport,
};

/** Of this command alone: elsewhere it says that no controller answers. */
const EXIT_INCONCLUSIVE = 3;

export function preflightCommand(context: Context): Command {
  return controlCommand("preflight", "run the gates that come before the first user", context)
    .argument("<model>", "the model")
    .requiredOption("--to <version>", "the candidate: a version of that model")
    .option(
      "--from <version>",
      "what it is compared with; else what is stable now, or what the file calls so",
    )
    .option("--config <file>", "where the gates are set up", CONFIG_FILE)
    .addOption(
      new Option("--gate <name>", "this gate alone; may be repeated")
        .argParser(gateOption)
        .default([], "every gate that is set up"),
    )
    .addOption(
      new Option(
        "--report <format>",
        "what the report is for: people, a pull request, machines, CI",
      )
        .choices(FORMATS)
        .default("text"),
    )
    .addOption(
      new Option("--out <file>", "write a report there: .md, .json, .xml or text; may be repeated")
        .argParser((file: string, before: readonly string[]) => [...before, file])
        .default([], "none"),
    )
    .option("--wait", "wait until nobody else runs gates of the model")
    .addHelpText(
      "after",
      "\nExit code 0 when every gate passed, 1 when one failed, 3 when one could not tell.",
    )
    .action((model: string, options: PreflightOptions) =>
      run(context, options, () => preflight(context, model, options)),
    );
}

function gateOption(name: string, before: readonly ConfiguredGate[]): readonly ConfiguredGate[] {
  if (isConfigured(name)) return [...before, name];
  throw new InvalidArgumentError(`Write one of: ${CONFIGURED_GATES.join(", ")}.`);
}

async function preflight(context: Context, name: string, options: PreflightOptions): Promise<void> {
  const json = options.json === true;
  const config = checkedGates(context, options.config, json);
  const client = clientOf(context, options);
  const known = await knownOf(client, name);
  const from = options.from ?? known.stable;
  const asked = { model: name, to: options.to, from, gates: options.gate, learnt: known.learnt };
  const plan = gatesToRun(config, asked, options.config);
  for (const lesson of plan.unasked) context.terminal.err(unaskedText(lesson));
  const control = controlPorts(client, plan.model, context.user, {
    env: context.env,
    grants: () => configGrants(config),
  });
  const flew = await heldFlight(
    context,
    client,
    plan,
    options.wait === true,
    async (lease, lost) => {
      const flight = await flown(context, plan, options.config, control, lost);
      if (flight === null) return null;
      return { flight, notKept: await leaveEvidence(client, flight, context.user, lease) };
    },
  );
  if (flew === null) {
    context.exitWith(EXIT.interrupted);
    return;
  }
  const { flight, notKept } = flew;
  const format = json ? "json" : options.report;
  context.terminal.out(REPORTS[format](flight, context.user));
  for (const file of options.out) {
    writePage(file, REPORTS[formatOf(file) ?? format](flight, context.user));
  }
  if (notKept !== null) context.terminal.err(notKeptText(notKept));
  const outcome = preflightOutcome(flight.results);
  context.exitWith({ pass: EXIT.ok, fail: EXIT.failed, inconclusive: EXIT_INCONCLUSIVE }[outcome]);
}

/** One preflight of a model at a time. Null where ctrl-C ended it. */
async function heldFlight<T>(
  context: Context,
  { preflights }: ControlClient,
  { model, candidate, gates }: PreflightPlan,
  waits: boolean,
  work: (lease: number | null, lost: AbortSignal) => Promise<T | null>,
): Promise<T | null> {
  const stop = new AbortController();
  const forget = context.terminal.onStop(() => stop.abort());
  const { signal } = stop;
  try {
    return await underLease(
      {
        ...{ client: preflights, model, waits, tell: context.terminal.err, signal },
        asked: { by: context.user, to: candidate.id, gates },
        pause: (ms, until) => setTimeout(ms, undefined, { signal: until }),
      },
      work,
    );
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  } finally {
    forget();
  }
}

type Known = { readonly stable: string | null; readonly learnt: readonly Lesson[] };

/** What serves now, since the file's word holds only until the first rollout, and what was learnt. None where no controller says. */
async function knownOf(client: ControlClient, name: string): Promise<Known> {
  try {
    const models = await client.models();
    const stable = models.find((model) => model.name === name)?.stable ?? null;
    const learnt = stable === null ? [] : lessonsInForce(await client.learning.ofModel(name));
    return { stable, learnt };
  } catch (error) {
    // That nobody keeps the evidence is told when it is left.
    if (error instanceof SlipwayError) return { stable: null, learnt: [] };
    throw error;
  }
}

function unaskedText({ id, change }: Lesson): string {
  return `warning: ${id} asks for the ${changeText(change)}, which is not set up: write it below preflight: in slipway.yaml, or drop the lesson\n`;
}

/** What a file's name says of what is in it. */
function formatOf(file: string): ReportFormat | null {
  const ending = /\.(?:md|json|xml)$/.exec(file)?.[0];
  return ending === ".md" ? "md" : ending === ".json" ? "json" : ending === ".xml" ? "junit" : null;
}

function notKeptText({ message, fix }: SlipwayError): string {
  const how = fix === null ? "" : `, ${fix}`;
  return `no controller keeps this evidence (${message}${how}); slipway rollout start --evidence FILE takes a report in JSON\n`;
}
