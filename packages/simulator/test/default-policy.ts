// The policy of a team that configures nothing, or little.
import { createHash } from "node:crypto";
import type { Policy } from "@slipway/core";
import { loadConfig } from "@slipway/wire/config";

/** `fields`: what a file says under `policy`, in one line. */
export function defaultPolicy(fields = "{}"): Policy {
  const text = `models: {m: {stable: a, policy: ${fields}, versions: {a: {upstreams: [{url: "http://127.0.0.1:1/v1"}]}}}}`;
  const sha256 = (value: string): string => createHash("sha256").update(value).digest("hex");
  const loaded = loadConfig({ file: "defaults", text, sha256, isSet: null });
  const policy = loaded.ok ? loaded.models[0]?.policy : undefined;
  if (policy === undefined) throw new Error(`the policy cannot be read: ${JSON.stringify(loaded)}`);
  return policy;
}
