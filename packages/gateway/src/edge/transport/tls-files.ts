// Files of TLS: the certificate of the data port, read again whenever an operator says so, and the authorities that
// vouch for upstreams.

import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { SlipwayError } from "@slipway/wire";

/** Paths of PEM files. */
export type TlsFiles = { readonly certFile: string; readonly keyFile: string };

export type TlsTexts = { readonly cert: string; readonly key: string };

/** Throws SlipwayError `tls_files` when they cannot be read, or do not belong together. */
export function readTls({ certFile, keyFile }: TlsFiles): TlsTexts {
  try {
    const texts = { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
    createSecureContext(texts);
    return texts;
  } catch (error) {
    throw new SlipwayError({
      code: "tls_files",
      status: 500,
      message: `cannot serve TLS with ${certFile} and ${keyFile}: ${error instanceof Error ? error.message : String(error)}`,
      fix: "Both must be PEM files of one pair, and readable for the gateway.",
    });
  }
}

/** How a server's certificate is checked: always, also where Node's environment variable says otherwise. */
export type Verification = { readonly rejectUnauthorized: true; readonly ca?: string };

/** Of a file of authorities: all public ones together have a quarter of it. */
const CA_BYTES_MAX = 1_048_576;

/** The file is named by a table. Throws where it cannot be read, or is none that is read to its end at once. */
export function verification(caFile: string | null): Verification {
  if (caFile === null) return { rejectUnauthorized: true };
  const stat = statSync(caFile);
  if (!stat.isFile() || stat.size > CA_BYTES_MAX) {
    throw new Error(`${caFile} is no file of at most ${CA_BYTES_MAX} bytes`);
  }
  return { rejectUnauthorized: true, ca: readFileSync(caFile, "utf8") };
}
