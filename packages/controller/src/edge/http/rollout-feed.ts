// The views of followed rollouts: made once for all who follow one, and put where each can take it in its own time.

import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "@slipway/wire";
import { Inbox } from "./inbox.ts";
import type { ApiParts } from "./route-parts.ts";

/** Of all rollouts together. */
const FOLLOWERS_MAX = 200;
const VIEWS_EVERY_MS = 250;

type Following = {
  /** The rollout's view as JSON, whenever it is another; who reads slowly gets the newest. */
  readonly inbox: Inbox<string>;
  readonly unfollow: () => void;
};

export type RolloutFeed = {
  /** Throws SlipwayError when too many follow already. The rollout exists. */
  readonly follow: (rolloutId: string) => Following;
};

type Watched = { readonly inboxes: Set<Inbox<string>>; text: string };

export function createRolloutFeed({ controller, log }: ApiParts): RolloutFeed {
  const watched = new Map<string, Watched>();
  let followers = 0;
  const watch = async (id: string, own: Watched): Promise<void> => {
    const { inboxes } = own;
    try {
      while (inboxes.size > 0) {
        const text = JSON.stringify(await controller.rollout(id));
        if (text !== own.text) for (const inbox of inboxes) inbox.put(text);
        own.text = text;
        await sleep(VIEWS_EVERY_MS, undefined, { ref: false });
      }
    } catch (error) {
      log.warn({ rollout: id, error: String(error) }, "a rollout can be followed no longer");
      for (const inbox of inboxes) inbox.close();
    } finally {
      watched.delete(id);
    }
  };
  const follow = (id: string): Following => {
    if (followers >= FOLLOWERS_MAX) throw tooManyFollowers();
    followers++;
    const inbox = new Inbox<string>({ limit: 1, whenFull: "drop-oldest" });
    const known = watched.get(id);
    const own = known ?? { inboxes: new Set(), text: "" };
    own.inboxes.add(inbox);
    if (known === undefined) {
      watched.set(id, own);
      void watch(id, own);
    } else if (known.text !== "") {
      inbox.put(known.text);
    }
    return {
      inbox,
      unfollow: () => {
        if (own.inboxes.delete(inbox)) followers--;
      },
    };
  };
  return { follow };
}

function tooManyFollowers(): SlipwayError {
  return new SlipwayError({
    code: "too_many_followers",
    status: 503,
    message: `${FOLLOWERS_MAX} clients follow rollouts already`,
    fix: "close some of them",
  });
}
