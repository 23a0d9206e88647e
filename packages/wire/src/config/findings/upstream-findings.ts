// What is well-formed and still wrong with the upstreams of one version.

import { type Located, nodeAt } from "../document/located.ts";
import { error, type Finding, warning } from "../document/problem.ts";
import { hasPath, readBaseUrl } from "../fields/base-url.ts";

export function upstreamFindings(version: Located, isSet: IsSet): readonly Finding[] {
  const upstreams = nodeAt(version, ["upstreams"])?.items ?? [];
  return [
    ...duplicates(upstreams),
    ...upstreams.flatMap((upstream) => [
      ...pathFindings(upstream),
      ...keyFindings(upstream, isSet),
    ]),
  ];
}

function duplicates(upstreams: readonly Located[]): readonly Finding[] {
  const seen = new Set<string>();
  return upstreams.flatMap((upstream) => {
    const node = nodeAt(upstream, ["url"]);
    const url = readBaseUrl(node?.value);
    if (node === null || !url.ok) return [];
    const model = nodeAt(upstream, ["model"])?.value;
    const same = JSON.stringify([url.value.toLowerCase(), model ?? null]);
    if (!seen.has(same)) {
      seen.add(same);
      return [];
    }
    return [
      error(
        node.span,
        "the same upstream is written twice",
        "keep one; raise in-flight-max for more of it",
      ),
    ];
  });
}

function pathFindings(upstream: Located): readonly Finding[] {
  const node = nodeAt(upstream, ["url"]);
  const url = readBaseUrl(node?.value);
  if (node === null || !url.ok || hasPath(url.value)) return [];
  return [
    warning(
      node.span,
      "this URL has no path; OpenAI's API lies under /v1",
      `did you mean ${url.value}/v1?`,
    ),
  ];
}

function keyFindings(upstream: Located, isSet: IsSet): readonly Finding[] {
  const node = nodeAt(upstream, ["key"]);
  const name = /^\$\{(\w+)\}$/.exec(String(node?.value))?.[1];
  if (node === null || name === undefined || isSet === null || isSet(name)) return [];
  return [
    warning(
      node.span,
      `${name} is not set here`,
      "fine if every gateway has it: they read it, this command does not",
    ),
  ];
}

/** Whether an environment variable is set; null where nobody can tell. */
export type IsSet = ((name: string) => boolean) | null;
