// Keys of upstreams on a real gateway: a table names them, and where they go; the gateway was started with leave for some.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Grant } from "@slipway/core";
import { routeOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, liveGateway, until } from "./live-gateway.ts";
import { scriptedUpstream } from "./scripted-upstream.ts";

const NAME = "SLIPWAY_TEST_UPSTREAM_KEY";

for (const workers of [1, 2]) {
  test(`a table cannot have a key sent where ${workers} of ${workers} workers were given no leave to`, async (t) => {
    process.env[NAME] = "sk-own";
    const upstream = await scriptedUpstream("stable");
    let grants: readonly Grant[] = [
      { secret: { kind: "env", name: NAME }, to: "https://api.example.com" },
    ];
    const keyed = versionOf("v1", upstreamOf({ url: upstream.url, keyEnv: NAME }));
    const live = await liveGateway(tableOf(1, routeOf({ stable: keyed })), workers, {
      grants: () => grants,
    });
    t.after(async () => {
      await live.close();
      await upstream.close();
      delete process.env[NAME];
    });
    const keySent = async (): Promise<string | undefined> => {
      const answer = await fetch(`${live.base}/v1/chat/completions`, {
        method: "POST",
        body: JSON.stringify({ model: "gpt-5", messages: [] }),
      });
      await answer.text();
      return upstream.seen.at(-1)?.headers.authorization;
    };
    await healthy(live.base);
    assert.equal(await keySent(), undefined);
    grants = [{ secret: { kind: "env", name: NAME }, to: new URL(upstream.url).origin }];
    await until(async () => (await keySent()) === "Bearer sk-own");
  });
}
