// A notice that people put on the page by hand, where the controller that would post for them cannot be reached.

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "@slipway/wire";

/** Beside the pages, and not one of them: the dot keeps it from being asked for. */
export const NOTICE_FILE = ".notice";
export const NOTICE_LENGTH_MAX = 2_000;

/** Null takes it away. Written beside and renamed: a reader finds all of it or nothing. */
export function putNotice(dir: string, text: string | null): void {
  const path = join(dir, NOTICE_FILE);
  try {
    if (text === null) {
      rmSync(path, { force: true });
      return;
    }
    const beside = `${path}.${process.pid}.new`;
    writeFileSync(beside, `${text}\n`);
    renameSync(beside, path);
  } catch (error) {
    throw new SlipwayError({
      code: "status_unwritable",
      status: 500,
      message: `cannot write a notice to ${dir}: ${error instanceof Error ? error.message : String(error)}`,
      fix: "name the folder that the page is served from, with --dir",
    });
  }
}
