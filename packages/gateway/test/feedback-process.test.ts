// Feedback on real sockets: any worker takes it, over either transport, and so does the gateway after a restart.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SLOTS } from "@slipway/core";
import { runGateway } from "../src/edge/index.ts";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, liveGateway, rowsOf, until } from "./live-gateway.ts";
import { type ScriptedUpstream, scriptedUpstream } from "./scripted-upstream.ts";

let upstream: ScriptedUpstream;

before(async () => {
  upstream = await scriptedUpstream("candidate");
});
after(() => upstream.close());

function post(url: string, body: object): Promise<Response> {
  // A connection of its own, so that any worker may get it.
  const headers = { connection: "close", "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function answeredId(base: string): Promise<string> {
  const body = { model: "gpt-5", messages: [], user: "ann" };
  const answer = await post(`${base}/v1/chat/completions`, body);
  await answer.text();
  return answer.headers.get("x-slipway-request-id") ?? "";
}

for (const transport of ["node", "llhttp"] as const) {
  test(`${transport}: feedback is taken by any worker, counted for its arm, and taken after a restart`, async (t) => {
    const version = versionOf("v2", upstreamOf({ url: upstream.url, pool: "b" }));
    const table = tableOf(1, routeOf({ split: splitOf(SLOTS, version) }));
    const live = await liveGateway(table, 2, { transport });
    t.after(live.close);
    await healthy(live.base);
    const ids: string[] = [];
    await until(async () => {
      const id = await answeredId(live.base);
      if (id.includes("~r1~")) ids.push(id);
      return ids.length === 6;
    });
    for (const request_id of ids) {
      const told = await post(`${live.base}/v1/feedback`, { request_id, accepted: true });
      assert.deepEqual(await told.json(), { object: "feedback", request_id, counted: true });
    }
    const accepted = (): number =>
      rowsOf(live.controller)
        .filter(({ arm }) => arm === "candidate")
        .reduce((sum, { feedback }) => sum + (feedback?.accepted ?? 0), 0);
    await until(() => accepted() === ids.length);
    const metrics = await (await fetch(`${live.base}/metrics`)).text();
    assert.match(
      metrics,
      /slipway_feedback_total\{[^}]*arm="candidate"[^}]*verdict="accepted"[^}]*\} 6/,
    );

    await live.gateway.close();
    const again = await runGateway({
      listen: { host: "127.0.0.1", port: 0 },
      controllerUrl: live.controller.url,
      dataDir: live.dataDir,
      name: "again",
      workers: 1,
      logLevel: "silent",
      transport,
    });
    t.after(again.close);
    const url = `http://127.0.0.1:${again.port}/v1/feedback`;
    const told = await post(url, { request_id: ids[0], rating: "down" });
    assert.equal(told.status, 200, await told.text());
  });
}
