// The certificate authorities that vouch for an upstream, when they are not the ones that everybody trusts.

import { readFileSync } from "node:fs";
import { SlipwayError } from "@slipway/wire";

/** `caFile`: a path of PEM texts; null for the usual authorities. Throws SlipwayError `ca_file` when it cannot be read. */
export function authorities(caFile: string | null): { readonly ca?: string } {
  if (caFile === null) return {};
  try {
    return { ca: readFileSync(caFile, "utf8") };
  } catch (error) {
    throw new SlipwayError({
      code: "ca_file",
      status: 500,
      message: `cannot read the authorities of an upstream: ${error instanceof Error ? error.message : String(error)}`,
      fix: "`ca` of the upstream in slipway.yaml must be a PEM file that this machine has",
    });
  }
}
