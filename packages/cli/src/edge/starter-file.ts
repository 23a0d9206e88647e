// Writes the starter slipway.yaml, and finds the JSON Schema that its first line names.

import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { SlipwayError } from "@slipway/wire";

const PACKAGED = join("node_modules", "@slipway", "wire", "slipway.schema.json");

/**
 * The schema that belongs to this installation: as a path below a node_modules folder beside or above the file
 * where there is one, so that it works for the whole team; else absolute, which works on this machine.
 */
export function schemaFor(file: string): string {
  const folder = dirname(resolve(file));
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, PACKAGED);
    if (existsSync(candidate)) return posix(`.${sep}${relative(folder, candidate)}`);
    if (dirname(at) === at) break;
  }
  return createRequire(import.meta.url).resolve("@slipway/wire/slipway.schema.json");
}

function posix(path: string): string {
  return path
    .replace(/^\.[\\/](?=\.\.)/, "")
    .split(sep)
    .join("/");
}

/** Never overwrites. */
export function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const exists = code === "EEXIST";
    throw new SlipwayError({
      code: exists ? "file_exists" : "file_unwritable",
      status: exists ? 409 : 500,
      message: exists ? `${file} is there already` : `${file} cannot be written (${code})`,
      fix: exists
        ? "name another file, or remove it first"
        : "check the folder and its permissions",
    });
  }
}
