// Reads the data sets of a benchmark: JSONL, one item a line, each with an id of its own.

import type { BenchmarkItem } from "@slipway/core";
import { benchmarkItemOf, problemOf, SlipwayError } from "@slipway/wire";
import type { Files } from "../files.ts";

const FILE_BYTES_MAX = 64 * 1024 * 1024;
const ITEMS_MAX = 50_000;

export async function dataSetOf(
  paths: readonly string[],
  files: Files,
): Promise<readonly BenchmarkItem[]> {
  const items: BenchmarkItem[] = [];
  const places = new Map<string, string>();
  for (const path of paths) {
    const text = await files.read(path, FILE_BYTES_MAX);
    for (const [index, line] of text.split("\n").entries()) {
      if (line.trim() === "") continue;
      const place = `${path}:${index + 1}`;
      const item = itemIn(line, place);
      const before = places.get(item.id);
      if (before !== undefined) {
        throw unusable(`${place}: ${item.id} is the id of ${before} too`, "give each item its own");
      }
      places.set(item.id, place);
      items.push(item);
      if (items.length > ITEMS_MAX) {
        throw unusable(`${place}: more than ${ITEMS_MAX} items`, "take a sample of them");
      }
    }
  }
  if (items.length === 0) throw unusable(`${paths.join(", ")} has no item`, "write one a line");
  return items;
}

function itemIn(line: string, place: string): BenchmarkItem {
  const read = benchmarkItemOf(jsonIn(line, place));
  if (read.success) return read.data;
  throw unusable(
    `${place}: ${problemOf(read.error)}`,
    "docs/preflight.md says what an item looks like",
  );
}

function jsonIn(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw unusable(`${place}: this line is not JSON`, "write one JSON object a line");
  }
}

function unusable(message: string, fix: string): SlipwayError {
  return new SlipwayError({ code: "data_set_unusable", status: 400, message, fix });
}
