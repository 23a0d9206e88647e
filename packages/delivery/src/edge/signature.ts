// Signatures as Standard Webhooks has them: HMAC-SHA256 over id, time and body, so that nobody else can send one, and an old
// one cannot be sent again.

import { createHmac } from "node:crypto";
import { SlipwayError } from "@slipway/wire";

/** The standard wants 24 to 64 bytes. */
const KEY_BYTES_MIN = 24;
const KEY_BYTES_MAX = 64;

export type Signed = {
  readonly id: string;
  readonly atMs: number;
  readonly body: string;
};

/** Headers of a signed webhook. `secrets`: one, or several apart by spaces while one takes another's place. */
export function signedHeaders(
  secrets: string,
  { id, atMs, body }: Signed,
): { readonly [name: string]: string } {
  const timestamp = Math.floor(atMs / 1_000);
  const signatures = secrets
    .split(/\s+/)
    .map((secret) => createHmac("sha256", keyIn(secret)).update(`${id}.${timestamp}.${body}`))
    .map((hmac) => `v1,${hmac.digest("base64")}`);
  return {
    "webhook-id": id,
    "webhook-timestamp": `${timestamp}`,
    "webhook-signature": signatures.join(" "),
  };
}

function keyIn(secret: string): Buffer {
  const encoded = secret.replace(/^whsec_/, "");
  const key = Buffer.from(encoded, "base64");
  if (
    /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) &&
    key.length >= KEY_BYTES_MIN &&
    key.length <= KEY_BYTES_MAX
  ) {
    return key;
  }
  throw new SlipwayError({
    status: 500,
    code: "secret_unusable",
    message: `a webhook's secret is not whsec_ and base64 of ${KEY_BYTES_MIN} to ${KEY_BYTES_MAX} bytes`,
    fix: 'make one: echo "whsec_$(openssl rand -base64 32)"',
  });
}
