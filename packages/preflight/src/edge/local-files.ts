// The team's files on this machine's disk.

import { readdir, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { SlipwayError } from "@slipway/wire";
import type { Files, ListFolder } from "../files.ts";

/** `folder`: what paths are relative to. */
export function localFiles(folder: string): Files {
  return { read: (path, bytesMax) => textOf(resolve(folder, path), bytesMax) };
}

export function localFolders(folder: string): ListFolder {
  return (path) => namesIn(resolve(folder, path));
}

async function textOf(path: string, bytesMax: number): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > bytesMax) {
      throw unusable(
        `${path} has ${size} bytes, more than the ${bytesMax} that are read`,
        "split it",
      );
    }
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw code === "ENOENT"
      ? unusable(`there is no ${path}`, "paths are relative to the folder of slipway.yaml")
      : unusable(`${path} cannot be read (${code})`, "check what it is, and its permissions");
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).toSorted();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT") return [];
    throw unusable(`${path} cannot be listed (${code})`, "check what it is, and its permissions");
  }
}

function unusable(message: string, fix: string): SlipwayError {
  return new SlipwayError({ code: "file_unusable", status: 400, message, fix });
}
