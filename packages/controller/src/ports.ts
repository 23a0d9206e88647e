// What the controller needs from the outside, as types. The same controller runs on disks and sockets and in
// virtual time.

import type {
  Answer,
  Clock,
  Forecast,
  Mailer,
  Notification,
  StatusPage,
  Target,
} from "@slipway/core";
import type { Observe } from "./observe.ts";
import type { ForesightAsk } from "./reading/foresee.ts";
import type { RecentAsk, RecentIncidents } from "./reading/recent-incidents.ts";
import type { Store } from "./store/store.ts";

/** Random identifiers, URL-safe. */
export type Ids = { readonly next: () => string };

/** SHA-256 of a text's UTF-8 bytes, as lower-case hex. */
export type Digest = (text: string) => string;

export type LogFields = { readonly [field: string]: string | number | boolean | null };

/** Structured log lines, without bodies or keys. */
export type Log = {
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
};

export type Sending = {
  readonly notification: Notification;
  readonly target: Target;
  readonly mail: Mailer | null;
  /** Where the status page is to be found from outside; null where nobody says. */
  readonly pageUrl: string | null;
};

export type ControllerPorts = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly digest: Digest;
  readonly log: Log;
  readonly store: Store;
  /** Who counts; nobody where absent. */
  readonly observe?: Observe;
  /** Resolves when all requests that are there by now have been read: their frames share a commit. At once where absent. */
  readonly gathered?: () => Promise<void>;
  /** Makes a forecast beside the ticks; null where its rollout has moved on. In this thread where absent. */
  readonly foresee?: (ask: ForesightAsk) => Promise<Forecast | null>;
  /** Reads incidents beside the ticks. In this thread where absent. */
  readonly recentIncidents?: (ask: RecentAsk) => Promise<RecentIncidents>;
  /** Puts the status page where the public finds it, whenever it may have changed; nowhere where absent. */
  readonly publish?: (page: StatusPage, nowMs: number) => Promise<void>;
  /** Sends one notification and says what was answered; nobody is told anything where absent. */
  readonly deliver?: (sending: Sending) => Promise<Answer>;
};
