// Directories for tests that write to disk, removed when the test file has run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const made: string[] = [];

after(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

export function newDataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "slipway-controller-"));
  made.push(dir);
  return dir;
}
