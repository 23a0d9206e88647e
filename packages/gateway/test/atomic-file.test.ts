// Files that are either the old or the new, also when the disk has no room for the new.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readIfThere, writeAtomically } from "../src/edge/atomic-file.ts";

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a file is there as a whole, and a new one takes its place", (t) => {
  const path = join(folderFor(t), "below", "file");
  assert.equal(readIfThere(path), null);
  writeAtomically(path, "old");
  writeAtomically(path, "new");
  assert.equal(readIfThere(path), "new");
});

test("what cannot be put in its place is told, and leaves nothing beside it", (t) => {
  const folder = folderFor(t);
  const path = join(folder, "file");
  mkdirSync(join(path, "in the way"), { recursive: true });
  assert.throws(() => writeAtomically(path, "new"), { code: "file_write" });
  assert.deepEqual(readdirSync(folder), ["file"]);
});

test("a disk that takes only the beginning of a file does not cost the old one", (t) => {
  const path = join(folderFor(t), "file");
  writeAtomically(path, "old");
  const module = JSON.stringify(new URL("../src/edge/atomic-file.ts", import.meta.url).href);
  const code = `process.on("SIGXFSZ", () => {});
    const { writeAtomically } = await import(${module});
    writeAtomically(${JSON.stringify(path)}, "n".repeat(20_000));`;
  const write = spawnSync(
    "/bin/sh",
    [
      ...["-c", 'ulimit -f 8; exec "$@"', "sh", process.execPath],
      ...["--conditions=@slipway/source", "--input-type=module", "-e", code],
    ],
    { encoding: "utf8" },
  );
  assert.notEqual(write.status, 0, "it was not written, and says so");
  assert.match(write.stderr, /cannot write .*EFBIG/);
  assert.equal(readFileSync(path, "utf8"), "old");
});
