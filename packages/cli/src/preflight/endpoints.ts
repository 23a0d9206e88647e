// The servers of a version as gates and watches ask them: with their keys, as whoever asks has them.

import type { Version } from "@slipway/core";
import type { Endpoint } from "@slipway/preflight";
import { usageError } from "../output.ts";

/** Throws where a key is not set. */
export function endpointsOf(
  { id, upstreams }: Pick<Version, "id" | "upstreams">,
  keyOf: (name: string, url: string) => string | null,
): readonly [Endpoint, ...Endpoint[]] {
  const [first, ...others] = upstreams.map((upstream): Endpoint => {
    const key = upstream.keyEnv === null ? null : (keyOf(upstream.keyEnv, upstream.url) ?? "");
    if (key === "") {
      throw usageError(
        `${upstream.keyEnv}, the key of ${id} at ${upstream.url}, is not set`,
        "the servers themselves are asked: set it where this runs",
      );
    }
    return {
      id: upstream.id,
      baseUrl: upstream.url,
      model: upstream.model,
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
      caFile: upstream.caFile ?? null,
    };
  });
  if (first === undefined)
    throw usageError(`${id} has no upstreams`, "name one under its upstreams");
  return [first, ...others];
}
