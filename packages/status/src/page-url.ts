// Addresses of the page's parts as the world outside finds them.

import type { StatusPage } from "@slipway/core";

/** A name that is reserved for this: feeds need whole addresses, also where slipway.yaml does not say where the page is. */
const UNKNOWN_URL = "https://status.invalid";

export function pageUrl({ url }: StatusPage, path: string): string {
  return `${url ?? UNKNOWN_URL}/${path}`;
}
