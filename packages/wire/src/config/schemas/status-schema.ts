// The status page as slipway.yaml writes it: what it is called, which components it shows, and by when what is said.

import {
  DAY_MS,
  DEFAULT_STATUS,
  MINUTE_MS,
  type StatusComponent,
  type StatusSettings,
} from "@slipway/core";
import { z } from "zod";
import { COMPONENTS_MAX } from "../../status.ts";
import { readBaseUrl } from "../fields/base-url.ts";
import { duration, field } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";

const DESCRIPTION_LENGTH_MAX = 1_000;

const component = z
  .strictObject({
    name: nameField("What users call it.").optional(),
    description: z
      .string()
      .max(DESCRIPTION_LENGTH_MAX)
      .meta({ description: "A sentence for users: what it does for them." })
      .prefault(""),
    models: z
      .array(nameField("A model."))
      .min(1)
      .meta({ description: "The models that it is made of." }),
  })
  .meta({ title: "a component" });

const components = z
  .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), component)
  .refine((all) => Object.keys(all).length <= COMPONENTS_MAX, {
    message: `more than ${COMPONENTS_MAX} components`,
  })
  .meta({
    title: "components",
    description:
      "Parts of the service as users know them, by an id that stays. A model that none has is a component by itself.",
  })
  .transform((all) =>
    Object.entries(all).map(
      ([id, { name, description, models }]): StatusComponent => ({
        id,
        name: name ?? id,
        description,
        models,
      }),
    ),
  );

export const statusSchema: z.ZodType<StatusSettings> = z
  .strictObject({
    title: nameField("The page's name.").prefault(DEFAULT_STATUS.title),
    url: field(readBaseUrl, {
      type: "string",
      description: "The page's own address, for links in feeds, mails and badges.",
    }).optional(),
    contact: nameField("Where a reader can ask: an address or a link.").optional(),
    components: components.prefault({}),
    "publish-within": duration(
      "From detection until something must have been posted, where users felt it.",
      { min: MINUTE_MS, max: DAY_MS },
    ).prefault("15m"),
    "publish-by-itself-after": duration(
      "From detection until Slipway posts what it has drafted, if nobody has posted.",
      { min: 1_000, max: DAY_MS },
    ).prefault("10m"),
    "next-update": duration("How soon after a post the next one is promised.", {
      min: MINUTE_MS,
      max: DAY_MS,
    }).prefault("30m"),
    "resolve-after": duration(
      "From the end of the harm until Slipway calls an incident resolved that it has posted about itself.",
      { min: 1_000, max: 7 * DAY_MS },
    ).prefault("30m"),
  })
  .meta({ title: "status", description: "The public status page." })
  .transform((written, context): StatusSettings => {
    const { "publish-within": publishWithinMs, "publish-by-itself-after": autoAfterMs } = written;
    if (autoAfterMs >= publishWithinMs) {
      context.addIssue({
        code: "custom",
        message:
          "publish-by-itself-after is no earlier than publish-within: it would come too late",
        params: { fix: "write less for it, such as 10m where publish-within is 15m" },
        input: written,
      });
      return z.NEVER;
    }
    return {
      title: written.title,
      url: written.url ?? null,
      contact: written.contact ?? null,
      components: written.components,
      publishWithinMs,
      autoAfterMs,
      updateEveryMs: written["next-update"],
      resolveAfterMs: written["resolve-after"],
    };
  });
