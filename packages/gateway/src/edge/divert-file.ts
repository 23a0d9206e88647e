// The models diverted on this gateway, on disk, one a line: a divert holds until someone ends it, restarts
// included.

import { join } from "node:path";
import { readIfThere, writeAtomically } from "./atomic-file.ts";

export type DivertFile = {
  /** Throws SlipwayError when it is there and cannot be read. */
  readonly load: () => readonly string[];
  readonly save: (models: readonly string[]) => void;
};

export function divertFile(directory: string): DivertFile {
  const path = join(directory, "diverted");
  return {
    load: () => (readIfThere(path) ?? "").split("\n").filter((line) => line !== ""),
    save: (models) => writeAtomically(path, models.map((model) => `${model}\n`).join("")),
  };
}
