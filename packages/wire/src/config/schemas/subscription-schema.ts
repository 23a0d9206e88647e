// Whether readers of the status page can subscribe, as slipway.yaml writes it. It is a matter of the page's own server, and of
// no controller.

import { z } from "zod";
import { flag } from "../fields/field.ts";

export type SubscriptionSettings = {
  readonly email: boolean;
  readonly webhooks: boolean;
};

export const subscriptionsSchema: z.ZodType<SubscriptionSettings> = z
  .strictObject({
    email: flag("By mail. Needs mail.").prefault(true),
    webhooks: flag("By signed webhooks.").prefault(true),
  })
  .meta({
    title: "subscriptions",
    description: "Lets readers of the status page subscribe to its updates.",
  });
