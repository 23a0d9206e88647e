// Problems as people read them: file:line:column, the line with a caret, and how to mend it.

import type { Problem } from "./problem.ts";

export function problemText(problem: Problem): string {
  const { file, line, column, width, message, fix, excerpt } = problem;
  const severity = problem.severity === "warning" ? "warning: " : "";
  const gutter = " ".repeat(String(line).length);
  // Tabs are kept, so that the caret stands where the reader's terminal puts the text.
  const indent = [...excerpt].slice(0, column - 1).map((c) => (c === "\t" ? c : " "));
  return [
    `${file}:${line}:${column}: ${severity}${message}`,
    ` ${line} | ${excerpt}`,
    ` ${gutter} | ${indent.join("")}${"^".repeat(width)}`,
    ` ${gutter} = ${fix}`,
    "",
  ].join("\n");
}

/** All problems, and a line that counts them. Empty where there are none. */
export function problemsText(problems: readonly Problem[]): string {
  if (problems.length === 0) return "";
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  const counts = [counted(errors, "error"), counted(warnings, "warning")].filter((c) => c !== "");
  return `${problems.map(problemText).join("\n")}\n${counts.join(" and ")} in ${problems[0]?.file ?? ""}\n`;
}

function counted(n: number, noun: string): string {
  return n === 0 ? "" : `${n} ${noun}${n === 1 ? "" : "s"}`;
}
