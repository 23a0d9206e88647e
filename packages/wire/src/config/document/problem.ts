// What is wrong with a slipway.yaml, where, and how to mend it.

import type { Span } from "./located.ts";

/** An error refuses the file; a warning lets it pass. */
export type Severity = "error" | "warning";

/** A problem as the checks find it. */
export type Finding = {
  readonly severity: Severity;
  readonly span: Span;
  readonly message: string;
  /** How to mend it. */
  readonly fix: string;
};

/** A problem with its place in the file. */
export type Problem = {
  readonly severity: Severity;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** Characters that the problem covers on its line; at least 1. */
  readonly width: number;
  readonly message: string;
  readonly fix: string;
  /** The line as it stands in the file, without what looks like a secret. */
  readonly excerpt: string;
};

export function error(span: Span, message: string, fix: string): Finding {
  return { severity: "error", span, message, fix };
}

export function warning(span: Span, message: string, fix: string): Finding {
  return { severity: "warning", span, message, fix };
}

/** Sorted by place, each said once. */
export function problemsOf(
  file: string,
  text: string,
  findings: readonly Finding[],
): readonly Problem[] {
  const seen = new Set<string>();
  return [...findings]
    .sort((a, b) => a.span.start - b.span.start)
    .map((finding) => placed(file, text, finding))
    .filter(({ line, column, message }) => {
      const said = `${line}:${column}:${message}`;
      return !seen.has(said) && seen.add(said);
    });
}

function placed(file: string, text: string, finding: Finding): Problem {
  const start = Math.min(finding.span.start, text.length);
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const newline = text.indexOf("\n", start);
  const lineEnd = newline < 0 ? text.length : newline;
  const excerpt = text.slice(lineStart, lineEnd).replace(/\r$/, "");
  const covered = text.slice(start, Math.min(finding.span.end, lineEnd)).trimEnd();
  return {
    severity: finding.severity,
    file,
    line: text.slice(0, lineStart).split("\n").length,
    column: characters(text.slice(lineStart, start)) + 1,
    width: Math.max(1, characters(covered)),
    message: finding.message,
    fix: finding.fix,
    excerpt: withoutSecrets(excerpt),
  };
}

function characters(text: string): number {
  return [...text].length;
}

const SECRETS: readonly RegExp[] = [
  // key: value, but for without-key, for ${NAME} and for file:PATH
  /(?<=(?<![\w-])(?!without-key)[\w-]*?(?:key|key-hash|token|secret|password|slack|pagerduty)["']?\s*:\s*["']?)(?!["'\s]|\$\{|file:)[^\s,}"']+/gi,
  // user:password@ in a URL
  /(?<=:\/\/)[^/?#@\s]+(?=@)/g,
  // what providers' keys look like, wherever they stand
  /\b(?:sk-|slipway_|whsec_)[\w-]{8,}/g,
];

/** Output ends up in logs: what looks like a secret is shown as stars of the same length. */
function withoutSecrets(line: string): string {
  return SECRETS.reduce(
    (masked, secret) => masked.replace(secret, (s) => "*".repeat(s.length)),
    line,
  );
}
