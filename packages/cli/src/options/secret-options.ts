// Flags that say which secrets a process may use, and where it may send them and notices. What it is told over the network names
// secrets too, and says nothing here.

import { type Grant, SENT_ALIKE, type Secret } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import { type Command, InvalidArgumentError } from "commander";
import { checkedNames, type Telling } from "../config/config-check.ts";
import { configGrants } from "../config/config-grants.ts";
import { CONFIG_FILE, revisionOf } from "../edge/config-file.ts";

export type SecretOptions = {
  readonly secret?: readonly Grant[];
  /** Of the controller alone: others send no notices. */
  readonly noticeTo?: readonly Grant[];
  readonly secretsOf?: string;
};

export function withSecretOptions(command: Command): Command {
  return command
    .option(
      "--secret <name@url>",
      "a secret that it may send there: a variable, or file:PATH; without @url one to use and not to send; may be repeated",
      (text: string, before: readonly Grant[] = []) => [...before, grantOption(text)],
    )
    .option(
      "--secrets-of <file>",
      `slipway.yaml of this machine: what it names may go where it says (default: ${CONFIG_FILE} where it exists)`,
    );
}

/** Of a program that sends notices. */
export function withNoticeOption(command: Command): Command {
  return command.option(
    "--notice-to <url>",
    "an address inside the network that notices may be sent to (https://host:port, or starttls://host:587 of a mail server without login); public ones need no leave; may be repeated",
    (text: string, before: readonly Grant[] = []) => [...before, placeOption(text)],
  );
}

/** As `mailDestination` writes it: an IPv6 address is bare there, and the port is what follows the last colon. */
const MAIL_DESTINATION = /^(?:tls|starttls|none):\/\/(?:[^\s/@:]+|[\da-f:.]+):\d{1,5}$/i;

/** NAME, NAME@https://host or file:PATH@starttls://host:587; with an @ at its end, a path that looks like the last. */
export function grantOption(text: string): Grant {
  const isUsedHere = text.endsWith("@") && SENT_ALIKE.test(text);
  const { name, url = null } = isUsedHere
    ? { name: text.slice(0, -1) }
    : { name: text, .../^(?<name>.+)@(?<url>[a-z]+:\/\/\S+)$/is.exec(text)?.groups };
  const secret = secretIn(name);
  const to = url === null ? null : destinationOf(url);
  if (secret !== null && (url === null || to !== null)) return { secret, to };
  throw new InvalidArgumentError(
    "Write NAME@https://host, or file:PATH for NAME; for a mail server @starttls://host:587.",
  );
}

/** https://host:port, or starttls://host:587. */
export function placeOption(text: string): Grant {
  const to = destinationOf(text);
  if (to !== null) return { secret: null, to };
  throw new InvalidArgumentError(
    "Write https://host:port; for a mail server starttls://host:587, tls:// or none://.",
  );
}

function secretIn(name: string): Secret | null {
  if (/^file:./s.test(name)) return { kind: "file", path: name.slice("file:".length) };
  return /^[A-Za-z_]\w*$/.test(name) ? { kind: "env", name } : null;
}

function destinationOf(url: string): string | null {
  if (MAIL_DESTINATION.test(url)) return url.toLowerCase();
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return null;
  const { origin, username, password } = new URL(url);
  // Whose host it is would depend on who reads it.
  return username === "" && password === "" ? origin : null;
}

/**
 * What may be used, as it is now: the file is read again when it changes. One that becomes wrong, or goes, leaves what it
 * last granted. Throws at once where a file that was named is wrong.
 */
export function grantsNow(context: Telling, options: SecretOptions): () => readonly Grant[] {
  const { secret = [], noticeTo = [], secretsOf } = options;
  const given = [...secret, ...noticeTo];
  const file = secretsOf ?? CONFIG_FILE;
  let revision: string | null = null;
  let grants = given;
  const look = (): void => {
    const next = revisionOf(file);
    if (next === revision) return;
    revision = next;
    if (next !== null) grants = [...given, ...configGrants(checkedNames(context, file, true))];
  };
  if (secretsOf !== undefined) {
    // Says what is wrong with it, also that there is none.
    grants = [...given, ...configGrants(checkedNames(context, file, true))];
    revision = revisionOf(file);
  }
  return () => {
    try {
      look();
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      context.terminal.err(`slipway: secrets are granted as before: ${error.message}\n`);
    }
    return grants;
  };
}
