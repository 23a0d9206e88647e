// Checks the names of Python on its syntax tree: a name that is bound nowhere in the file and is no builtin does not
// exist, and neither does a module that nobody has. Where in the file it is bound is not looked at, so that what is called
// unknown is unknown; what a type has as its members is not known here.

import type { Node } from "web-tree-sitter";
import type { CheckedNames, CheckNames, NameProblem } from "../names.ts";
import { PYTHON_BUILTINS, PYTHON_MODULES } from "./python-library.ts";
import { parserOf } from "./tree-sitter.ts";

/** Null where the code is too long, or the parser gave up. */
export async function pythonNames(): Promise<CheckNames> {
  const parser = await parserOf("python");
  return (code, packages): CheckedNames => {
    const tree = parser?.parse(code) ?? null;
    if (tree === null) return { kind: "no-program" };
    try {
      const { rootNode } = tree;
      if (rootNode.hasError) return { kind: "no-program" };
      const file = new Names();
      file.walk(rootNode, false);
      return { kind: "checked", problems: file.problems(packages) };
    } finally {
      tree.delete();
    }
  };
}

type Walk = (names: Names, node: Node) => void;

class Names {
  readonly #bound = new Set<string>();
  readonly #used = new Set<string>();
  readonly #modules = new Set<string>();
  /** `from x import *`: whatever is not known may come from there. */
  bindsAnything = false;

  /** `binds`: whether the names of this node are given a value, where they are not looked up for it. */
  walk(node: Node | null, binds: boolean): void {
    if (node === null) return;
    const own = WALKS[node.type];
    if (node.type === "identifier") (binds ? this.#bound : this.#used).add(node.text);
    else if (own !== undefined) own(this, node);
    else this.walkAll(node, binds);
  }

  walkAll(node: Node, binds: boolean): void {
    for (const child of node.namedChildren) this.walk(child, binds);
  }

  /** Of the children, those of these fields are bound. */
  walkBinding(node: Node, ...fields: readonly string[]): void {
    const bound = new Set(fields.flatMap((field) => node.childForFieldName(field)?.id ?? []));
    for (const child of node.namedChildren) {
      if (child !== null) this.walk(child, bound.has(child.id));
    }
  }

  import(module: Node | null, alias: string | null): void {
    if (module === null) return;
    const [root = module.text] = module.text.split(".");
    this.#modules.add(root);
    this.#bound.add(alias ?? root);
  }

  bind(name: string): void {
    this.#bound.add(name);
  }

  module(name: string): void {
    this.#modules.add(name.split(".")[0] ?? name);
  }

  problems(packages: readonly string[] | null): readonly NameProblem[] {
    const isKnown = (name: string): boolean => this.#bound.has(name) || PYTHON_BUILTINS.has(name);
    const names = this.bindsAnything ? [] : [...this.#used].filter((name) => !isKnown(name));
    const modules =
      packages === null
        ? []
        : [...this.#modules].filter(
            (name) => !(PYTHON_MODULES.has(name) || packages.includes(name)),
          );
    return [
      ...names.map((name) => ({ kind: "name" as const, name, instead: null })),
      ...modules.map((name) => ({ kind: "package" as const, name, instead: null })),
    ];
  }
}

const first = (node: Node): Node | null => node.namedChildren[0] ?? null;
const rest = (node: Node): readonly (Node | null)[] => node.namedChildren.slice(1);

const looksUpObject: Walk = (names, node) => names.walk(node.childForFieldName("object"), false);
const looksUpAll: Walk = (names, node) => names.walkAll(node, false);
const bindsAll: Walk = (names, node) => names.walkAll(node, true);

/** Kinds of nodes whose names are not all of one kind. */
const WALKS: { readonly [type: string]: Walk } = {
  comment: () => {},
  // What is assigned to a member or a place of something binds no name.
  attribute: looksUpObject,
  subscript: looksUpAll,
  type: looksUpAll,
  call: looksUpAll,
  keyword_argument: (names, node) => names.walk(node.childForFieldName("value"), false),
  assignment: (names, node) => names.walkBinding(node, "left"),
  named_expression: (names, node) => names.walkBinding(node, "name"),
  for_statement: (names, node) => names.walkBinding(node, "left"),
  for_in_clause: (names, node) => names.walkBinding(node, "left"),
  function_definition: (names, node) => {
    const parameters = node.childForFieldName("type_parameters");
    names.walkBinding(node, "name");
    if (parameters !== null) bindTypes(names, parameters);
  },
  class_definition: (names, node) => {
    const parameters = node.childForFieldName("type_parameters");
    names.walkBinding(node, "name");
    if (parameters !== null) bindTypes(names, parameters);
  },
  type_alias_statement: (names, node) => {
    const left = node.childForFieldName("left");
    if (left !== null) bindTypes(names, left);
    names.walk(node.childForFieldName("right"), false);
  },
  parameters: bindsAll,
  lambda_parameters: bindsAll,
  default_parameter: (names, node) => names.walkBinding(node, "name"),
  typed_default_parameter: (names, node) => names.walkBinding(node, "name"),
  typed_parameter: (names, node) => {
    names.walk(first(node), true);
    names.walk(node.childForFieldName("type"), false);
  },
  import_statement: (names, node) => {
    for (const child of node.namedChildren) {
      if (child?.type === "aliased_import") {
        names.import(
          child.childForFieldName("name"),
          child.childForFieldName("alias")?.text ?? null,
        );
      } else {
        names.import(child, null);
      }
    }
  },
  import_from_statement: (names, node) => {
    const module = node.childForFieldName("module_name");
    if (module?.type === "dotted_name") names.module(module.text);
    for (const child of node.namedChildren) {
      if (child === null || child.id === module?.id) continue;
      if (child.type === "wildcard_import") names.bindsAnything = true;
      names.bind((child.childForFieldName("alias") ?? child).text);
    }
  },
  future_import_statement: () => {},
  global_statement: bindsAll,
  nonlocal_statement: bindsAll,
  as_pattern: (names, node) => {
    names.walk(first(node), false);
    for (const child of rest(node)) names.walk(child, true);
  },
  as_pattern_target: bindsAll,
  case_pattern: (names, node) => {
    const own = first(node);
    // A name by itself is bound; one with dots is compared with.
    if (own?.type === "dotted_name" && !own.text.includes(".")) names.bind(own.text);
    else names.walk(own, false);
  },
  splat_pattern: bindsAll,
  keyword_pattern: (names, node) => {
    for (const child of rest(node)) {
      if (child?.type === "dotted_name" && !child.text.includes(".")) names.bind(child.text);
      else names.walk(child, false);
    }
  },
  dotted_name: (names, node) => names.walk(first(node), false),
};

function bindTypes(names: Names, node: Node): void {
  for (const own of node.descendantsOfType("identifier")) {
    if (own !== null) names.bind(own.text);
  }
}
