// Secrets, read when they are needed and kept nowhere: from the environment, or from a file. Names of secrets come with
// addresses to send them to, from whoever may apply a configuration; what is read is what this process was started with.

import { readFile, stat } from "node:fs/promises";
import { type Grant, isGranted, type Secret, ungrantedText } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";

const LENGTH_MAX = 8_192;
/** UTF-8 has at most four bytes a character. */
const FILE_BYTES_MAX = 4 * LENGTH_MAX;

export type Environment = { readonly [name: string]: string | undefined };

/**
 * Text of a secret that is about to be sent to `to`, or, for null, to be used here. Rejects with SlipwayError
 * `secret_not_granted`, `secret_missing`.
 */
export type Secrets = (secret: Secret, to: string | null) => Promise<string>;

/** Those alone that the process has leave to use. */
export function grantedSecrets(env: Environment, grants: () => readonly Grant[]): Secrets {
  return async (secret, to) => {
    if (isGranted(grants(), secret, to)) return await secretText(secret, env);
    throw new SlipwayError({
      status: 500,
      code: "secret_not_granted",
      ...ungrantedText(secret, to),
    });
  };
}

/** Where a file of this machine names them, and where they go, and nobody else can. */
export function ownSecrets(env: Environment): Secrets {
  return (secret) => secretText(secret, env);
}

async function secretText(secret: Secret, env: Environment): Promise<string> {
  const text = secret.kind === "env" ? env[secret.name] : await fileText(secret.path);
  if (text === undefined || text.trim() === "") {
    const what =
      secret.kind === "env"
        ? `environment variable ${secret.name} is not set here`
        : `${secret.path} is empty`;
    throw missing(what);
  }
  if (text.length > LENGTH_MAX) throw missing(`a secret has more than ${LENGTH_MAX} characters`);
  return text.trim();
}

/** What is no file, or a long one, is not even opened: a pipe would never end. */
async function fileText(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isFile() && found.size <= FILE_BYTES_MAX) return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "?";
    throw missing(`${path} cannot be read (${code})`);
  }
  throw missing(`${path} is no file of at most ${FILE_BYTES_MAX} bytes`);
}

function missing(message: string): SlipwayError {
  return new SlipwayError({
    status: 500,
    code: "secret_missing",
    message,
    fix: "set it where the program that sends runs, and start that again",
  });
}

/** The address in a secret. It is not shown, whatever is wrong with it. */
export function addressIn(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === "https:" || url.protocol === "http:")) return url;
  throw missing("the secret that should be an address is no http or https URL");
}
