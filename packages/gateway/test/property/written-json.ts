// JSON texts as no serializer writes them: names that stand twice, escapes where none are needed, gaps, numbers too large
// to be exact, strings that run over every limit of the scan, and nesting as deep as bytes allow.

import fc from "fast-check";

/** One member after the other; a name may stand twice. */
export type Member = readonly [name: string, value: Written];
/** A text of JSON, and nothing else: what it means, JSON.parse says. */
export type Written = string;

/** Where a scan jumps instead of walking, and how far it walks after an escape. */
const LENGTHS: readonly number[] = [0, 1, 40, 47, 48, 49, 60, 200, 1_023, 1_024, 1_030, 2_060];

const ESCAPES: readonly string[] = ['\\"', "\\\\", "\\n", "\\/", "\\u0022", "\\u005c", "\\ud83d"];
const plain = fc.oneof(
  fc.constantFrom(...LENGTHS).map((length) => "x".repeat(length)),
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => JSON.stringify(text).slice(1, -1)),
  fc.constantFrom("é", "😀", "\u2028", "{", "}", "[", "]", ",", ":", " "),
);

/** The inside of a string: long runs without escapes, and escapes anywhere in between. */
const inside = fc
  .array(fc.oneof(plain, fc.constantFrom(...ESCAPES)), { maxLength: 6 })
  .map((parts) => parts.join(""));

export const writtenString: fc.Arbitrary<Written> = inside.map((text) => `"${text}"`);

const number = fc.oneof(
  fc.constantFrom("0", "-0", "1", "1e3", "1E+2", "-1.5e-7", "1e400", `1${"0".repeat(400)}`, "0.1"),
  fc.integer().map(String),
);
const leaf: fc.Arbitrary<Written> = fc.oneof(
  writtenString,
  number,
  fc.constantFrom("true", "false", "null"),
);
const gap = fc.constantFrom("", "", " ", "\n\t ", "\r\n");

const nested = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.tuple(gap, fc.array(tie("value"), { maxLength: 3 })).map(([g, all]) => arrayText(all, g)),
    fc
      .tuple(gap, fc.array(fc.tuple(inside, tie("value")), { maxLength: 3 }))
      .map(([g, all]) => `{${all.map(([n, v]) => `${g}"${n}"${g}:${g}${v}`).join(",")}${g}}`),
  ),
})).value;

/** Only brackets and names: nothing that recurses over values may be led down here. */
const deep = fc
  .tuple(fc.constantFrom(10, 300, 5_000), fc.constantFrom("[", '{"message":', '{"a":[{"response":'))
  .map(([depth, open]) => `${open.repeat(depth)}0${closing(open).repeat(depth)}`);

function closing(open: string): string {
  const pairs: Readonly<Record<string, string>> = { "[": "]", "{": "}" };
  return [...open]
    .reverse()
    .map((letter) => pairs[letter] ?? "")
    .join("");
}

export const writtenValue: fc.Arbitrary<Written> = fc.oneof(
  { weight: 12, arbitrary: nested },
  { weight: 1, arbitrary: deep },
);

function arrayText(values: readonly Written[], between = ""): Written {
  return `[${values.map((value) => between + value).join(",")}${between}]`;
}

/** An object of members in their order. */
export function objectText(members: readonly Member[], between = ""): Written {
  const inner = members.map(
    ([name, value]) => `${between}${nameText(name)}${between}:${between}${value}`,
  );
  return `{${inner.join(",")}${between}}`;
}

/** Some names are written with an escape for their first letter: they mean the same. */
function nameText(name: string): string {
  if (!name.startsWith("~")) return JSON.stringify(name);
  const code = name.charCodeAt(1).toString(16).padStart(4, "0");
  return `"\\u${code}${name.slice(2)}"`;
}

export function arrayOf(...values: readonly Written[]): Written {
  return arrayText(values);
}

/** Objects with these names, and now and then others. */
export function writtenObject(
  names: readonly string[],
  values: fc.Arbitrary<Written> = writtenValue,
): fc.Arbitrary<readonly Member[]> {
  const name = fc
    .tuple(fc.constantFrom(...names, "x"), fc.boolean())
    .map(([known, isEscaped]) => (isEscaped ? `~${known}` : known));
  return fc.array(fc.tuple(name, values), { maxLength: 7 });
}

export const between = gap;
