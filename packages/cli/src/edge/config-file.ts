// slipway.yaml from disk: read, checked, and refused with everything that is wrong with it.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { SlipwayError } from "@slipway/wire";
import {
  type ConfigSource,
  type LoadedConfig,
  type LoadedPolicies,
  loadConfig,
  loadPolicies,
} from "@slipway/wire/config";

/** The file that commands read when none is named. */
export const CONFIG_FILE = "slipway.yaml";
const SIZE_MAX_BYTES = 2 * 1024 * 1024;

/** `warnOfKeys`: whether to warn of environment variables that are not set here. */
export function readConfig(file: string, warnOfKeys: boolean): LoadedConfig {
  return loadConfig(sourceOf(file, warnOfKeys));
}

/** The policies of a file, which may hold nothing but one. */
export function readPolicies(file: string): LoadedPolicies {
  return loadPolicies(sourceOf(file, false));
}

function sourceOf(file: string, warnOfKeys: boolean): ConfigSource {
  return {
    file,
    text: textOf(file),
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    isSet: warnOfKeys ? (name) => (process.env[name] ?? "") !== "" : null,
  };
}

function textOf(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  if (bytes.length > SIZE_MAX_BYTES) {
    throw missing(
      `${file} has ${bytes.length} bytes; this cannot be a slipway.yaml`,
      "name another file",
    );
  }
  return bytes.toString("utf8");
}

function unreadable(file: string, error: unknown): SlipwayError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") {
    return missing(`there is no ${file}`, "run slipway init to write one, or name another file");
  }
  if (code === "EISDIR") return missing(`${file} is a directory`, "name a file");
  return missing(`${file} cannot be read (${code})`, "check its permissions");
}

function missing(message: string, fix: string): SlipwayError {
  return new SlipwayError({ code: "config_missing", status: 400, message, fix });
}
