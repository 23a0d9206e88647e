// The fast trip, mirrors and kept answers in whole gateways: real sockets, processes and files.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { type Route, SLOTS, type Version } from "@slipway/core";
import { keptFiles } from "../src/edge/answer-spool.ts";
import { askGateway } from "../src/edge/index.ts";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, type LiveGateway, liveGateway, until } from "./live-gateway.ts";
import { type ScriptedUpstream, scriptedUpstream } from "./scripted-upstream.ts";

async function upstreamFor(t: TestContext, says: string): Promise<ScriptedUpstream> {
  const upstream = await scriptedUpstream(says);
  t.after(upstream.close);
  return upstream;
}

function versionAt(id: string, { url }: ScriptedUpstream): Version {
  return versionOf(id, upstreamOf({ url, pool: id }));
}

async function liveFor(t: TestContext, route: Partial<Route>, workers = 1): Promise<LiveGateway> {
  const live = await liveGateway(tableOf(1, routeOf(route)), workers);
  t.after(live.close);
  await healthy(live.base);
  return live;
}

function ask(live: LiveGateway, user: string, fields: object = {}): Promise<Response> {
  return fetch(`${live.base}/v1/chat/completions`, {
    method: "POST",
    headers: { "x-user": user, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-5", messages: [], ...fields }),
  });
}

test("when one worker trips, the others of its gateway leave the candidate too", async (t) => {
  const [stable, candidate] = [await upstreamFor(t, "good"), await upstreamFor(t, "bad")];
  candidate.script = "500";
  const split = splitOf(SLOTS, versionAt("v2", candidate));
  const route = { stable: versionAt("v1", stable), split, trip: { enabled: true, failures: 6 } };
  const live = await liveFor(t, route, 2);
  const tripped = async (): Promise<readonly (readonly string[])[]> => {
    const answer = await askGateway(live.dataDir, { do: "status" });
    return answer.ok ? answer.workers.map((worker) => worker.tripped) : [];
  };
  for (let i = 0; (await tripped()).every((list) => list.length === 0); i++) {
    const answer = await ask(live, `user-${i}`);
    assert.equal(answer.status, 200);
    await answer.text();
  }
  await until(async () => (await tripped()).every((list) => list[0] === "r1"));
  const before = candidate.seen.length;
  for (let i = 0; i < 10; i++) await (await ask(live, `later-${i}`)).text();
  assert.equal(candidate.seen.length, before);
  await until(() => live.controller.frames.some((frame) => frame.tripped.length === 1));
  const metrics = await (await fetch(`${live.base}/metrics`)).text();
  assert.match(metrics, /slipway_trips_total\{model="gpt-5"\} 1/);
});

test("a mirrored request is answered by stable, and both answers are kept", async (t) => {
  const [stable, shadow] = [await upstreamFor(t, "old words"), await upstreamFor(t, "new words")];
  const mirror = {
    id: "mirror-1",
    to: versionAt("v2", shadow),
    share: 1,
    copies: 1,
    again: 0,
    inFlightMax: 4,
    perMinuteMax: null,
    keep: true,
  };
  const live = await liveFor(t, { stable: versionAt("v1", stable), mirror });
  for (const stream of [true, false]) {
    const answer = await ask(live, "ann", { stream });
    assert.equal(answer.headers.get("x-slipway-version"), "v1");
    assert.match(await answer.text(), /old/);
  }
  await until(() => shadow.seen.length === 2);
  const kept = async (): Promise<readonly string[]> => {
    const files = await keptFiles(live.dataDir);
    return files.flatMap(({ path }) => readFileSync(path, "utf8").trim().split("\n"));
  };
  await until(async () => (await kept()).length === 4);
  const records = (await kept()).map((line) => JSON.parse(line) as Record<string, string>);
  assert.deepEqual(records.map(({ arm, answer }) => `${arm} ${answer}`).sort(), [
    "shadow new words",
    "shadow newwords",
    "stable old words",
    "stable oldwords",
  ]);
  assert.equal(new Set(records.map(({ id }) => id)).size, 2);
  await until(() => {
    const rows = live.controller.frames.flatMap((frame) => frame.mirrored);
    const ok = (side: "shadow" | "primary"): number =>
      rows.reduce((sum, row) => sum + (row[side].outcomes.ok ?? 0), 0);
    return ok("shadow") === 2 && ok("primary") === 2;
  });
});

test("a shadow that hangs, dies or floods changes nothing for users", async (t) => {
  const [stable, shadow] = [await upstreamFor(t, "good"), await upstreamFor(t, "bad")];
  const mirror = {
    id: "mirror-1",
    to: versionAt("v2", shadow),
    share: 1,
    copies: 2,
    again: 0,
    inFlightMax: 8,
    perMinuteMax: null,
    keep: false,
  };
  const live = await liveFor(t, { stable: versionAt("v1", stable), mirror });
  for (const script of ["stall", "reset", "502-html", "truncated", "stall-after-first"] as const) {
    shadow.script = script;
    for (let i = 0; i < 5; i++) {
      const answer = await ask(live, "ann", { stream: i % 2 === 0 });
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /good/);
    }
  }
  await live.gateway.close();
  assert.equal(stable.seen.length, 25);
});
