// Who is told what, as slipway.yaml writes it: targets by name, each with one way to reach it.

import {
  defaultOccasions,
  FACTS,
  GIVE_UP_AFTER_MS,
  namedIn,
  OCCASIONS,
  type Occasion,
  PAGERDUTY_OCCASIONS,
  PAGERDUTY_URL,
  type Secret,
  type Target,
  type Way,
} from "@slipway/core";
import { z } from "zod";
import { RECIPIENTS_MAX, TARGETS_MAX, TEMPLATE_LENGTH_MAX } from "../../notification.ts";
import { durationNotation, type Reading } from "../document/quantity.ts";
import { readBaseUrl } from "../fields/base-url.ts";
import { duration, field } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";
import { readSecret, secretField } from "../fields/secret-field.ts";
import { addressField } from "./mail-schema.ts";

const GIVE_UP_MIN_MS = 60_000;
const GIVE_UP_MAX_MS = 604_800_000;

/** An address that holds a secret is named as one. */
function readWebhookUrl(value: unknown): Reading<string | Secret> {
  const isNamed = typeof value === "string" && /^(\$|file:)/.test(value);
  return isNamed ? readSecret(value) : readBaseUrl(value);
}

function readTemplate(value: unknown): Reading<string> {
  const text = typeof value === "string" ? value.trim() : "";
  if (text === "" || text.length > TEMPLATE_LENGTH_MAX) {
    const fix = `write up to ${TEMPLATE_LENGTH_MAX} characters`;
    return { ok: false, message: "this is not a template", fix };
  }
  const strange = namedIn(text).filter((name) => !FACTS.some((fact) => fact === name));
  if (strange.length === 0) return { ok: true, value: text };
  return {
    ok: false,
    message: `there is no {${strange[0]}}`,
    fix: `it may name ${FACTS.map((fact) => `{${fact}}`).join(", ")}`,
  };
}

const template = field(readTemplate, {
  type: "string",
  maxLength: TEMPLATE_LENGTH_MAX,
  description:
    "The first line, in words of your own; {model}, {from}, {to} and the like are put in.",
}).optional();

const templates = z
  .strictObject(
    Object.fromEntries(OCCASIONS.map((occasion) => [occasion, template])) as {
      [occasion in Occasion]: typeof template;
    },
  )
  .meta({ title: "templates", description: "First lines of messages, by event." })
  .transform((written): Target["templates"] =>
    Object.fromEntries(Object.entries(written).filter(([, text]) => text !== undefined)),
  );

const target = z
  .strictObject({
    slack: secretField("Slack: the address of an incoming webhook.").optional(),
    pagerduty: secretField(
      "PagerDuty: the integration key of an Events API v2 integration.",
    ).optional(),
    "pagerduty-url": field(readBaseUrl, {
      type: "string",
      description: `Where PagerDuty takes events. Default: ${PAGERDUTY_URL}; in Europe https://events.eu.pagerduty.com.`,
    }).optional(),
    webhook: field(readWebhookUrl, {
      type: "string",
      description: `A webhook: the URL that is posted to, or, where that is secret, \${NAME} or file:PATH.`,
    }).optional(),
    secret: secretField("What webhooks are signed with, as whsec_ and base64.").optional(),
    email: z
      .array(addressField("An address."))
      .min(1)
      .max(RECIPIENTS_MAX)
      .meta({ description: "Mail: the addresses. Needs mail." })
      .optional(),
    events: z
      .array(z.enum(OCCASIONS))
      .min(1)
      .meta({
        description: "What it is told. Default: everything; PagerDuty: pages and incidents.",
      })
      .optional(),
    models: z
      .array(nameField("A model."))
      .min(1)
      .meta({ description: "Of which models. Default: all." })
      .optional(),
    templates: templates.prefault({}),
    "give-up-after": duration("How long it is tried again before it counts as failed.", {
      min: GIVE_UP_MIN_MS,
      max: GIVE_UP_MAX_MS,
    }).prefault(durationNotation(GIVE_UP_AFTER_MS)),
  })
  .meta({ title: "a target" });

type Written = z.output<typeof target>;

/** What is wrong with how it is reached; null for nothing. */
function faultOf(written: Written): { readonly message: string; readonly fix: string } | null {
  const { slack, pagerduty, webhook, email, secret, events } = written;
  const ways = [slack, pagerduty, webhook, email].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    const message =
      ways === 0 ? "this does not say how to reach it" : "this says several ways to reach it";
    return { message, fix: "write one of slack, pagerduty, webhook, email" };
  }
  if ((secret !== undefined) !== (webhook !== undefined)) {
    return webhook === undefined
      ? { message: "only a webhook has a secret", fix: "leave secret out" }
      : {
          message: "a webhook is signed, and this one has no secret",
          fix: `write secret: \${NAME}, with whsec_ and base64 of 24 to 64 random bytes in it`,
        };
  }
  if (written["pagerduty-url"] !== undefined && pagerduty === undefined) {
    return { message: "pagerduty-url belongs to pagerduty", fix: "leave it out" };
  }
  const strange = (events ?? []).find((event) => !PAGERDUTY_OCCASIONS.includes(event));
  if (pagerduty !== undefined && strange !== undefined) {
    const fix = `it takes ${PAGERDUTY_OCCASIONS.join(", ")}`;
    return { message: `nobody is called for ${strange}: PagerDuty has no place for it`, fix };
  }
  return null;
}

function wayOf(written: Written): Way | null {
  const { slack, pagerduty, webhook, secret, email } = written;
  if (slack !== undefined) return { kind: "slack", url: slack };
  if (pagerduty !== undefined) {
    const baseUrl = written["pagerduty-url"] ?? PAGERDUTY_URL;
    return { kind: "pagerduty", routingKey: pagerduty, baseUrl };
  }
  if (webhook !== undefined && secret !== undefined)
    return { kind: "webhook", url: webhook, secret };
  return email === undefined ? null : { kind: "email", to: email };
}

export const notificationsSchema: z.ZodType<readonly Target[]> = z
  .record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    target.transform((written, context): Omit<Target, "name"> => {
      const fault = faultOf(written);
      const way = wayOf(written);
      if (fault !== null || way === null) {
        const { message, fix } = fault ?? { message: "this cannot be reached", fix: "write a way" };
        context.addIssue({ code: "custom", message, params: { fix }, input: written });
        return z.NEVER;
      }
      return {
        way,
        occasions: written.events ?? defaultOccasions(way.kind),
        models: written.models ?? [],
        templates: written.templates,
        giveUpAfterMs: written["give-up-after"],
      };
    }),
  )
  .refine((all) => Object.keys(all).length <= TARGETS_MAX, {
    message: `more than ${TARGETS_MAX} targets`,
  })
  .meta({ title: "notifications", description: "Who is told what, by a name of your own." })
  .transform((all) => Object.entries(all).map(([name, one]): Target => ({ name, ...one })));
