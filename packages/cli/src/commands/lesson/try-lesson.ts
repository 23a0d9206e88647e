// slipway lesson try: what no record can show of a lesson is asked now, of the versions of its incident and of the model's last
// rollouts that completed: whether it would have stopped the one, and for nothing one of the others.

import { type Incident, isCases, type Lesson, type LessonFinding } from "@slipway/core";
import type { LessonView } from "@slipway/wire";
import { type GateSettings, ITEMS_OF_LESSONS, PROMPTS_OF_LESSONS } from "@slipway/wire/config";
import type { ControlClient } from "../../client/control-client.ts";
import { type ControlOptions, clientOf } from "../../command.ts";
import { checkedGates } from "../../config/config-check.ts";
import { configGrants } from "../../config/config-grants.ts";
import { EXIT } from "../../exit-code.ts";
import { answer } from "../../output.ts";
import { controlPorts } from "../../preflight/control-ports.ts";
import { gatesToRun, type PreflightPlan } from "../../preflight/gates-to-run.ts";
import { flown } from "../../preflight/run-preflight.ts";
import type { Context } from "../../terminal.ts";
import { lessonWith, readCases } from "./case-file.ts";
import { type Tried, triedText } from "./tried-text.ts";

export type TryOptions = ControlOptions & { readonly config: string; readonly case?: string };

/** The newest others that completed. */
const OTHERS_MAX = 10;
/** Of this command alone: elsewhere it says that no controller answers. */
const EXIT_UNKNOWN = 3;

type Config = ReturnType<typeof checkedGates>;

type Pair = { readonly from: string; readonly to: string };

export async function tryLesson(
  context: Context,
  options: TryOptions,
  view: LessonView,
  incidentId: string,
): Promise<void> {
  const given = options.case === undefined ? [] : readCases(options.case);
  const lesson = lessonWith(view, incidentId, given);
  if (!isCases(lesson.change)) {
    const text = view.backtest?.text ?? view.untried ?? "nothing is known of it";
    answer(context, options.json === true, { text }, () => `${text}\n`);
    return;
  }
  const client = clientOf(context, options);
  const config = checkedGates(context, options.config, options.json === true);
  const known = config.models.find(({ name }) => name === view.model)?.versions ?? [];
  const isKnown = ({ from, to }: Pair): boolean =>
    [from, to].every((id) => known.some((version) => version.id === id));
  const incident = await client.incident(incidentId);
  const others = await completedOf(client, incident);
  const askable = others.filter(isKnown);
  const findings: (LessonFinding | null)[] = [];
  for (const pair of [incident, ...askable]) {
    const plan = planOf(config, { model: view.model, ...pair }, lesson, options.config);
    const keys = { env: context.env, grants: () => configGrants(config) };
    const control = controlPorts(client, view.model, context.user, keys);
    const flight = await flown(context, plan, options.config, control);
    if (flight === null) {
      context.exitWith(EXIT.interrupted);
      return;
    }
    findings.push(flight.results.flatMap(({ lessons = [] }) => lessons)[0] ?? null);
  }
  const [own = null, ...ofOthers] = findings;
  const tried: Tried = {
    ...{ id: lesson.id, from: incident.from, to: incident.to, own },
    others: {
      asked: ofOthers.length,
      stopped: ofOthers.filter((one) => one?.holds === false).length,
      untold: ofOthers.filter((one) => one === null || one.holds === null).length,
      gone: others.length - askable.length,
    },
  };
  answer(context, options.json === true, tried, triedText);
  context.exitWith(codeOf(own));
}

/** 0 where it would have stopped the incident's version. */
function codeOf(own: LessonFinding | null): number {
  if (own === null || own.holds === null) return EXIT_UNKNOWN;
  return own.holds ? EXIT.failed : EXIT.ok;
}

/** Each pair of versions once. */
async function completedOf(
  client: ControlClient,
  { model, from, to }: Incident,
): Promise<readonly Pair[]> {
  const seen = new Set([`${from} ${to}`]);
  return (await client.rollouts())
    .filter((one) => one.model === model && one.phase === "completed")
    .filter((one) => {
      const key = `${one.from} ${one.to}`;
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, OTHERS_MAX);
}

/** The lesson's cases alone, with what slipway.yaml says of how the gate asks. */
function planOf(
  config: Config,
  { model, from, to }: Pair & { readonly model: string },
  lesson: Lesson,
  file: string,
): PreflightPlan {
  const { prompts = PROMPTS_OF_LESSONS, benchmark = ITEMS_OF_LESSONS } = config.gates[model] ?? {};
  const isPrompt = lesson.change.kind === "prompt-case";
  const settings: GateSettings = isPrompt
    ? { prompts: { ...prompts, files: [] } }
    : { benchmark: { ...benchmark, data: [], results: [] } };
  const gates = { [model]: settings };
  return gatesToRun({ ...config, gates }, { model, from, to, gates: [], learnt: [lesson] }, file);
}
