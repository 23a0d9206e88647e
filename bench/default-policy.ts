// The policy of a team that configures nothing.
import { createHash } from "node:crypto";
import type { Policy } from "@slipway/core";
import { loadConfig } from "@slipway/wire/config";

const CONFIG = `
models:
  m:
    stable: a
    versions: {a: {upstreams: [{url: "http://127.0.0.1:1/v1"}]}}
`;

/** `lines`: of a `policy`, as slipway.yaml has them, indented by six; none for the defaults. */
export function policyOf(lines = ""): Policy {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const text = lines === "" ? CONFIG : `${CONFIG}    policy:\n${lines}`;
  const loaded = loadConfig({ file: "defaults", text, sha256, isSet: null });
  const policy = loaded.ok ? loaded.models[0]?.policy : undefined;
  if (policy === undefined) {
    throw new Error(`the policy cannot be read: ${JSON.stringify(loaded.problems)}`);
  }
  return policy;
}

/** A `--holdback` as it is typed: another than the default; 0% leaves no control after 100%. */
export function holdbackLine(written: string | undefined): string {
  return written === undefined ? "" : `      holdback: ${written}\n`;
}
