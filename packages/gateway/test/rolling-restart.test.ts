// Workers that are replaced while clients hammer the port: nobody is refused, cut off, or left without an answer.

import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askGateway } from "../src/edge/index.ts";
import { routeOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, liveGateway, until } from "./live-gateway.ts";
import { scriptedUpstream } from "./scripted-upstream.ts";

const CLIENTS = 6;
const GRACE_MS = 150;
const BODY = JSON.stringify({ model: "gpt-5", messages: [], stream: true });

type Heard = { readonly outcomes: Map<string, number>; count: number };

/** One request; the status and how its stream ended, or the code of the error. */
function asked(port: number, agent: Agent | false): Promise<string> {
  return new Promise((resolve) => {
    const options = {
      port,
      host: "127.0.0.1",
      path: "/v1/chat/completions",
      method: "POST",
      agent,
    };
    const sent = request(options, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += String(chunk);
      });
      response.on("error", (error) => resolve(`cut: ${error.message}`));
      response.on("end", () => {
        const isWhole = text.endsWith("data: [DONE]\n\n");
        resolve(`${response.statusCode} ${isWhole ? "whole" : "broken"}`);
      });
    });
    sent.on("error", (error: Error & { readonly code?: string }) =>
      resolve(error.code ?? error.message),
    );
    sent.end(BODY);
  });
}

async function hammer(
  port: number,
  agent: Agent | false,
  heard: Heard,
  go: () => boolean,
): Promise<void> {
  while (go()) {
    const outcome = await asked(port, agent);
    heard.outcomes.set(outcome, (heard.outcomes.get(outcome) ?? 0) + 1);
    heard.count++;
  }
}

test("two rolling restarts under new and kept connections refuse nothing and break nothing", async () => {
  const upstream = await scriptedUpstream("one two three");
  const stable = versionOf("v1", upstreamOf({ url: upstream.url }));
  const live = await liveGateway(tableOf(1, routeOf({ stable })), 2, {
    dataLimits: { idleGraceMs: 1_000 },
  });
  await healthy(live.base);
  const { port } = live.gateway;
  const before = await askGateway(live.dataDir, { do: "status" });
  const heard: Heard = { outcomes: new Map(), count: 0 };
  let isOn = true;
  const agents = Array.from(
    { length: CLIENTS },
    () => new Agent({ keepAlive: true, maxSockets: 1 }),
  );
  const hammering = [...agents, ...agents.map(() => false as const)].map((agent) =>
    hammer(port, agent, heard, () => isOn),
  );
  await until(() => heard.count > 50);
  for (let i = 0; i < 2; i++) {
    const during = heard.count;
    const answer = await askGateway(live.dataDir, { do: "restart" });
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.deepEqual(
      answer.workers.map(({ member }) => member.worker),
      [1, 2],
    );
    assert.ok(heard.count > during);
  }
  const from = heard.count;
  await until(() => heard.count > from + 50);
  isOn = false;
  await Promise.all(hammering);
  assert.deepEqual([...heard.outcomes.keys()], ["200 whole"], JSON.stringify([...heard.outcomes]));
  const after = await askGateway(live.dataDir, { do: "status" });
  assert.ok(before.ok && after.ok);
  const old = new Set(before.workers.map(({ member }) => member.incarnation));
  assert.ok(
    after.workers.every(({ member, leaseMs }) => !old.has(member.incarnation) && leaseMs > 0),
  );
  for (const agent of agents) agent.destroy();
  await live.close();
  await upstream.close();
});

test("a request that came while the worker was busy is not taken for none as idle connections are closed", async () => {
  const upstream = await scriptedUpstream("one");
  const stable = versionOf("v1", upstreamOf({ url: upstream.url }));
  const live = await liveGateway(tableOf(1, routeOf({ stable })), 1, {
    dataLimits: { idleGraceMs: GRACE_MS },
  });
  await healthy(live.base);
  const client = connect(live.gateway.port, "127.0.0.1");
  let heard = "";
  client.on("data", (chunk) => {
    heard += String(chunk);
  });
  client.on("error", (error) => {
    heard += error.message;
  });
  const ended = new Promise((resolve) => client.on("close", resolve));
  const head = "GET /v1/models HTTP/1.1\r\nhost: gateway\r\n\r\n";
  client.write(head);
  await until(() => heard !== "");
  heard = "";
  const closing = live.gateway.close();
  await sleep(GRACE_MS / 3);
  // The gateway is of this process: it can read nothing before its grace is over.
  client.write(head);
  const endMs = performance.now() + 2 * GRACE_MS;
  while (performance.now() < endMs);
  await ended;
  assert.match(heard, /^HTTP\/1.1 200 .*connection: close/is);
  await closing;
  await live.close();
  await upstream.close();
});

test("a gateway of one process says that it cannot be replaced bit by bit", async () => {
  const live = await liveGateway(tableOf(1, routeOf()));
  const answer = await askGateway(live.dataDir, { do: "restart" });
  assert.ok(!answer.ok);
  assert.equal(answer.error.code, "one_process");
  await live.close();
});
