// Files that are either the old or the new, whatever happens while they are written.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { SlipwayError } from "@slipway/wire";

/** Written beside, synced, renamed, and the rename synced. Throws SlipwayError `file_write`. */
export function writeAtomically(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    replace(path, text);
    syncDirectory(dirname(path));
  } catch (error) {
    throw new SlipwayError({
      code: "file_write",
      status: 500,
      message: `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
      fix: "Check that the data directory exists, is writable and has space.",
    });
  }
}

function replace(path: string, text: string): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeSynced(beside, text);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, "w", 0o600);
  try {
    // Goes on after a short write, which a disk that is nearly full answers with instead of an error.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Null when there is no such file. Throws SlipwayError `file_read`. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as { readonly code?: string }).code === "ENOENT") return null;
    throw new SlipwayError({
      code: "file_read",
      status: 500,
      message: `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
      fix: "Check the permissions of the data directory.",
    });
  }
}
