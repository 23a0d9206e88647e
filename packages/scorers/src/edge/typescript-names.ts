// Checks the names of TypeScript by its own compiler, on a file that is only in memory. The compiler's interface is in
// TypeScript up to 5.9; what this project is compiled by has none.

import { builtinModules } from "node:module";
import type ts from "typescript-checker";
import type { CheckedNames, CheckNames, NameProblem } from "../names.ts";

const FILE = "/answer.ts";
const SURROUNDINGS = "/surroundings.d.ts";

/** What the compiler says of each kind, by the numbers of its messages. */
const KINDS: ReadonlyMap<number, NameProblem["kind"]> = new Map([
  [2304, "name"],
  [2552, "name"],
  [2503, "name"],
  [18004, "name"],
  [2339, "member"],
  [2551, "member"],
  [2305, "member"],
  [2724, "member"],
  [2307, "package"],
  [2792, "package"],
]);

/** Of Node, so that nothing has to be installed to know it: that it is there, and nothing of its types. */
const GLOBALS = [
  "process",
  "Buffer",
  "require",
  "module",
  "exports",
  "global",
  "__dirname",
  "__filename",
];

/** Loads the compiler; the first check takes seconds, the next ones tenths of one. */
export async function typescriptNames(): Promise<CheckNames> {
  const { default: compiler } = await import("typescript-checker");
  const options: ts.CompilerOptions = {
    target: compiler.ScriptTarget.ESNext,
    module: compiler.ModuleKind.ESNext,
    moduleResolution: compiler.ModuleResolutionKind.Bundler,
    strict: false,
    noEmit: true,
    noResolve: true,
    types: [],
  };
  const host = compiler.createCompilerHost(options);
  const kept = new Map<string, ts.SourceFile | undefined>();
  return (code, packages): CheckedNames => {
    const texts = new Map([
      [FILE, code],
      [SURROUNDINGS, surroundingsText(packages ?? [])],
    ]);
    const getSourceFile: ts.CompilerHost["getSourceFile"] = (name, version) => {
      const text = texts.get(name);
      if (text !== undefined) return compiler.createSourceFile(name, text, version);
      // The standard library is the same for every answer.
      if (!kept.has(name)) kept.set(name, host.getSourceFile(name, version));
      return kept.get(name);
    };
    const program = compiler.createProgram([FILE, SURROUNDINGS], options, {
      ...host,
      getSourceFile,
    });
    const file = program.getSourceFile(FILE);
    if (program.getSyntacticDiagnostics(file).length > 0) return { kind: "no-program" };
    const problems = program
      .getSemanticDiagnostics(file)
      .flatMap((found) => problemOf(found, compiler, packages !== null));
    return { kind: "checked", problems };
  };
}

function surroundingsText(packages: readonly string[]): string {
  const builtin = builtinModules.flatMap((name) => [name, `node:${name}`]);
  const known = packages.flatMap((name) => [name, `${name}/*`]);
  return [
    ...GLOBALS.map((name) => `declare var ${name}: any;`),
    ...[...builtin, ...known].map((name) => `declare module ${JSON.stringify(name)};`),
  ].join("\n");
}

function problemOf(
  found: ts.Diagnostic,
  compiler: typeof ts,
  packagesAreKnown: boolean,
): readonly NameProblem[] {
  const kind = KINDS.get(found.code);
  if (kind === undefined) return [];
  const text = compiler.flattenDiagnosticMessageText(found.messageText, " ");
  const [name = text, ...others] = [...text.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? "");
  // A file of the same project cannot be looked up here.
  const isRelative = name.startsWith(".") || name.startsWith("/");
  if (kind === "package" && (!packagesAreKnown || isRelative)) return [];
  const suggests = text.includes("Did you mean");
  return [{ kind, name, instead: suggests ? (others.at(-1) ?? null) : null }];
}
