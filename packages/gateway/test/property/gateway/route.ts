// The routes that a gateway follows on its stage: two versions with few slots, a mirror, and all that a table may change.

import { type Mirror, type Route, SLOTS, type Version } from "@slipway/core";
import { routeOf, splitOf, upstreamOf, versionOf } from "../../fixtures.ts";
import type { Table } from "./command.ts";

export const SLOTS_OF_EACH = 1;
export const DEADLINE_MS = 10_000;
export const FIRST_TABLE: Table = {
  split: "half",
  rollout: "r1",
  limited: false,
  replays: true,
  cuts: false,
  keeps: false,
  halved: false,
};

function upstreams(name: string, pool: string): Version {
  const of = (number: number) =>
    upstreamOf({
      id: `${name}-${number}`,
      url: `http://${name}-${number}.test/v1`,
      pool,
      inFlightMax: SLOTS_OF_EACH,
    });
  return versionOf(name, of(1), of(2));
}

const STABLE = upstreams("stable", "old");
const CANDIDATE = upstreams("candidate", "new");
const MIRROR: Mirror = {
  id: "mirror-1",
  to: upstreams("shadow", "third"),
  share: 1,
  copies: 1,
  again: 0,
  inFlightMax: 4,
  perMinuteMax: null,
  keep: false,
};

export function routeIn(table: Table, hasMirror: boolean): Route {
  const { cuts, halved, keeps, replays, rollout, split } = table;
  const some = (version: Version): Version =>
    halved ? { ...version, upstreams: version.upstreams.slice(1) } : version;
  const slots = { none: 0, half: SLOTS / 2, all: SLOTS, back: 0 }[split];
  return routeOf({
    stable: some(STABLE),
    split: split === "none" ? null : { ...splitOf(slots, some(CANDIDATE)), rolloutId: rollout },
    keys: { header: "x-user", apiKeyIsUser: false, withoutKey: "per-request" },
    replay: { enabled: replays, budget: 1 },
    trip: { enabled: true, failures: 6 },
    lease: { durationMs: 60_000, onLapse: keeps ? "keep" : "stable" },
    mirror: hasMirror ? MIRROR : null,
    deadlineMs: DEADLINE_MS,
    ...(cuts ? { onRollback: "cut" as const } : {}),
  });
}
