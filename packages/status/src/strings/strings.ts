// Everything that a status page says by itself, as one shape that every language fills: a language that lacks a sentence
// does not compile.

import type {
  ComponentStatus,
  Indicator,
  MaintenanceStatus,
  OpeningKind,
  PublicStatus,
  Severity,
} from "@slipway/core";

export type Strings = {
  /** As HTML and Accept-Language name it. */
  readonly tag: string;
  /** The language in itself. */
  readonly name: string;
  readonly listSeparator: string;
  readonly overall: Readonly<Record<Indicator, string>>;
  readonly component: Readonly<Record<ComponentStatus, string>>;
  readonly status: Readonly<Record<PublicStatus, string>>;
  readonly impact: Readonly<Record<Severity, string>>;
  readonly maintenance: Readonly<Record<MaintenanceStatus, string>>;
  /** What a post says that Slipway made itself. */
  readonly sentence: Readonly<Record<PublicStatus, string>>;
  readonly incidentTitle: (components: string) => string;
  readonly measure: Readonly<Record<OpeningKind, string>>;
  readonly change: (model: string, from: string, to: string) => string;
  readonly components: string;
  readonly currentIncidents: string;
  readonly plannedMaintenance: string;
  readonly pastIncidents: string;
  readonly noIncidents: string;
  readonly history: string;
  readonly backToStatus: string;
  readonly cause: string;
  readonly updates: string;
  readonly affects: string;
  readonly began: string;
  readonly detected: string;
  readonly firstPosted: string;
  readonly resolved: string;
  readonly ongoing: string;
  readonly estimate: (low: string, high: string) => string;
  readonly estimateBasis: (samples: number) => string;
  readonly estimateEarly: (samples: number) => string;
  readonly estimateManual: string;
  readonly estimateExceeded: (high: string) => string;
  readonly nextUpdate: (by: string) => string;
  readonly nextUpdateOverdue: (by: string) => string;
  readonly lastChanged: string;
  readonly stale: string;
  readonly staleSince: string;
  readonly notice: string;
  readonly subscribe: string;
  readonly contact: string;
  readonly languages: string;
  readonly skip: string;
  readonly subscription: SubscriptionStrings;
};

type SubscriptionStrings = Readonly<
  Record<
    | "follow"
    | "title"
    | "way"
    | "email"
    | "webhook"
    | "address"
    | "components"
    | "all"
    | "submit"
    | "asked"
    | "wrong"
    | "tooMany"
    | "confirmTitle"
    | "confirm"
    | "confirmed"
    | "secret"
    | "leaveTitle"
    | "leave"
    | "left"
    | "gone"
    | "ignore"
    | "leaveHint",
    string
  >
> & {
  readonly confirmSubject: (page: string) => string;
  readonly confirmBody: (page: string) => string;
};
