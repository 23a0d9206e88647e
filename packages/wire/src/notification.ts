// Who is told what beyond Slipway, what has become of it, and tests, as the control API has them.

import {
  type Mailer,
  type Notice,
  type Notification,
  type NotificationSettings,
  OCCASIONS,
  type Occasion,
  type Secret,
  type Target,
  URGENCIES,
  type Way,
} from "@slipway/core";
import { z } from "zod";

export const TARGETS_MAX = 50;
export const RECIPIENTS_MAX = 50;
export const TEMPLATE_LENGTH_MAX = 1_000;

const name = z.string().min(1).max(200);
const url = z.string().min(1).max(2_000);
const wholeMs = z.number().int().positive();
const occasion = z.enum(OCCASIONS);

const secretSchema: z.ZodType<Secret> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("env"), name }),
  z.object({ kind: z.literal("file"), path: z.string().min(1).max(1_000) }),
]);

const mailerSchema: z.ZodType<Mailer> = z.object({
  host: name,
  port: z.number().int().min(1).max(65_535),
  security: z.enum(["tls", "starttls", "none"]),
  login: z.object({ user: name, password: secretSchema }).nullable(),
  from: name,
});

const waySchema: z.ZodType<Way> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("slack"), url: secretSchema }),
  z.object({ kind: z.literal("pagerduty"), routingKey: secretSchema, baseUrl: url }),
  z.object({
    kind: z.literal("webhook"),
    url: z.union([url, secretSchema]),
    secret: secretSchema,
  }),
  z.object({ kind: z.literal("email"), to: z.array(name).min(1).max(RECIPIENTS_MAX) }),
]);

const targetSchema: z.ZodType<Target> = z.object({
  name,
  way: waySchema,
  occasions: z.array(occasion),
  models: z.array(name).max(1_000),
  templates: z.partialRecord(occasion, z.string().max(TEMPLATE_LENGTH_MAX)),
  giveUpAfterMs: wholeMs,
});

export const notificationSettingsSchema: z.ZodType<NotificationSettings> = z.object({
  mail: mailerSchema.nullable(),
  targets: z
    .array(targetSchema)
    .max(TARGETS_MAX)
    .refine((targets) => new Set(targets.map((one) => one.name)).size === targets.length, {
      message: "two targets have the same name",
    }),
});

const noticeSchema: z.ZodType<Notice> = z.object({
  id: z.string(),
  occasion: z.enum([...OCCASIONS, "test"]),
  atMs: z.number(),
  thread: z.string(),
  call: z.enum(["trigger", "acknowledge", "resolve"]).nullable(),
  urgency: z.enum(URGENCIES),
  model: z.string().nullable(),
  title: z.string(),
  text: z.string(),
  facts: z.record(z.string(), z.string()),
});

export const notificationSchema: z.ZodType<Notification> = z.object({
  number: z.number().int().positive(),
  target: z.string(),
  notice: noticeSchema,
  state: z.enum(["pending", "delivered", "failed"]),
  attempts: z.number().int().nonnegative(),
  dueAtMs: z.number(),
  giveUpAtMs: z.number(),
  left: z.array(name).exactOptional(),
  said: z.string().nullable(),
  settledAtMs: z.number().nullable(),
});

export type NotificationsView = {
  readonly targets: readonly {
    readonly name: string;
    readonly kind: Way["kind"];
    readonly occasions: readonly Occasion[];
    /** Empty: every model's. */
    readonly models: readonly string[];
    readonly pending: number;
  }[];
  /** The newest first; those that wait, all of them. */
  readonly notifications: readonly Notification[];
};

export const notificationsViewSchema: z.ZodType<NotificationsView> = z.object({
  targets: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(["slack", "pagerduty", "webhook", "email"]),
      occasions: z.array(occasion),
      models: z.array(z.string()),
      pending: z.number().int().nonnegative(),
    }),
  ),
  notifications: z.array(notificationSchema),
});

export type NotificationTest = {
  /** All where absent. */
  readonly target?: string;
  readonly by: string;
};

export const notificationTestSchema: z.ZodType<NotificationTest> = z.object({
  target: name.exactOptional(),
  by: name,
});
