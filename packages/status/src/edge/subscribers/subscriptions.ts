// Subscriptions on the page's own server: the pages to subscribe on, and the loop that tells subscribers.

import { isAbsolute, relative, resolve } from "node:path";
import type { Mailer } from "@slipway/core";
import type { Post, Secrets } from "@slipway/delivery/edge";
import { SlipwayError } from "@slipway/wire";
import type { SubscriptionWay } from "../../subscribe/subscriber.ts";
import { announce, nothingSeen, runAnnouncing } from "./announcing.ts";
import { SubscriberDatabase } from "./database.ts";
import {
  createSubscriptionSite,
  type SubscriptionSite,
  type SubscriptionSiteParts,
} from "./subscription-site.ts";

export type SubscriptionOptions = {
  /** Where the page's files are. */
  readonly dir: string;
  /** Where subscribers are kept; never served. */
  readonly subscribersDir: string;
  readonly mail: Mailer | null;
  readonly webhooks: boolean;
  readonly secrets: Secrets;
  readonly nowMs: () => number;
  readonly log: (line: string) => void;
  /** Both keep webhooks out of networks that are not public; for tests on one machine they can be others. */
  readonly lookup?: Post["lookup"];
  readonly faultOf?: SubscriptionSiteParts["faultOf"];
  readonly hookTimeoutMs?: number;
};

export type Subscriptions = SubscriptionSite & {
  /** Has what is new on the page sent, and what is due tried again, once. */
  readonly look: () => Promise<void>;
  /** Looks each second until it is stopped. */
  readonly run: () => () => Promise<void>;
  readonly close: () => void;
};

/** Throws SlipwayError where the folder cannot be used. */
export function createSubscriptions(options: SubscriptionOptions): Subscriptions {
  const { dir, mail, webhooks, nowMs, secrets, log, lookup, faultOf, hookTimeoutMs } = options;
  if (liesIn(options.subscribersDir, dir)) throw wouldBeServed(options.subscribersDir, dir);
  const database = new SubscriberDatabase(options.subscribersDir);
  const ways: readonly SubscriptionWay[] = [
    ...(mail === null ? [] : ["email" as const]),
    ...(webhooks ? ["webhook" as const] : []),
  ];
  const site = createSubscriptionSite({
    dir,
    database,
    ways,
    ...(faultOf === undefined ? {} : { faultOf }),
  });
  const announcing = {
    ...{ dir, database, nowMs, secrets, mail, log },
    ...(lookup === undefined ? {} : { lookup }),
    ...(hookTimeoutMs === undefined ? {} : { hookTimeoutMs }),
  };
  const seen = nothingSeen();
  return {
    answer: site.answer,
    look: () => announce(announcing, seen),
    run: () => runAnnouncing(announcing),
    close: () => database.close(),
  };
}

function liesIn(inner: string, outer: string): boolean {
  const path = relative(resolve(outer), resolve(inner));
  return !isAbsolute(path) && path.split(/[\\/]/)[0] !== "..";
}

function wouldBeServed(inner: string, outer: string): SlipwayError {
  return new SlipwayError({
    status: 500,
    code: "subscribers_unusable",
    message: `${inner} lies in ${outer}, and everybody could read who has subscribed`,
    fix: "name a folder outside the page's, with --subscribers",
  });
}
