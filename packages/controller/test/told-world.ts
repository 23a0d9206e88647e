// A controller with targets and a receiver that takes, loses or refuses what it is sent, on a clock that the test owns.

import type { ControllerPorts } from "@slipway/controller";
import { type Answer, type Notice, OCCASIONS, type Target } from "@slipway/core";
import { documentOf, FakeWorld, requestOf, type WorldOptions } from "./fake-world.ts";
import { MINUTE_MS } from "./status-story.ts";

export function targetOf(name: string, changes: Partial<Target> = {}): Target {
  return {
    name,
    way: { kind: "webhook", url: "http://127.0.0.1:9/", secret: { kind: "env", name: "S" } },
    occasions: OCCASIONS,
    models: [],
    templates: {},
    giveUpAfterMs: 24 * 60 * MINUTE_MS,
    ...changes,
  };
}

/** A receiver that takes, loses or refuses what it is sent, as the test has it. */
export class FakeReceiver {
  answer: Answer = { ok: true, said: "200" };
  readonly attempts: { readonly target: string; readonly notice: Notice; readonly atMs: number }[] =
    [];
  readonly taken: Notice[] = [];
  nowMs: () => number = () => 0;
  readonly deliver: NonNullable<ControllerPorts["deliver"]> = ({ notification, target }) => {
    const { notice } = notification;
    this.attempts.push({ target: target.name, notice, atMs: this.nowMs() });
    if (this.answer.ok) this.taken.push(notice);
    return Promise.resolve(this.answer);
  };

  words(): readonly string[] {
    return this.taken.map(({ occasion }) => occasion);
  }
}

export const AWAY: Extract<Answer, { ok: false }> = {
  ok: false,
  said: "connection refused",
  isOfReceiver: true,
  isFinal: false,
  retryAfterMs: null,
};

export async function worldOf(
  receiver: FakeReceiver,
  targets: readonly Target[],
  options: WorldOptions = {},
): Promise<FakeWorld> {
  const world = await new FakeWorld({ deliver: receiver.deliver, ...options }).open();
  receiver.nowMs = () => world.clock.mono();
  const document = documentOf({ policy: world.policy });
  const request = { ...requestOf(document), notifications: { mail: null, targets } };
  await world.controller.apply(request);
  return world;
}

/** Looks at the outbox each ten seconds. */
export async function pass(world: FakeWorld, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 10_000) {
    world.clock.advance(10_000);
    await world.controller.deliverDue();
  }
}

export async function drained(world: FakeWorld): Promise<void> {
  for (let looks = 0; looks < 20; looks++) await world.controller.deliverDue();
}
