// Who is told what, as slipway.yaml says it.

import type { Secret } from "../secret.ts";
import { type Notice, OCCASIONS, type Occasion } from "./notice.ts";

/** How mails leave. */
export type Mailer = {
  readonly host: string;
  readonly port: number;
  /** tls: from the first byte. starttls: before anything is said, or not at all. none: in the open. */
  readonly security: "tls" | "starttls" | "none";
  /** Null: the server wants no name. */
  readonly login: { readonly user: string; readonly password: Secret } | null;
  readonly from: string;
};

/** Where a mail server's password is sent, as a grant has it. Sent in the open is somewhere else. */
export function mailDestination({ security, host, port }: Mailer): string {
  return `${security}://${host.toLowerCase()}:${port}`;
}

export type Way =
  | { readonly kind: "slack"; readonly url: Secret }
  | { readonly kind: "pagerduty"; readonly routingKey: Secret; readonly baseUrl: string }
  | { readonly kind: "webhook"; readonly url: string | Secret; readonly secret: Secret }
  | { readonly kind: "email"; readonly to: readonly string[] };

export type Target = {
  readonly name: string;
  readonly way: Way;
  readonly occasions: readonly Occasion[];
  /** Empty: every model's. */
  readonly models: readonly string[];
  /** Sentences of one's own, by occasion; `{model}` and other facts are put in. */
  readonly templates: { readonly [occasion in Occasion]?: string };
  readonly giveUpAfterMs: number;
};

export type NotificationSettings = {
  readonly mail: Mailer | null;
  readonly targets: readonly Target[];
};

export const NO_NOTIFICATIONS: NotificationSettings = { mail: null, targets: [] };

export const PAGERDUTY_URL = "https://events.pagerduty.com";

/** PagerDuty keeps what somebody is called for, and has no place for news. */
export const PAGERDUTY_OCCASIONS: readonly Occasion[] = [
  "page-opened",
  "acknowledged",
  "page-resolved",
  "incident-opened",
  "incident-mitigated",
  "post-due",
  "posted",
];

export function defaultOccasions(kind: Way["kind"]): readonly Occasion[] {
  return kind === "pagerduty" ? PAGERDUTY_OCCASIONS : OCCASIONS;
}

/** A test goes to whom it is asked for. */
export function wants({ occasions, models }: Target, { occasion, model }: Notice): boolean {
  if (occasion === "test") return false;
  return (
    occasions.includes(occasion) &&
    (models.length === 0 || model === null || models.includes(model))
  );
}

/** The notice as this target reads it: with a title of its own where it has a template. */
export function wordedFor({ templates }: Pick<Target, "templates">, notice: Notice): Notice {
  const template = notice.occasion === "test" ? undefined : templates[notice.occasion];
  if (template === undefined) return notice;
  const facts: Notice["facts"] = { ...notice.facts, title: notice.title, text: notice.text };
  return { ...notice, title: template.replace(PLACES, (_, name: string) => facts[name] ?? "") };
}

const PLACES = /\{([a-z]+)\}/g;

/** What a template names, known or not. */
export function namedIn(template: string): readonly string[] {
  return [...template.matchAll(PLACES)].map(([, name = ""]) => name);
}
