// No proxy at all: what the load generator and the upstream reach by themselves on core 1.
import type { Peer } from "../peer.ts";

export const direct: Peer = {
  name: "direct",
  what: "no proxy: the load generator calls the upstream",
  headers: () => ({}),
  missing: () => null,
  version: () => "",
  start: ({ upstream }) => Promise.resolve({ origin: upstream.origin, pid: null }),
};
