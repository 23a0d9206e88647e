// What the JSON Schema says about a place in the file: the names, titles and descriptions that messages quote.

import type { JsonSchema } from "../schema.ts";
import type { Located, Path } from "./located.ts";
import { nodeAt } from "./located.ts";

type Properties = { readonly [name: string]: JsonSchema };

/** A mapping as messages speak of it. */
export type Shape = {
  /** "a stage", "policy". */
  readonly title: string;
  /** Names of its keys; empty where any name will do. */
  readonly keys: readonly string[];
};

function propertiesOf(schema: JsonSchema): Properties {
  return (schema["properties"] ?? {}) as Properties;
}

/** The schema of the value at a path, choosing among alternatives by what the file says. */
export function schemaAt(schema: JsonSchema, root: Located, path: Path): JsonSchema | null {
  let at: JsonSchema | null = schema;
  for (const [index, step] of path.entries()) {
    at = at === null ? null : child(chosen(at, root, path.slice(0, index)), step);
  }
  return at === null ? null : chosen(at, root, path);
}

function child(schema: JsonSchema, step: PropertyKey): JsonSchema | null {
  const next =
    typeof step === "number"
      ? schema["items"]
      : (propertiesOf(schema)[String(step)] ?? schema["additionalProperties"]);
  return typeof next === "object" && next !== null ? (next as JsonSchema) : null;
}

/** Of several alternatives, the one whose metric the file names; the first where it names none. */
function chosen(schema: JsonSchema, root: Located, path: Path): JsonSchema {
  const alternatives = schema["oneOf"];
  if (!Array.isArray(alternatives)) return schema;
  const metric = nodeAt(root, [...path, "metric"])?.value;
  const fits = (alternative: JsonSchema): boolean => {
    const said = propertiesOf(alternative)["metric"];
    const words = said?.["enum"] ?? [said?.["const"]];
    return Array.isArray(words) && words.includes(metric);
  };
  return alternatives.find(fits) ?? alternatives[0];
}

export function shapeOf(schema: JsonSchema | null): Shape {
  const title = schema?.["title"];
  return {
    title: typeof title === "string" ? title : "this mapping",
    keys: Object.keys(propertiesOf(schema ?? {})),
  };
}

export function descriptionOf(schema: JsonSchema | null): string | null {
  const description = schema?.["description"];
  return typeof description === "string" ? description : null;
}

/** Titles of all mappings that have a key of this exact name. */
export function homesOf(schema: JsonSchema, key: string): readonly string[] {
  const homes = key in propertiesOf(schema) ? [shapeOf(schema).title] : [];
  const children = [
    ...Object.values(propertiesOf(schema)),
    schema["items"],
    schema["additionalProperties"],
    ...(Array.isArray(schema["oneOf"]) ? schema["oneOf"] : []),
  ];
  for (const next of children) {
    if (typeof next === "object" && next !== null) homes.push(...homesOf(next as JsonSchema, key));
  }
  return [...new Set(homes)];
}
