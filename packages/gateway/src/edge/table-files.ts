// The table on disk. Each worker writes a file of its own, so that none can overwrite a newer one; all of them
// are read at the start, and the newest counts.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Table } from "@slipway/core";
import { SlipwayError, tableSchema } from "@slipway/wire";
import type { Log, TableFile } from "../ports.ts";
import { readIfThere, writeAtomically } from "./atomic-file.ts";

const PREFIX = "table-";
const SUFFIX = ".json";

export function tableFiles(directory: string, worker: number, log: Log): TableFile {
  return {
    load: () => newest(directory, log),
    save: (table) =>
      writeAtomically(join(directory, `${PREFIX}${worker}${SUFFIX}`), `${JSON.stringify(table)}\n`),
  };
}

function newest(directory: string, log: Log): Table | null {
  const names = namesIn(directory);
  const tables: Table[] = [];
  for (const name of names) {
    try {
      const text = readIfThere(join(directory, name));
      if (text !== null) tables.push(tableSchema.parse(JSON.parse(text)));
    } catch (error) {
      log.error({ file: name, reason: String(error) }, "a table file cannot be read; left out");
    }
  }
  if (names.length > 0 && tables.length === 0) {
    throw new SlipwayError({
      code: "table_unreadable",
      status: 500,
      message: `none of the ${names.length} table files in ${directory} can be read`,
      fix: "Remove them; the gateway then waits for the controller's table.",
    });
  }
  return tables.reduce<Table | null>((a, b) => (a === null || b.number > a.number ? b : a), null);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter(
      (name) => name.startsWith(PREFIX) && name.endsWith(SUFFIX),
    );
  } catch {
    return []; // No directory yet: no table.
  }
}
