// A YAML value that knows where it stands in its file, so that every problem can say line and column.

/** Offsets into the text: from `start` up to, not with, `end`. */
export type Span = { readonly start: number; readonly end: number };

export type Located = {
  readonly span: Span;
  /** The plain value, as validation sees it; undefined where YAML itself had none to give, and said so. */
  readonly value: unknown;
  /** Of a mapping: its keys in the order of the file. */
  readonly entries?: ReadonlyMap<string, { readonly key: Span; readonly node: Located }>;
  /** Of a list. */
  readonly items?: readonly Located[];
};

export type Path = readonly PropertyKey[];

/** The value at a path; null when the file has none there. */
export function nodeAt(root: Located, path: Path): Located | null {
  let node: Located | undefined = root;
  for (const step of path) {
    node = typeof step === "number" ? node?.items?.[step] : node?.entries?.get(String(step))?.node;
  }
  return node ?? null;
}

/** Where the key of the last step stands; null for a list item or where the file has no such key. */
export function keyAt(root: Located, path: Path): Span | null {
  const parent = nodeAt(root, path.slice(0, -1));
  return parent?.entries?.get(String(path.at(-1)))?.key ?? null;
}

/** The place nearest to a path that the file has: the key, or the value of a list item, or its parent's. */
export function nearestSpan(root: Located, path: Path): Span {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const span = keyAt(root, part) ?? nodeAt(root, part)?.span;
    if (span !== undefined) return span;
  }
  return { start: root.span.start, end: root.span.start };
}

/** Children of a mapping by key, in the order of the file; none for anything else. */
export function entriesOf(node: Located | null): readonly (readonly [string, Located])[] {
  return [...(node?.entries ?? [])].map(([key, entry]) => [key, entry.node] as const);
}
