// The scorer of code by its unit tests, which run where the code can harm nobody. A program that ends before its tests
// have all run has not passed them, however it ends.

import type { RightAnswer } from "@slipway/core";
import { spliced } from "./code-block.ts";
import type { Score, ScoredAnswer } from "./score.ts";
import { shown } from "./text.ts";

/** How one isolated program ended. */
export type SandboxEnd =
  | {
      readonly kind: "ended";
      readonly exitCode: number | null;
      readonly endedBy: "itself" | "timeout" | "output-limit" | "signal";
      readonly stdout: string;
      /** The end of what it said. */
      readonly stderr: string;
      readonly durationMs: number;
    }
  /** It could not be started in isolation; nothing ran. */
  | { readonly kind: "not-isolated"; readonly because: string };

export type Sandbox = {
  /** How it isolates, in a word. */
  readonly name: string;
  readonly run: (program: string) => Promise<SandboxEnd>;
};

/** Whether this machine can isolate programs. */
export type Isolation =
  | { readonly kind: "found"; readonly sandbox: Sandbox; readonly release: () => void }
  /** Why each way fails here. */
  | { readonly kind: "none"; readonly because: string };

export type TestsExpectation = NonNullable<RightAnswer["tests"]>;

/** `marker`: hard to guess, and printed once all tests have run. */
export async function scoreTests(
  answer: ScoredAnswer,
  expected: TestsExpectation,
  sandbox: Sandbox,
  marker: string,
): Promise<Score> {
  const code = spliced(answer.text, expected, expected.entryPoint);
  const program = `${code}\n;\n${expected.code}\n;globalThis.console.log(${JSON.stringify(marker)});\n`;
  const end = await sandbox.run(program);
  if (end.kind === "not-isolated") {
    return { kind: "unscored", cause: "scorer-failed", because: `not isolated: ${end.because}` };
  }
  const passed = end.endedBy === "itself" && end.exitCode === 0 && end.stdout.includes(marker);
  return {
    kind: "scored",
    passed,
    because: passed ? "passes its tests" : endText(end),
    measured: { testsMs: end.durationMs },
  };
}

/** What a program says of itself as it ends, and what that shows. The first that is found counts. */
const SIGNS: readonly (readonly [sign: string, says: string])[] = [
  ["ERR_ASSERTION", "a test failed"],
  ["ERR_MODULE_NOT_FOUND", "imports a package that is not there"],
  ["ENETUNREACH", "reached for the network, and there is none"],
  ["EADDRNOTAVAIL", "reached for the network, and there is none"],
  ["EAI_AGAIN", "reached for the network, and there is none"],
  ["EAGAIN", "was refused another process"],
  ["EMFILE", "was refused another open file"],
  ["EROFS", "was refused a file outside its folder"],
  ["EACCES", "was refused a file"],
  ["EFBIG", "was refused a file of that size"],
  ["ENOSPC", "was refused more space for files"],
  ["ENOENT", "looked for a file that is not there"],
  ["heap out of memory", "was refused more memory"],
  ["ERR_MEMORY_ALLOCATION_FAILED", "was refused more memory"],
  ["Array buffer allocation failed", "was refused more memory"],
  ["SyntaxError", "is no program: SyntaxError"],
  ["ReferenceError", "threw a ReferenceError"],
  ["TypeError", "threw a TypeError"],
  ["RangeError", "threw a RangeError"],
];

/** A shell's word for a program that was ended by SIGKILL. */
const KILLED = 137;

function endText(end: Extract<SandboxEnd, { kind: "ended" }>): string {
  if (end.endedBy === "timeout")
    return "had not ended in time, and was ended with all that it started";
  if (end.endedBy === "output-limit") return "wrote more than is read, and was ended";
  const sign = SIGNS.find(([words]) => end.stderr.includes(words));
  if (sign !== undefined) return sign[1];
  if (end.endedBy === "signal" || end.exitCode === KILLED) {
    return "was killed: it took more time of the processor, or more memory, than it may";
  }
  return end.exitCode === 0
    ? "ended before its tests had run"
    : `ended with exit code ${end.exitCode}${errorLine(end.stderr)}`;
}

function errorLine(stderr: string): string {
  const line = stderr.split("\n").find((text) => /error|uncaught/i.test(text));
  return line === undefined ? "" : `: ${shown(line.trim())}`;
}
