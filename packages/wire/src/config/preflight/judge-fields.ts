// A model that compares answers, as gates that have one write it.

import type { z } from "zod";
import { readBaseUrl } from "../fields/base-url.ts";
import { field } from "../fields/field.ts";
import { keyField } from "../fields/key-field.ts";
import { nameField } from "../fields/name-field.ts";

export type JudgeModel = {
  /** Up to and with `/v1`. */
  readonly url: string;
  readonly model: string;
  /** Environment variable of its key; null for none. */
  readonly keyEnv: string | null;
};

export const judgeFields: {
  readonly url: z.ZodType<string>;
  readonly model: z.ZodType<string>;
  readonly key: z.ZodType<string | undefined>;
} = {
  url: field(readBaseUrl, {
    type: "string",
    pattern: "^https?://",
    description: "Base URL of a server that speaks the OpenAI API, up to and with /v1.",
  }),
  model: nameField("Model id that this server knows."),
  key: keyField(
    `Its API key, as \${NAME} of an environment variable of slipway preflight.`,
    "slipway preflight",
  ).optional(),
};

export function judgeOf(written: {
  readonly url: string;
  readonly model: string;
  readonly key?: string | undefined;
}): JudgeModel {
  return { url: written.url, model: written.model, keyEnv: written.key ?? null };
}
