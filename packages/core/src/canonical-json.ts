// One text per value: JSON with sorted keys and no spaces, so that equal values have equal hashes.

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** Numbers that JSON cannot hold (NaN, infinities) become null, as in JSON.stringify. */
export function canonicalJson(value: Json): string {
  if (typeof value === "number") return Number.isFinite(value) ? `${value}` : "null";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return isArray(value) ? arrayText(value) : objectText(value);
}

function arrayText(values: readonly Json[]): string {
  if (values.every((value) => typeof value === "number")) return JSON.stringify(values);
  let text = "";
  for (const value of values)
    text += text === "" ? canonicalJson(value) : `,${canonicalJson(value)}`;
  return `[${text}]`;
}

function objectText(object: { readonly [key: string]: Json | undefined }): string {
  let text = "";
  for (const key of sortedKeys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    const field = `${isPlain(key) ? `"${key}"` : JSON.stringify(key)}:${canonicalJson(value)}`;
    text += text === "" ? field : `,${field}`;
  }
  return `{${text}}`;
}

/** Most objects were written in this order: to see that is much cheaper than to sort. */
function sortedKeys(object: { readonly [key: string]: Json | undefined }): readonly string[] {
  const keys = Object.keys(object);
  let before = "";
  for (const key of keys) {
    if (key < before) return keys.sort();
    before = key;
  }
  return keys;
}

const [SPACE, QUOTE, BACKSLASH, DELETE] = [0x20, 0x22, 0x5c, 0x7f];

/** Whether a key stands in quotes as it is. */
function isPlain(key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    if (code < SPACE || code >= DELETE || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
