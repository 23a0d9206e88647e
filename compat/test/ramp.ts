// A gateway with a rollout at 50% between two model servers, for the tests of one client.

import assert from "node:assert/strict";
import { SLOTS } from "@slipway/core";
import {
  routeOf,
  splitOf,
  tableOf,
  upstreamOf,
  versionOf,
} from "../../packages/gateway/test/fixtures.ts";
import {
  healthy,
  type LiveGateway,
  liveGateway,
  rowsOf,
  until,
} from "../../packages/gateway/test/live-gateway.ts";
import { type ModelServer, modelServer, type Seen } from "./model-server.ts";

/** So many that both versions get some of them: all on one side would be one chance in 30,000. */
const USERS = 16;

export type Ramp = {
  readonly live: LiveGateway;
  /** Base URL of the gateway, with `/v1`. */
  readonly url: string;
  readonly v1: ModelServer;
  readonly v2: ModelServer;
  /** All requests that reached either version. */
  readonly seen: () => readonly Seen[];
  readonly close: () => Promise<void>;
};

export async function startRamp(): Promise<Ramp> {
  const v1 = await modelServer("v1");
  const v2 = await modelServer("v2");
  const route = routeOf({
    stable: versionOf("v1", upstreamOf({ url: v1.url, model: "model-v1", pool: "a" })),
    split: splitOf(
      SLOTS / 2,
      versionOf("v2", upstreamOf({ url: v2.url, model: "model-v2", pool: "b" })),
    ),
  });
  const live = await liveGateway(tableOf(1, route));
  await healthy(live.base);
  return {
    live,
    url: `${live.base}/v1`,
    v1,
    v2,
    seen: () => [...v1.seen, ...v2.seen],
    close: async () => {
      await live.close();
      await Promise.all([v1.close(), v2.close()]);
    },
  };
}

/** Asks as many users; each must get `says` of one version, the same twice, and both versions must answer some. */
export async function bothAnswer(
  ask: (user: string) => Promise<string>,
  says = "says hi",
): Promise<void> {
  const texts = new Set<string>();
  for (let i = 0; i < USERS; i++) {
    const text = await ask(`user ${i}`);
    if (i < 4) assert.equal(await ask(`user ${i}`), text);
    texts.add(text);
  }
  assert.deepEqual([...texts].sort(), [`v1 ${says}`, `v2 ${says}`]);
}

/** Runs what a client aborts; its upstream must see that, and the evidence must say so, against nobody. */
export async function abortReaches(ramp: Ramp, run: () => Promise<unknown>): Promise<void> {
  const aborted = (): number => ramp.v1.aborted() + ramp.v2.aborted();
  const cancelled = (): number =>
    rowsOf(ramp.live.controller).reduce((sum, row) => sum + (row.outcomes.cancelled ?? 0), 0);
  const before = { aborted: aborted(), cancelled: cancelled() };
  await run();
  await until(() => aborted() > before.aborted);
  await until(() => cancelled() > before.cancelled);
}
