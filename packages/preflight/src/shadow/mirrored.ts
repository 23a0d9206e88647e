// Has gateways copy real requests until enough of them are answered by both versions, and reads what was kept of them.

import type { MirrorView } from "@slipway/wire";
import { ANSWER_FILE_MS_MAX, answerFileBegin, SlipwayError } from "@slipway/wire";
import type { ShadowGate } from "@slipway/wire/config";
import type { GateContext } from "../gate.ts";
import { pause } from "../pause.ts";
import { type KeptPairs, keptPairs } from "./kept-pairs.ts";
import type { MirrorAsked } from "./mirroring.ts";

export type Mirrored = KeptPairs & {
  /** As it was when it had been stopped. */
  readonly view: MirrorView;
  readonly elapsedMs: number;
};

type Context = GateContext<ShadowGate>;

/** Gateways report about as often. */
const LOOK_EVERY_MS = 1_000;
/** After its time the gate still reads what was kept, and stops the mirror; where it was killed, the controller does. */
const GRACE_MS = 120_000;
/** Of the controller and the gateway, at most. */
const CLOCKS_APART_MS = 60_000;
const WHY = "the gate shadow";

export async function mirroredPairs(context: Context): Promise<Mirrored> {
  const { settings, progress } = context;
  const { pairs: wanted, share, again, withinMs } = settings;
  let kept: KeptPairs = { pairs: [], unreadable: 0 };
  let goal = wanted;
  const asked = { to: context.candidate.version.id, share, again, keep: true, reason: WHY };
  const { view, elapsedMs } = await underMirror(context, asked, withinMs, async (now) => {
    const answered = answeredBoth(now);
    progress(Math.min(answered, wanted), wanted, "requests answered by both");
    if (answered < goal) return false;
    kept = await readPairs(context, now);
    const { pairs } = kept;
    // Some answers are not kept: the gateway had too much to do, or they were too long.
    goal = answered + wanted - pairs.length;
    return pairs.length === 0 || pairs.length >= wanted;
  });
  if (kept.pairs.length < wanted) kept = await readPairs(context, view);
  return { ...kept, view, elapsedMs };
}

/** Runs a mirror until `isDone` says so, or for as long as it may take, and stops it whatever happens. */
export async function underMirror<Settings>(
  { clock, mirroring, signal }: GateContext<Settings>,
  asked: MirrorAsked,
  lengthMs: number,
  isDone: (view: MirrorView) => Promise<boolean>,
): Promise<{ readonly view: MirrorView; readonly elapsedMs: number }> {
  const { id } = await mirroring.start({ ...asked, forMs: lengthMs + GRACE_MS });
  const startMs = clock.mono();
  // Somebody else's is not this gate's to stop.
  let isOurs = true;
  try {
    for (let done = false; !done; ) {
      await pause(clock, LOOK_EVERY_MS, signal);
      const view = await mirroring.look();
      isOurs = view.id === id && view.stopped === null;
      if (!isOurs) throw taken(view);
      done = (await isDone(view)) || clock.mono() - startMs >= lengthMs;
    }
  } catch (error) {
    // What went wrong first tells more than that the end failed too; a mirror that is left behind ends by itself.
    if (isOurs) await mirroring.stop(WHY).catch(() => null);
    throw error;
  }
  return { view: await mirroring.stop(WHY), elapsedMs: clock.mono() - startMs };
}

function answeredBoth({ shadow, primary }: MirrorView): number {
  return Math.min(shadow.judged, primary.judged);
}

async function readPairs(
  { files, listFolder, model, settings, stable, candidate }: Context,
  { id: mirror, startedAtMs }: MirrorView,
): Promise<KeptPairs> {
  const folder = `${settings.gatewayDir}/answers/${encodeURIComponent(model)}`;
  // What was kept before the mirror has none of its copies, and may be more than can be read.
  const sinceMs = startedAtMs - ANSWER_FILE_MS_MAX - CLOCKS_APART_MS;
  const names = await listFolder(folder);
  const since = names.filter((name) => (answerFileBegin(name) ?? sinceMs) >= sinceMs);
  const paths = since.map((name) => `${folder}/${name}`);
  const wanted = { model, stable: stable.version.id, candidate: candidate.version.id, mirror };
  return await keptPairs(paths, wanted, settings.pairs, files);
}

function taken({ model, stopped }: MirrorView): SlipwayError {
  return new SlipwayError({
    code: "mirror_taken",
    status: 409,
    message:
      stopped === null
        ? `another mirror of ${model} took this one's place`
        : `${stopped.by} stopped the mirror of ${model}`,
    fix: "run the gate again",
  });
}
