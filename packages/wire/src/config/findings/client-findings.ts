// What is well-formed and still wrong with the clients: models that are not there, keys that two of them share, and
// upstreams that would get no key at all.

import { entriesOf, keyAt, type Located, nodeAt } from "../document/located.ts";
import { error, type Finding, warning } from "../document/problem.ts";
import { quoted } from "../document/quantity.ts";
import { nearest } from "../document/spelling.ts";
import { readBaseUrl } from "../fields/base-url.ts";

export function clientFindings(root: Located): readonly Finding[] {
  const clients = entriesOf(nodeAt(root, ["clients"]));
  if (clients.length === 0) return [];
  const models = entriesOf(nodeAt(root, ["models"])).map(([name]) => name);
  return [
    ...clients.flatMap(([, client]) => modelFindings(client, models)),
    ...sharedKeys(clients),
    ...keylessUpstreams(root),
  ];
}

function modelFindings(client: Located, models: readonly string[]): readonly Finding[] {
  return (nodeAt(client, ["models"])?.items ?? []).flatMap(({ value, span }) => {
    if (typeof value !== "string" || value === "" || models.includes(value)) return [];
    const near = nearest(value, models);
    const fix = near === null ? `write one of: ${models.join(", ")}` : `did you mean ${near}?`;
    return [error(span, `${quoted(value)} is not among the models`, fix)];
  });
}

function sharedKeys(clients: readonly (readonly [string, Located])[]): readonly Finding[] {
  const owners = new Map<unknown, string>();
  return clients.flatMap(([name, client]) => {
    const node = nodeAt(client, ["key-hash"]);
    const hashes = node?.items ?? (node === null ? [] : [node]);
    return hashes.flatMap(({ value, span }) => {
      const owner = owners.get(value);
      owners.set(value, name);
      if (owner === undefined || typeof value !== "string") return [];
      return [
        error(
          span,
          owner === name ? "this key is written twice" : `${owner} has the same key`,
          "give every client a key of its own: slipway key new NAME",
        ),
      ];
    });
  });
}

/** A server of one's own may need no key; one behind TLS nearly always does. */
function keylessUpstreams(root: Located): readonly Finding[] {
  const versions = entriesOf(nodeAt(root, ["models"])).flatMap(([, model]) =>
    entriesOf(nodeAt(model, ["versions"])),
  );
  return versions
    .flatMap(([, version]) => nodeAt(version, ["upstreams"])?.items ?? [])
    .flatMap((upstream) => {
      const url = readBaseUrl(nodeAt(upstream, ["url"])?.value);
      const isSecure = url.ok && url.value.startsWith("https:");
      if (!isSecure || nodeAt(upstream, ["key"]) !== null) return [];
      return [
        warning(
          keyAt(upstream, ["url"]) ?? upstream.span,
          "this upstream has no key, and with clients declared it does not get theirs",
          `write key: \${UPSTREAM_KEY} if it wants one`,
        ),
      ];
    });
}
