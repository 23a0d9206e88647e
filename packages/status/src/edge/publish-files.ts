// Puts the page's files into a folder: each written beside, synced and renamed, so that who serves them finds the old or
// the new, and only those that changed. A stamp says when the controller was last heard of.

import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StatusPage } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import { statusFiles } from "../status-files.ts";
import { FRESHNESS_FILE, freshnessText } from "./freshness.ts";

export type Publisher = (page: StatusPage, nowMs: number) => Promise<void>;

export function createPublisher(dir: string): Publisher {
  /** As they are on disk, for all that this process knows. */
  const written = new Map<string, string>();
  let last = "";
  const write = async (files: ReadonlyMap<string, string>): Promise<void> => {
    for (const [path, content] of files) {
      if (written.get(path) === content) continue;
      await writeWhole(join(dir, path), content);
      written.set(path, content);
    }
  };
  return async (page, nowMs) => {
    const text = JSON.stringify(page);
    const files = text === last ? null : statusFiles(page);
    try {
      if (files !== null) await write(files);
      // A page that was written in part is written again.
      last = text;
      await writeWhole(join(dir, FRESHNESS_FILE), freshnessText(nowMs));
    } catch (error) {
      throw unwritable(dir, error);
    }
  };
}

function unwritable(dir: string, error: unknown): SlipwayError {
  return new SlipwayError({
    code: "status_unwritable",
    status: 500,
    message: `cannot write the status page to ${dir}: ${error instanceof Error ? error.message : String(error)}`,
    fix: "check that the folder may be written and its disk has space",
  });
}

async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.new`;
  try {
    const file = await open(beside, "w", 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
