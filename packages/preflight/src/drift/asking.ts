// Asks a version every probe of its watch, and leaves what came back with the controller: as a look, or as a baseline.

import {
  BASELINE_ROUNDS,
  type Clock,
  type DriftOrder,
  type DriftRound,
  type ProbeAnswer,
} from "@slipway/core";
import {
  DRIFT_NAME_LENGTH_MAX,
  type DriftVersion,
  type DriftView,
  SlipwayError,
} from "@slipway/wire";
import type { Answer, Ask } from "../ask.ts";
import type { Endpoint } from "../endpoint.ts";
import { endpointFor } from "../endpoint-for.ts";
import { patient } from "../patience.ts";
import { endingOf } from "../prompts/ending.ts";
import type { Prompt } from "../prompts/prompt.ts";
import { sideBySide } from "../side-by-side.ts";
import type { Drifting } from "./drifting.ts";
import { promptsOf } from "./probes.ts";

/** A watch is no load. */
const AT_ONCE_MAX = 2;
const HASH_LENGTH = 32;

export type DriftAsking = {
  readonly model: string;
  readonly drifting: Drifting;
  readonly version: DriftVersion;
  readonly order: DriftOrder;
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly ask: Ask;
  readonly clock: Clock;
  readonly sha256: (text: string) => string;
  readonly progress: (done: number, of: number) => void;
  readonly signal: AbortSignal;
};

/** Holds it against its baseline; takes one where there is none. */
export async function lookedAt(asking: DriftAsking): Promise<DriftView> {
  const { drifting, model, version } = asking;
  const { watch, id, fingerprint } = version;
  if (watch === null) return await rebased(asking, "the first look: nothing was known of it");
  if (watch.baseline.probes !== probesHash(asking)) {
    throw new SlipwayError({
      code: "drift_probes_changed",
      status: 409,
      message: `the probes are others than those of ${id}'s baseline: nothing can be compared`,
      fix: `take it anew: slipway drift accept ${model} --version ${id} --reason "other probes"`,
    });
  }
  const prompts = promptsOf(asking.order.probes);
  const round = await asked(asking, prompts, (done) => asking.progress(done, prompts.length));
  const baseline = watch.baseline.number;
  return await drifting.look({ version: id, fingerprint, baseline, round });
}

/** Takes what it answers now as its baseline. */
export async function rebased(asking: DriftAsking, reason: string): Promise<DriftView> {
  const { drifting, version, order, progress } = asking;
  const { id, fingerprint, watch } = version;
  const prompts = promptsOf(order.probes);
  const rounds: DriftRound[] = [];
  const of = BASELINE_ROUNDS * prompts.length;
  for (let number = 0; number < BASELINE_ROUNDS; number++) {
    const before = number * prompts.length;
    rounds.push(await asked(asking, prompts, (done) => progress(before + done, of)));
  }
  const replaces = watch?.baseline.number ?? 0;
  const probes = probesHash(asking);
  return await drifting.takeBaseline({
    version: id,
    fingerprint,
    replaces,
    probes,
    rounds,
    reason,
  });
}

function probesHash({ order, sha256 }: DriftAsking): string {
  return sha256(order.probes.map(({ line }) => line).join("\n"));
}

async function asked(
  { endpoints, ask, clock, order, sha256, signal }: DriftAsking,
  prompts: readonly Prompt[],
  progress: (done: number) => void,
): Promise<DriftRound> {
  const askPatiently = patient(ask, clock);
  const heard: Answer[] = [];
  let done = 0;
  const one = async (prompt: Prompt, index: number): Promise<readonly ProbeAnswer[]> => {
    signal.throwIfAborted();
    const { timeoutMs } = order;
    const endpoint = endpointFor(endpoints, index);
    const outcome = await askPatiently({
      ...{ endpoint, body: prompt.body, stream: false, timeoutMs, signal },
    });
    progress(++done);
    const { kind } = endingOf(prompt, outcome);
    if (kind === "unanswered") return [];
    const isAnswer = outcome.kind === "answer";
    if (isAnswer) heard.push(outcome);
    const said = isAnswer ? [outcome.text, outcome.refusal, outcome.toolCalls] : [];
    const text = sha256(JSON.stringify(said)).slice(0, HASH_LENGTH);
    const tokens = isAnswer ? (outcome.usage?.completionTokens ?? null) : null;
    return [{ probe: prompt.id, text, ending: kind, tokens }];
  };
  const answers = (await sideBySide(prompts, AT_ONCE_MAX, one)).flat();
  return {
    asked: prompts.length,
    answers,
    models: distinct(heard.map(({ servedModel }) => servedModel)),
    backends: distinct(heard.map(({ backend }) => backend)),
  };
}

function distinct(names: readonly (string | undefined)[]): readonly string[] {
  const said = names.flatMap((name) =>
    name === undefined ? [] : [name.slice(0, DRIFT_NAME_LENGTH_MAX)],
  );
  return [...new Set(said)];
}
