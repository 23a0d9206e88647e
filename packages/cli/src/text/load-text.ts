// What limits the requests of a gateway, over all its workers, as text: upstreams, queues and pools.

import { durationText } from "@slipway/core";
import type { GatewaySnapshot, PoolState, UpstreamState, VersionState } from "@slipway/gateway";
import { textColumns } from "./text-columns.ts";

/** Empty for a gateway without a table. */
export function loadText(workers: readonly GatewaySnapshot[]): string {
  const versions = workers.flatMap((worker) => worker.versions);
  const pools = workers.flatMap((worker) => worker.pools);
  if (versions.length === 0) return "";
  return `\n${upstreamsText(versions)}\n${poolsText(pools)}`;
}

function upstreamsText(versions: readonly VersionState[]): string {
  const head = ["MODEL", "VERSION", "UPSTREAM", "IN FLIGHT", "LIMIT", "QUEUED", "REFUSED"];
  const rows = [
    ...Map.groupBy(versions, ({ model, version }) => `${model}\n${version}`).values(),
  ].flatMap((same) => {
    const { model = "", version = "" } = same[0] ?? {};
    const upstreams = same.flatMap((state) => state.upstreams);
    return [...Map.groupBy(upstreams, ({ upstream }) => upstream)].map(([upstream, of], index) => [
      ...[model, version, upstream, sum(of, "inFlight"), sum(of, "limit")],
      // A queue is a version's, not an upstream's.
      ...(index === 0 ? [queuedText(same), refusedText(same)] : []),
    ]);
  });
  return textColumns([head, ...rows]);
}

function sum(states: readonly UpstreamState[], field: "inFlight" | "limit"): string {
  return String(states.reduce((total, state) => total + state[field], 0));
}

function queuedText(versions: readonly VersionState[]): string {
  const background = versions.reduce((total, { queuedBackground }) => total + queuedBackground, 0);
  const all = versions.reduce((total, { queued }) => total + queued, 0);
  return background === 0 ? String(all) : `${all} (${background} background)`;
}

function refusedText(versions: readonly VersionState[]): string {
  const reasons = ["queue-full", "wait", "quota"] as const;
  const counts = reasons.map((reason) => ({
    reason,
    count: versions.reduce((total, { refused }) => total + refused[reason], 0),
  }));
  const some = counts.filter(({ count }) => count > 0);
  return some.length === 0 ? "0" : some.map(({ reason, count }) => `${count} ${reason}`).join(", ");
}

function poolsText(pools: readonly PoolState[]): string {
  const rows = [...Map.groupBy(pools, ({ pool }) => pool)].map(([pool, of]) => {
    const blockedMs = Math.max(...of.map((state) => state.blockedMs));
    return [
      ...[pool, least(of, "requestsLeft"), least(of, "tokensLeft")],
      blockedMs === 0 ? "no" : `for ${durationText(Math.ceil(blockedMs / 1_000) * 1_000)}`,
    ];
  });
  return textColumns([["POOL", "REQUESTS LEFT", "TOKENS LEFT", "BLOCKED"], ...rows]);
}

/** Of the worker that has the least. */
function least(pools: readonly PoolState[], field: "requestsLeft" | "tokensLeft"): string {
  const known = pools.map((pool) => pool[field]).filter((amount) => amount !== null);
  return known.length === 0 ? "-" : String(Math.min(...known));
}
