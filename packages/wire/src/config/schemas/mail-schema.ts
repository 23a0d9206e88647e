// How mails leave, as slipway.yaml writes it: for notifications, and for subscribers of the status page.

import { isMailAddress, type Mailer } from "@slipway/core";
import { z } from "zod";
import { kindOf, quoted, type Reading } from "../document/quantity.ts";
import { choice, count, field } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";
import { secretField } from "../fields/secret-field.ts";

const PORTS = { tls: 465, starttls: 587, none: 25 } as const;

/** One address and no more: what a header could be made to say beside it is refused. */
function readAddress(value: unknown): Reading<string> {
  const text = typeof value === "string" ? value : "";
  if (isMailAddress(text)) return { ok: true, value: text };
  const is = typeof value === "string" ? quoted(value) : kindOf(value);
  return {
    ok: false,
    message: `${is} is not an address`,
    fix: "write one such as name@example.com",
  };
}

export function addressField(description: string): z.ZodType<string> {
  return field(readAddress, { type: "string", format: "email", description });
}

export const mailSchema: z.ZodType<Mailer> = z
  .strictObject({
    host: nameField("The mail server."),
    port: count("Its port. Default: 587 for starttls, 465 for tls, 25 for none.", {
      min: 1,
      max: 65_535,
    }).optional(),
    security: choice(
      "starttls: encrypted before anything is said, or not at all. tls: from the first byte. none: in the open, for a server on this machine.",
      { starttls: "starttls", tls: "tls", none: "none" } as const,
    ).prefault("starttls"),
    user: nameField("The name to log in by. Default: it wants none.").optional(),
    password: secretField("The password to it.").optional(),
    from: addressField("Whom mails are from."),
  })
  .meta({ title: "mail", description: "How mails leave." })
  .transform((written, context): Mailer => {
    const { host, port, security, user, password, from } = written;
    if ((user === undefined) !== (password === undefined)) {
      context.addIssue({
        code: "custom",
        message: "a user and a password belong together",
        params: { fix: "write both, or neither" },
        input: written,
      });
      return z.NEVER;
    }
    const login = user === undefined || password === undefined ? null : { user, password };
    return { host, port: port ?? PORTS[security], security, login, from };
  });
