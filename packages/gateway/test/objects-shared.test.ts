// What one worker of a gateway learns about objects, all of them know: on real processes and sockets.

import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { SLOTS } from "@slipway/core";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, liveGateway, until } from "./live-gateway.ts";
import { scriptedUpstream } from "./scripted-upstream.ts";

/** On a connection of its own, so that any worker may get it. */
function ask(method: string, url: string, body = ""): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.headers["x-slipway-version"] as string | undefined));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("an object made through one worker is found through every other", async (t) => {
  const stable = await scriptedUpstream("stable");
  const candidate = await scriptedUpstream("candidate");
  const v1 = versionOf("v1", upstreamOf({ url: stable.url, model: "m1", pool: "a" }));
  const v2 = versionOf("v2", upstreamOf({ url: candidate.url, model: "m2", pool: "b" }));
  const route = routeOf({ stable: v1, split: splitOf(SLOTS, v2) });
  const live = await liveGateway(tableOf(1, route), 2);
  t.after(async () => {
    await live.close();
    await Promise.all([stable.close(), candidate.close()]);
  });
  const metric = async (name: string): Promise<string | null> => {
    const text = await (await fetch(`${live.base}/metrics`)).text();
    return text.split("\n").find((line) => line.startsWith(name)) ?? null;
  };
  await healthy(live.base);
  await until(async () => (await metric("slipway_lease_valid")) === "slipway_lease_valid 1");
  const body = JSON.stringify({ model: "gpt-5", input: "hi" });
  assert.equal(await ask("POST", `${live.base}/v1/responses`, body), "v2");
  await until(async () => (await metric("slipway_objects_known")) === "slipway_objects_known 1");
  for (let i = 0; i < 8; i++) {
    assert.equal(await ask("GET", `${live.base}/v1/responses/1`), "v2");
  }
  assert.equal(
    await metric("slipway_object_calls_total"),
    'slipway_object_calls_total{model="gpt-5",placed="known"} 8',
  );
});
