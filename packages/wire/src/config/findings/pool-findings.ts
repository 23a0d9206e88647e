// What is well-formed and still wrong with the pools: a quota of what no upstream names, and so of nothing.

import { entriesOf, keyAt, type Located, nodeAt } from "../document/located.ts";
import { type Finding, warning } from "../document/problem.ts";
import { quoted } from "../document/quantity.ts";
import { nearest } from "../document/spelling.ts";
import { hostOf, readBaseUrl } from "../fields/base-url.ts";

export function poolFindings(root: Located): readonly Finding[] {
  const named = new Set(upstreamsOf(root).map(poolOf));
  return entriesOf(nodeAt(root, ["pools"])).flatMap(([name, pool]) => {
    if (named.has(name)) return [];
    const known = [...named].filter((one) => one !== null);
    const near = nearest(name, known);
    const fix = near === null ? `upstreams name: ${known.join(", ")}` : `did you mean ${near}?`;
    const place = keyAt(root, ["pools", name]) ?? pool.span;
    return [warning(place, `no upstream has ${quoted(name)} as its pool`, fix)];
  });
}

function upstreamsOf(root: Located): readonly Located[] {
  return entriesOf(nodeAt(root, ["models"])).flatMap(([, model]) =>
    entriesOf(nodeAt(model, ["versions"])).flatMap(
      ([, version]) => nodeAt(version, ["upstreams"])?.items ?? [],
    ),
  );
}

function poolOf(upstream: Located): string | null {
  const name = nodeAt(upstream, ["pool"])?.value;
  if (typeof name === "string") return name;
  const url = readBaseUrl(nodeAt(upstream, ["url"])?.value);
  return url.ok ? hostOf(url.value) : null;
}
