// Secrets, read when they are needed and kept nowhere: from the environment, or from a file.

import { readFile } from "node:fs/promises";
import type { Secret } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";

const LENGTH_MAX = 8_192;

export type Environment = { readonly [name: string]: string | undefined };

export async function secretText(secret: Secret, env: Environment): Promise<string> {
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

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "?";
    throw missing(`${path} cannot be read (${code})`);
  }
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
