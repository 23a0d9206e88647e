// Frames that wait to be stored. Whatever has arrived when a turn comes up goes into one commit, so that a disk
// that takes five milliseconds a commit still keeps up with hundreds of gateways.

import { type Acknowledgement, type Frame, SlipwayError } from "@slipway/wire";
import { type Observe, UNOBSERVED } from "../observe.ts";
import type { ControllerPorts, Digest, Log } from "../ports.ts";
import { tooManyFrames } from "../refusal.ts";
import type { Draft } from "../world/draft.ts";
import type { Keeper } from "../world/keeper.ts";
import type { TableGap, World } from "../world/world.ts";
import { acceptFrame, type FrameClock } from "./frames.ts";

const FRAMES_WAITING_MAX = 4_000;
const FRAMES_PER_COMMIT_MAX = 256;

type Waiting = {
  readonly frame: Frame;
  readonly resolve: (acknowledgement: Acknowledgement) => void;
  readonly reject: (error: unknown) => void;
};

export type FrameQueue = { readonly accept: (frame: Frame) => Promise<Acknowledgement> };

export function createFrameQueue(
  keeper: Keeper,
  ports: Pick<ControllerPorts, "clock" | "digest" | "log" | "observe" | "gathered">,
): FrameQueue {
  const { digest, log, observe = UNOBSERVED } = ports;
  const monoMs = ports.clock.mono;
  const waiting: Waiting[] = [];
  let isScheduled = false;
  const schedule = (): void => {
    if (isScheduled || waiting.length === 0) return;
    isScheduled = true;
    void keeper.lane.run(drain);
  };
  const drain = async (): Promise<void> => {
    await ports.gathered?.();
    isScheduled = false;
    const batch = waiting.splice(0, FRAMES_PER_COMMIT_MAX);
    schedule();
    try {
      const clock = { nowMs: keeper.nowMs(), monoMs: monoMs() };
      const gapBefore = keeper.world().tableGap;
      const outcomes = await keeper.commit((draft) =>
        batch.map((one) => answer(draft, one, clock, digest)),
      );
      tellGap(keeper.world(), gapBefore, log);
      for (const settle of outcomes) settle();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  const accept = (frame: Frame): Promise<Acknowledgement> =>
    new Promise((resolve, reject) => {
      if (waiting.length >= FRAMES_WAITING_MAX) {
        reject(tooManyFrames());
        return;
      }
      waiting.push({ frame, resolve, reject });
      schedule();
    });
  return { accept: (frame) => counted(accept(frame), observe) };
}

async function counted(
  answered: Promise<Acknowledgement>,
  { frame }: Observe,
): Promise<Acknowledgement> {
  try {
    const acknowledgement = await answered;
    frame("accepted");
    return acknowledgement;
  } catch (error) {
    frame(error instanceof SlipwayError ? error.code : "fault");
    throw error;
  }
}

/** Once for every such number, since the next table's lies above it. */
function tellGap({ table, tableGap }: World, before: TableGap | null, log: Log): void {
  if (tableGap === null || tableGap === before) return;
  log.error(
    { followed: tableGap.upTo, newest: tableGap.above, next: table.number },
    "a gateway follows a table that this store never made: was the database put back?",
  );
}

/** What to tell the sender once the batch is committed: one frame that is refused does not refuse the others. */
function answer(
  draft: Draft,
  { frame, resolve, reject }: Waiting,
  clock: FrameClock,
  digest: Digest,
): () => void {
  try {
    const acknowledgement = acceptFrame(draft, frame, clock, digest);
    return () => resolve(acknowledgement);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return () => reject(error);
  }
}
