// The whole path of a request in virtual time: whatever clients, upstreams, tables, leases and time do to a gateway, in
// whatever order, every request ends once, with its own answer, and leaves nothing behind; and a mirror changes nothing.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Command, commands } from "./gateway/command.ts";
import { holdsAtLast, holdsNow } from "./gateway/invariants.ts";
import { Stage } from "./gateway/stage.ts";
import { property } from "./property.ts";

function played(all: readonly Command[], hasMirror: boolean): Stage {
  const stage = new Stage(hasMirror);
  const timersAtFirst = stage.world.clock.timers;
  for (const command of all) {
    stage.play(command);
    holdsNow(stage);
  }
  stage.settle();
  holdsNow(stage);
  holdsAtLast(stage, timersAtFirst);
  return stage;
}

property(
  "whatever happens in whatever order, each request ends once, with its own answer, and leaves nothing behind",
  60,
  fc.property(commands, (all) => {
    played(all, false);
  }),
);

/** What the users of a gateway see of it, and what the controller hears of its arms. */
function seen(stage: Stage): object {
  const answers = stage.asked.map(({ exchange }) => ({
    status: exchange.status,
    headers: exchange.sent,
    received: exchange.received,
    isEnded: exchange.isEnded,
    isDestroyed: exchange.isDestroyed,
  }));
  const { observations, refusals } = stage.world;
  return { answers, observations, refusals };
}

property(
  "a mirror, whatever becomes of its copies, changes nothing of what users get",
  30,
  fc.property(commands, (all) => {
    assert.deepEqual(seen(played(all, true)), seen(played(all, false)));
  }),
);
