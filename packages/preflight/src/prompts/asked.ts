// Asks both versions the same, prompt by prompt: one right after the other, so that what is slow or down at an hour is so
// for both.

import type { Outcome } from "../ask.ts";
import type { Endpoint } from "../endpoint.ts";
import { endpointFor } from "../endpoint-for.ts";
import type { GateContext } from "../gate.ts";
import { patient } from "../patience.ts";
import { sideBySide } from "../side-by-side.ts";
import { type Ending, endingOf } from "./ending.ts";
import type { Prompt } from "./prompt.ts";

/** What one version made of a prompt. */
export type Side = { readonly outcome: Outcome; readonly ending: Ending };

export type AskedPrompt = {
  readonly prompt: Prompt;
  readonly stable: Side;
  readonly candidate: Side;
};

type Asking = Pick<
  GateContext<{ concurrency: number; timeoutMs: number; stream: boolean }>,
  "stable" | "candidate" | "settings" | "ask" | "clock" | "random" | "progress" | "signal"
>;

/** Half of the prompts go to the candidate first. */
const ORDER_SEED = 1;

export async function askBoth(
  prompts: readonly Prompt[],
  { stable, candidate, settings, ask, clock, random, progress, signal }: Asking,
): Promise<readonly AskedPrompt[]> {
  const askPatiently = patient(ask, clock);
  const order = random(ORDER_SEED);
  const candidateFirst = prompts.map(() => order.next() < 0.5);
  let done = 0;
  const side = async (prompt: Prompt, endpoint: Endpoint): Promise<Side> => {
    const { timeoutMs, stream } = settings;
    const outcome = await askPatiently({ endpoint, body: prompt.body, stream, timeoutMs, signal });
    return { outcome, ending: endingOf(prompt, outcome) };
  };
  const both = async (prompt: Prompt, index: number): Promise<AskedPrompt> => {
    signal.throwIfAborted();
    const ofStable = endpointFor(stable.endpoints, index);
    const ofCandidate = endpointFor(candidate.endpoints, index);
    const turned = candidateFirst[index] === true;
    const earlier = await side(prompt, turned ? ofCandidate : ofStable);
    const later = await side(prompt, turned ? ofStable : ofCandidate);
    progress(++done, prompts.length, prompt.id);
    return turned
      ? { prompt, stable: later, candidate: earlier }
      : { prompt, stable: earlier, candidate: later };
  };
  return await sideBySide(prompts, settings.concurrency, both);
}
