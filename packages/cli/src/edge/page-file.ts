// A page that a command writes for people to open, where they said; what is there already is written over.

import { writeFileSync } from "node:fs";
import { SlipwayError } from "@slipway/wire";

export function writePage(file: string, html: string): void {
  try {
    writeFileSync(file, html);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new SlipwayError({
      code: "page_not_written",
      status: 400,
      message: `${file} cannot be written (${code})`,
      fix: "name a file in a folder that exists and may be written to",
    });
  }
}
