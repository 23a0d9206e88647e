// zod's issues as findings: where in the file, in the reader's words, with the nearest right spelling.

import type { z } from "zod";
import type { JsonSchema } from "../schema.ts";
import { keyAt, type Located, nearestSpan, nodeAt, type Path } from "./located.ts";
import { error, type Finding } from "./problem.ts";
import { kindOf, quoted } from "./quantity.ts";
import { descriptionOf, homesOf, schemaAt, shapeOf } from "./schema-lookup.ts";
import { nearest } from "./spelling.ts";

type Issue = z.core.$ZodIssue;

export function shapeFindings(
  issues: readonly Issue[],
  root: Located,
  schema: JsonSchema,
): readonly Finding[] {
  return issues.flatMap((issue): readonly Finding[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey(key, issue.path, root, schema));
    }
    const node = nodeAt(root, issue.path);
    if (node === null) return missingKey(issue.path, root, schema);
    if (node.value === undefined) return [];
    return [wrongValue(issue, root, schema)];
  });
}

function unknownKey(key: string, path: Path, root: Located, schema: JsonSchema): Finding {
  const shape = shapeOf(schemaAt(schema, root, path));
  const near = nearest(key, shape.keys);
  const homes = near === null ? homesOf(schema, key) : [];
  const fix =
    near !== null
      ? `did you mean ${near}?`
      : homes.length > 0
        ? `${key} belongs in ${homes.join(" or ")}`
        : `it has: ${shape.keys.join(", ")}`;
  const message = `${shape.title} has no key "${key}"`;
  return error(nearestSpan(root, [...path, key]), message, fix);
}

/** Nothing where a misspelt key of the same mapping says what was meant. */
function missingKey(path: Path, root: Located, schema: JsonSchema): readonly Finding[] {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const shape = shapeOf(schemaAt(schema, root, parent));
  const written = [...(nodeAt(root, parent)?.entries?.keys() ?? [])];
  const misspelt = written.some((k) => !shape.keys.includes(k) && nearest(k, shape.keys) === key);
  if (misspelt) return [];
  const description = descriptionOf(schemaAt(schema, root, path));
  return [
    error(
      nearestSpan(root, parent),
      `${shape.title} needs the key "${key}"`,
      description === null ? `write ${key}:` : `write ${key}: ${lowerFirst(description)}`,
    ),
  ];
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}

function wrongValue(issue: Issue, root: Located, schema: JsonSchema): Finding {
  const node = nodeAt(root, issue.path);
  const span = node?.span ?? nearestSpan(root, issue.path);
  switch (issue.code) {
    case "invalid_type":
      return wrongKind(issue.expected, node, issue.path, root, schema);
    case "invalid_value":
    case "invalid_union":
      return wrongWord(wordsOf(issue), node, issue.path, root);
    case "invalid_key":
      return error(
        keyAt(root, issue.path) ?? span,
        `${quoted(issue.path.at(-1))} is not a name`,
        "use letters, digits and . _ - only, starting with a letter or a digit",
      );
    case "too_small":
      return error(span, `${String(issue.path.at(-1))} is empty`, "write at least one");
    case "too_big":
      return error(span, `more than ${issue.maximum} ${String(issue.path.at(-1))}`, "write fewer");
    default:
      return custom(issue, node, span, root);
  }
}

function custom(issue: Issue, node: Located | null, span: Finding["span"], root: Located): Finding {
  const fix = issue.code === "custom" ? issue.params?.["fix"] : undefined;
  const name = String(issue.path.at(-1));
  if (node?.entries?.size === 0) {
    return error(keyAt(root, issue.path) ?? span, `${name} is empty`, "write at least one");
  }
  if (node?.value === null) {
    return error(
      keyAt(root, issue.path) ?? span,
      `${name} has no value`,
      String(fix ?? "write one"),
    );
  }
  return error(span, issue.message, String(fix ?? "see the documentation of the configuration"));
}

function wordsOf(issue: Issue): readonly string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code !== "invalid_union" || !("options" in issue)) return [];
  return Array.isArray(issue.options) ? issue.options.map(String) : [];
}

function wrongWord(
  words: readonly string[],
  node: Located | null,
  path: Path,
  root: Located,
): Finding {
  const last = path.at(-1);
  const name = typeof last === "number" ? `an entry of ${String(path.at(-2))}` : String(last);
  const near = typeof node?.value === "string" ? nearest(node.value, words) : null;
  const fix = near === null ? `write one of: ${words.join(", ")}` : `did you mean ${near}?`;
  if (node?.value === null) {
    return error(nearestSpan(root, path), `${name} has no value`, fix);
  }
  const is = typeof node?.value === "object" ? kindOf(node.value) : quoted(node?.value);
  return error(node?.span ?? nearestSpan(root, path), `${name} cannot be ${is}`, fix);
}

const KINDS: { readonly [expected: string]: string } = {
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  boolean: "true or false",
  string: "text",
};

function wrongKind(
  expected: string,
  node: Located | null,
  path: Path,
  root: Located,
  schema: JsonSchema,
): Finding {
  const wanted = KINDS[expected] ?? expected;
  const at = schemaAt(schema, root, path);
  const last = path.at(-1);
  const name = typeof last === "string" ? last : shapeOf(at).title;
  const keys = shapeOf(at).keys;
  if (node?.value === null || node === null) {
    const fix =
      keys.length > 0
        ? `indent its keys below it: ${keys.join(", ")}`
        : "write its entries below it, indented";
    return error(nearestSpan(root, path), `${name} is empty`, fix);
  }
  const fix =
    wanted === "a list"
      ? "start each entry on its own line with a dash"
      : keys.length > 0
        ? `write its keys: ${keys.join(", ")}`
        : wanted === "a mapping"
          ? "write each entry as name: value, without a dash"
          : `write ${wanted}`;
  return error(node.span, `${name} must be ${wanted}, not ${kindOf(node.value)}`, fix);
}
