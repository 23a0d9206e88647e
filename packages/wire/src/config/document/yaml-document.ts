// The text of a slipway.yaml as located values, with what YAML itself has to say against it. Values are built
// here rather than by the yaml package: keys keep their spelling (a version 5.0 is no number), and every value
// keeps its place.

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  parseDocument,
  visit,
} from "yaml";
import type { Located, Span } from "./located.ts";
import { error, type Finding } from "./problem.ts";

/** Aliases make a small text large; no honest file comes near. */
const VALUES_MAX = 20_000;
const DEPTH_MAX = 30;

export type YamlDocument = {
  /** Null when the text is not YAML, or empty. */
  readonly root: Located | null;
  readonly findings: readonly Finding[];
};

export function yamlDocument(text: string): YamlDocument {
  const document = parseDocument(text, { prettyErrors: false });
  const findings = [...document.errors, ...document.warnings].map(({ code, message, pos }) =>
    syntaxFinding(code, message, spanOfError(code, pos, document, text), text),
  );
  if (document.errors.some(({ code }) => code !== "DUPLICATE_KEY")) {
    return { root: null, findings: onePerLine(findings, text) };
  }
  if (document.contents === null) {
    const start = { start: 0, end: 0 };
    return {
      root: null,
      findings: [error(start, "the file is empty", "run slipway init to write one to start from")],
    };
  }
  const builder = new Builder(document);
  const root = builder.located(document.contents, 0);
  return { root, findings: [...findings, ...builder.findings] };
}

/** One mistake makes the parser stumble several times; the first of a line is the one to mend. */
function onePerLine(findings: readonly Finding[], text: string): readonly Finding[] {
  const lines = new Set<number>();
  return findings.filter(({ span }) => {
    const line = text.slice(0, span.start).split("\n").length;
    return !lines.has(line) && lines.add(line);
  });
}

const SYNTAX: { readonly [code: string]: readonly [message: string, fix: string] } = {
  TAB_AS_INDENT: ["a tab is not allowed as indentation", "indent with spaces"],
  BAD_INDENT: [
    "the indentation fits nothing above",
    "line it up with its neighbours; keys of one mapping start in the same column",
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    "a second key on the same line",
    "put it on its own line, indented; or put text that holds a colon in quotes",
  ],
  MISSING_CHAR: ["a closing quote or bracket is missing", "close it"],
  MULTIPLE_DOCS: ["a second document in the same file", "keep one; remove the ---"],
  BAD_SCALAR_START: ["text cannot start with this character", "put it in quotes"],
  TAG_RESOLVE_FAILED: ["YAML tags mean nothing here", "remove it"],
};

function syntaxFinding(code: string, message: string, span: Span, text: string): Finding {
  if (code === "DUPLICATE_KEY") {
    const key = /^["']?([^"':\s]+)/.exec(text.slice(span.start))?.[1] ?? "";
    const whole = { start: span.start, end: span.start + Math.max(1, key.length) };
    return error(whole, `"${key}" is written twice`, "keep one of the two");
  }
  const [said, fix] = SYNTAX[code] ?? [
    `this is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
    "check the indentation, the colons and the quotes here and on the line above",
  ];
  return error(span, said, fix);
}

/** Where the reader's eye should go, which is not always where the parser gave up. */
function spanOfError(
  code: string,
  [start, end]: readonly [number, number],
  document: Document,
  text: string,
): Span {
  if (code === "BAD_INDENT") {
    const skipped = /^[ \n]*/.exec(text.slice(start))?.[0].length ?? 0;
    return { start: start + skipped, end: start + skipped + 1 };
  }
  if (code !== "MISSING_CHAR") return { start, end };
  let opened = start;
  visit(document, (_, node) => {
    const range = isScalar(node) || isCollection(node) ? node.range : null;
    const quotedOrFlow = range != null && /["'[{]/.test(text.charAt(range[0]));
    if (range != null && quotedOrFlow && range[0] < start && range[1] >= start) opened = range[0];
  });
  return { start: opened, end: opened + 1 };
}

class Builder {
  readonly findings: Finding[] = [];
  #values = 0;
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  located(node: ParsedNode | null, depth: number, fallback: Span = { start: 0, end: 0 }): Located {
    const span = node === null ? fallback : spanOf(node);
    if (++this.#values > VALUES_MAX || depth > DEPTH_MAX) {
      this.findings.push(
        error(
          span,
          "nested too deep or too large",
          "write it without aliases that repeat themselves",
        ),
      );
      return { span, value: undefined };
    }
    if (isAlias(node)) return this.#resolved(node, span, depth);
    if (isMap<ParsedNode, ParsedNode | null>(node)) return this.#mapping(node.items, span, depth);
    if (isSeq<ParsedNode>(node)) {
      const items = node.items.map((item) => this.located(item, depth + 1, span));
      return { span, items, value: items.map(({ value }) => value) };
    }
    return { span, value: isScalar(node) ? node.value : null };
  }

  #resolved(
    node: Parameters<typeof isAlias>[0] & { source?: string },
    span: Span,
    depth: number,
  ): Located {
    const target = isAlias(node) ? node.resolve(this.#document) : undefined;
    if (target === undefined) {
      this.findings.push(
        error(
          span,
          `no anchor &${node.source ?? ""} stands before this`,
          "write the anchor above its first use",
        ),
      );
      return { span, value: undefined };
    }
    return this.located(target as ParsedNode, depth + 1, span);
  }

  #mapping(
    items: readonly { key: ParsedNode; value: ParsedNode | null }[],
    span: Span,
    depth: number,
  ): Located {
    const own = new Map<string, { key: Span; node: Located }>();
    const merged: Located[] = [];
    for (const { key, value } of items) {
      const keySpan = spanOf(key);
      const node = this.located(value, depth + 1, keySpan);
      const name = nameOf(key);
      if (name === "<<") merged.push(...(node.items ?? [node]));
      else if (name !== null) own.set(name, { key: keySpan, node });
      else this.findings.push(error(keySpan, "a key must be text", "write a plain name"));
    }
    // What is written here wins over what is merged in; of what is merged, the first.
    const entries = new Map(own);
    for (const source of merged) {
      for (const [name, entry] of source.entries ?? []) {
        if (!entries.has(name)) entries.set(name, entry);
      }
    }
    const value = Object.fromEntries([...entries].map(([name, { node }]) => [name, node.value]));
    return { span, entries, value };
  }
}

function spanOf(node: ParsedNode): Span {
  return { start: node.range[0], end: node.range[1] };
}

function nameOf(key: ParsedNode): string | null {
  if (!isScalar(key)) return null;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}
