// slipway.yaml from disk: read, checked, and refused with everything that is wrong with it. And what else a command reads
// whole: as text of a bounded size, or not at all.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
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
const INIT = "run slipway init to write one, or name another file";

/** `warnOfKeys`: whether to warn of environment variables that are not set here. */
export function readConfig(file: string, warnOfKeys: boolean): LoadedConfig {
  return loadConfig(sourceOf(file, warnOfKeys));
}

/** Text of any file. `what`: what it ought to be; `fix`: where one comes from. */
export function readText(file: string, what: string, fix: string, bytesMax: number): string {
  return textOf({ file, what, fix, bytesMax });
}

/** The policies of a file, which may hold nothing but one. */
export function readPolicies(file: string): LoadedPolicies {
  return loadPolicies(sourceOf(file, false));
}

function sourceOf(file: string, warnOfKeys: boolean): ConfigSource {
  return {
    file,
    text: textOf({ file, what: "a slipway.yaml", fix: INIT, bytesMax: SIZE_MAX_BYTES }),
    sha256,
    isSet: warnOfKeys ? (name) => (process.env[name] ?? "") !== "" : null,
  };
}

/** Changes when the file does; null where there is none. Reading one that cannot even be looked at says why. */
export function revisionOf(file: string): string | null {
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? null : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  } catch (error) {
    return String(error);
  }
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What a path of `file`, relative to its folder, leads to; null where that cannot be read, or is larger than this. */
export function textBeside(file: string, path: string, bytesMax: number): string | null {
  try {
    const bytes = readFileSync(resolve(dirname(file), path));
    return bytes.length > bytesMax ? null : bytes.toString("utf8");
  } catch {
    // The gate itself says why, when it runs.
    return null;
  }
}

type TextFile = {
  readonly file: string;
  readonly what: string;
  readonly fix: string;
  readonly bytesMax: number;
};

function textOf({ file, what, fix, bytesMax }: TextFile): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw unreadable(file, fix, error);
  }
  if (bytes.length > bytesMax) {
    throw missing(`${file} has ${bytes.length} bytes; this cannot be ${what}`, "name another file");
  }
  return bytes.toString("utf8");
}

function unreadable(file: string, fix: string, error: unknown): SlipwayError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") {
    return missing(`there is no ${file}`, fix);
  }
  if (code === "EISDIR") return missing(`${file} is a directory`, "name a file");
  return missing(`${file} cannot be read (${code})`, "check its permissions");
}

function missing(message: string, fix: string): SlipwayError {
  return new SlipwayError({ code: "config_missing", status: 400, message, fix });
}
