// The policy of a team that configures nothing.
import { createHash } from "node:crypto";
import type { Policy } from "@slipway/core";
import { loadConfig } from "@slipway/wire/config";

const TEXT =
  'models: {m: {stable: a, versions: {a: {upstreams: [{url: "http://127.0.0.1:1/v1"}]}}}}';

export function defaultPolicy(): Policy {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const loaded = loadConfig({ file: "defaults", text: TEXT, sha256, isSet: null });
  const policy = loaded.ok ? loaded.models[0]?.policy : undefined;
  if (policy === undefined) throw new Error("the default policy cannot be read");
  return policy;
}
