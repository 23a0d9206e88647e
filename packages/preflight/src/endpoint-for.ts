// Which server of a version is asked next: all of them get their turn.

import type { Endpoint } from "./endpoint.ts";

export function endpointFor(
  endpoints: readonly [Endpoint, ...Endpoint[]],
  index: number,
): Endpoint {
  return endpoints[index % endpoints.length] ?? endpoints[0];
}
