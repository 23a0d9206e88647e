// The loop that empties the outbox, beside the controller's ticks: each target by itself, one notification at a time. That an
// attempt begins is committed before it does, so that only who leads sends anything, and that it ended when its answer is
// there: an answer that a crash swallows has the notification sent again under the same id.

import {
  type Answer,
  afterAttempt,
  type Cancel,
  type Notification,
  nextFor,
  retryDelayMs,
  type Target,
  testNotice,
} from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import { UNOBSERVED } from "../observe.ts";
import type { ControllerPorts, Sending } from "../ports.ts";
import type { Keeper } from "../world/keeper.ts";
import { post, putNotification } from "./outbox.ts";
import { notificationIn } from "./outbox-book.ts";
import { noDelivery, noTargets, unknownTarget } from "./refusal.ts";

const LOOK_EVERY_MS = 500;
/** How long a stop waits for answers. */
const END_WITHIN_MS = 5_000;

export type Delivering = {
  /** Begins what is due; resolves when all attempts that are under way have ended. */
  readonly round: () => Promise<void>;
  readonly run: () => Cancel;
  /** Whoever stops lets what was begun end: else it would be sent once more after the next start. */
  readonly ended: () => Promise<void>;
  /** Sends a marked test to one target, or to all for null, and waits for what they answer. */
  readonly test: (target: string | null, by: string) => Promise<readonly Notification[]>;
};

type Progress = {
  /** Attempts under way, by number. */
  readonly underWay: Map<number, Promise<void>>;
  /** Targets with an attempt of the loop's under way. */
  readonly busy: Set<string>;
  /** Receivers that did not answer as they should: until when they are left alone, and how often in a row. */
  readonly resting: Map<string, { readonly untilMs: number; readonly failures: number }>;
  failures: number;
};

export function createDelivering(keeper: Keeper, ports: ControllerPorts): Delivering {
  const progress: Progress = {
    underWay: new Map(),
    busy: new Set(),
    resting: new Map(),
    failures: 0,
  };
  return {
    round: async () => {
      begin(keeper, ports, progress);
      await Promise.all(progress.underWay.values());
    },
    run: () => repeat(keeper, ports, progress),
    ended: () => ended(progress, ports),
    test: (target, by) => sendTests(keeper, ports, progress, { target, by }),
  };
}

function repeat(keeper: Keeper, ports: ControllerPorts, progress: Progress): Cancel {
  let isCancelled = false;
  let cancelNext: Cancel = () => {};
  const fire = (): void => {
    begin(keeper, ports, progress);
    if (!isCancelled) cancelNext = ports.clock.after(LOOK_EVERY_MS, fire);
  };
  cancelNext = ports.clock.after(LOOK_EVERY_MS, fire);
  return () => {
    isCancelled = true;
    cancelNext();
  };
}

async function ended({ underWay }: Progress, { clock }: ControllerPorts): Promise<void> {
  if (underWay.size === 0) return;
  const late = Promise.withResolvers<void>();
  const cancel = clock.after(END_WITHIN_MS, late.resolve);
  await Promise.race([Promise.all(underWay.values()), late.promise]);
  cancel();
}

/** A target that is slow keeps no other waiting. */
function begin(keeper: Keeper, ports: ControllerPorts, progress: Progress): void {
  const { pending } = keeper.world().outbox;
  if (pending.size === 0 || ports.deliver === undefined) return;
  const nowMs = keeper.nowMs();
  for (const target of new Set([...pending.values()].map((one) => one.target))) {
    const rest = progress.resting.get(target);
    if (progress.busy.has(target) || (rest !== undefined && rest.untilMs > nowMs)) continue;
    const next = nextFor(target, pending.values(), nowMs);
    if (next === null || progress.underWay.has(next.number)) continue;
    progress.busy.add(target);
    void attempt(keeper, ports, progress, next.number).finally(() => progress.busy.delete(target));
  }
}

/** Whoever asks for one that is under way waits for it. */
function attempt(
  keeper: Keeper,
  ports: ControllerPorts,
  progress: Progress,
  number: number,
): Promise<void> {
  const already = progress.underWay.get(number);
  if (already !== undefined) return already;
  const attempting = tried(keeper, ports, progress, number)
    .then(
      () => {
        progress.failures = 0;
      },
      (error: unknown) => failed(error, ports, progress),
    )
    .finally(() => progress.underWay.delete(number));
  progress.underWay.set(number, attempting);
  return attempting;
}

/** A store that is away, or another that leads: at the 1st, 2nd, 4th, 8th, … it is logged, and the next look tries again. */
function failed(error: unknown, { log }: ControllerPorts, progress: Progress): void {
  progress.failures++;
  if ((progress.failures & (progress.failures - 1)) !== 0) return;
  const code = error instanceof SlipwayError ? error.code : "fault";
  const fields = { code, error: String(error), failures: progress.failures };
  log.error(fields, "a notification could not be sent or recorded");
}

async function tried(
  keeper: Keeper,
  ports: ControllerPorts,
  { resting }: Progress,
  number: number,
): Promise<void> {
  const begun = await keeper.change((draft) => {
    const notification = draft.outbox.pending.get(number);
    if (notification === undefined) return null;
    const attempts = notification.attempts + 1;
    // Where its answer is lost it is tried again as if there had been none.
    const dueAtMs =
      keeper.nowMs() +
      retryDelayMs(`${notification.target} ${notification.notice.id}`, attempts, null);
    const next = { ...notification, attempts, dueAtMs };
    putNotification(draft, next);
    const { outbox, communications } = draft;
    return { notification: next, settings: outbox.settings, pageUrl: communications.status.url };
  });
  if (begun === null) return;
  const { notification, settings, pageUrl } = begun;
  const target = settings.targets.find(({ name }) => name === notification.target);
  const answer =
    target === undefined
      ? gone(notification)
      : await delivered(ports, { notification, target, mail: settings.mail, pageUrl });
  const settled = await keeper.change((draft) => {
    const next = afterAttempt(notification, answer, keeper.nowMs());
    putNotification(draft, next);
    return next;
  });
  rest(resting, settled, answer, keeper.nowMs());
  tellOf(settled, ports);
}

async function delivered({ deliver }: ControllerPorts, sending: Sending): Promise<Answer> {
  if (deliver === undefined) throw noDelivery();
  try {
    return await deliver(sending);
  } catch (error) {
    // Its own fault, and not the receiver's: another notice may fare better.
    return {
      ok: false,
      said: `it could not be sent: ${whyOf(error)}`,
      isOfReceiver: false,
      isFinal: false,
      retryAfterMs: null,
    };
  }
}

function whyOf(error: unknown): string {
  if (error instanceof SlipwayError && error.fix !== null) return `${error.message}; ${error.fix}`;
  return error instanceof Error ? error.message : String(error);
}

/** Nobody could ever receive it: there is nothing to wait for. */
function gone({ target }: Notification): Answer {
  const said = `slipway.yaml has no target ${target} any more`;
  return { ok: false, said, isOfReceiver: false, isFinal: true, retryAfterMs: null };
}

/** What a receiver that is away is owed waits for one attempt at a time, not for one of each. */
function rest(
  resting: Progress["resting"],
  { target, notice }: Notification,
  answer: Answer,
  nowMs: number,
): void {
  if (answer.ok) resting.delete(target);
  if (answer.ok || !answer.isOfReceiver || notice.occasion === "test") return;
  const failures = (resting.get(target)?.failures ?? 0) + 1;
  const untilMs = nowMs + retryDelayMs(`${target} ${notice.id}`, failures, answer.retryAfterMs);
  resting.set(target, { untilMs, failures });
}

function tellOf({ state, target, number, said }: Notification, ports: ControllerPorts): void {
  const { log, observe = UNOBSERVED } = ports;
  observe.notified(target, state === "pending" ? "retried" : state);
  if (state === "failed") log.warn({ target, number, said }, "a notification was given up");
}

async function sendTests(
  keeper: Keeper,
  ports: ControllerPorts,
  progress: Progress,
  { target, by }: { readonly target: string | null; readonly by: string },
): Promise<readonly Notification[]> {
  if (ports.deliver === undefined) throw noDelivery();
  const numbers = await keeper.change((draft) =>
    testedTargets(draft.outbox.settings.targets, target).map((one) =>
      post(draft, one, testNotice(`test-${ports.ids.next()}`, by, keeper.nowMs())),
    ),
  );
  await Promise.all(numbers.map((number) => attempt(keeper, ports, progress, number)));
  const stored = await Promise.all(numbers.map((number) => ports.store.notification(number)));
  return stored.flatMap((one) => (one === null ? [] : [notificationIn(one)]));
}

function testedTargets(targets: readonly Target[], name: string | null): readonly Target[] {
  if (targets.length === 0) throw noTargets();
  if (name === null) return targets;
  const found = targets.filter((target) => target.name === name);
  if (found.length === 0)
    throw unknownTarget(
      name,
      targets.map((target) => target.name),
    );
  return found;
}
