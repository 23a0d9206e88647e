// The project's style as a test: who may import whom, how long a file may be, how it opens, which words it avoids.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

/** What each package may import of the others; the picture is in ARCHITECTURE.md. */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  wire: ["core"],
  scorers: ["core"],
  gateway: ["core", "wire", "scorers"],
  controller: ["core", "wire"],
  preflight: ["core", "wire", "scorers"],
  delivery: ["core", "wire"],
  status: ["core", "wire", "delivery"],
  simulator: ["core", "wire", "gateway", "controller"],
  cli: ["core", "wire", "gateway", "controller", "preflight", "delivery", "status", "simulator"],
};

const LINES_MAX = 400;
const SHAPELESS_NAMES = /(^|\/)(utils?|helpers?|common|manager|service|types|misc)(\.ts$|\/)/;
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b|not implemented|\.(only|todo)\(|@ts-(ignore|nocheck)/;

const sources = globSync("packages/*/{src,test}/**/*.ts").filter((file) => !file.includes("/dist"));
const everything = [
  ...sources,
  ...globSync("{tools,bench,compat}/**/*.ts", { exclude: ["**/node_modules"] }),
];

function importsOf(text: string): readonly string[] {
  const statements = text.matchAll(
    /^(?:import|export)\s(?:[\w*{][^"';=()]*\sfrom\s)?"([^"\n]+)"/gm,
  );
  const calls = text.matchAll(/\bimport\("([^"\n]+)"\)/g);
  return [...statements, ...calls].map((match) => match[1] ?? "");
}

function complaints(
  files: readonly string[],
  complain: (file: string, text: string) => readonly string[],
): readonly string[] {
  return files.flatMap((file) =>
    complain(file, readFileSync(file, "utf8")).map((what) => `${file}: ${what}`),
  );
}

function packageOf(file: string): string {
  return file.split("/")[1] ?? "";
}

test("there are sources to look at", () => {
  assert.ok(sources.length > 50, `only ${sources.length} files found`);
});

test("every package is in the import table", () => {
  const packages = new Set(globSync("packages/*/package.json").map(packageOf));
  assert.deepEqual([...packages].sort(), Object.keys(IMPORTS).sort());
});

test("packages import only the packages below them", () => {
  const wrong = complaints(sources, (file, text) => {
    if (file.includes("/test/")) return [];
    const allowed = IMPORTS[packageOf(file)] ?? [];
    return importsOf(text).filter((name) => {
      const other = /^@slipway\/([a-z]+)/.exec(name)?.[1];
      return other !== undefined && !allowed.includes(other);
    });
  });
  assert.deepEqual(wrong, []);
});

test("node:* appears only at the edges, and core imports nothing at all", () => {
  const wrong = complaints(sources, (file, text) => {
    const inner = !file.includes("/edge/") && !file.includes("/test/") && packageOf(file) !== "cli";
    const outward = importsOf(text).filter((name) =>
      packageOf(file) === "core" ? !name.startsWith(".") : name.startsWith("node:"),
    );
    return inner ? outward : [];
  });
  assert.deepEqual(wrong, []);
});

test("no file is longer than the budget", () => {
  const wrong = complaints(everything, (_, text) => {
    const lines = text.split("\n").length;
    return lines > LINES_MAX ? [`${lines} lines, at most ${LINES_MAX}`] : [];
  });
  assert.deepEqual(wrong, []);
});

test("every file opens by saying what it is", () => {
  const wrong = complaints(everything, (_, text) =>
    /^(#!.*\n)?\/\/ \S/.test(text) ? [] : ["no opening comment"],
  );
  assert.deepEqual(wrong, []);
});

test("no file has a shapeless name", () => {
  assert.deepEqual(
    everything.filter((file) => SHAPELESS_NAMES.test(file)),
    [],
  );
});

test("nothing is left unfinished in the sources", () => {
  const wrong = complaints(everything, (file, text) =>
    file === "tools/tidy.test.ts" ? [] : (UNFINISHED.exec(text)?.slice(0, 1) ?? []),
  );
  assert.deepEqual(wrong, []);
});
