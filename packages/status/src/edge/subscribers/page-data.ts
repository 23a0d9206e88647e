// The page as it lies in the folder that the controller publishes to: all that its server knows of incidents.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { StatusPage } from "@slipway/core";
import { statusPageSchema } from "@slipway/wire";
import { PAGE_FILE } from "../../status-files.ts";

/** Null where nothing was published yet. */
export async function pageTextIn(dir: string): Promise<string | null> {
  try {
    return await readFile(join(dir, PAGE_FILE), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

export function pageOf(text: string): StatusPage {
  const parsed = statusPageSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`${PAGE_FILE} is not of this version of Slipway`);
  return parsed.data;
}

export async function pageIn(dir: string): Promise<StatusPage | null> {
  const text = await pageTextIn(dir);
  return text === null ? null : pageOf(text);
}
