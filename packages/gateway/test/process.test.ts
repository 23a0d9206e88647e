// A gateway as a process: its workers, its files, its sockets, and what it survives.

import assert from "node:assert/strict";
import cluster from "node:cluster";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { SLOTS, type Table } from "@slipway/core";
import { AggregatorRegistry } from "prom-client";
import { adminSocketPath } from "../src/edge/admin-socket.ts";
import { askGateway, type RunningGateway, runGateway } from "../src/edge/index.ts";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, type LiveGateway, liveGateway, rowsOf, until } from "./live-gateway.ts";
import { deadPort, type ScriptedUpstream, scriptedUpstream } from "./scripted-upstream.ts";

let stable: ScriptedUpstream;
let candidate: ScriptedUpstream;

before(async () => {
  stable = await scriptedUpstream("stable");
  candidate = await scriptedUpstream("candidate");
});
after(() => Promise.all([stable.close(), candidate.close()]));

function tableWith(number: number, candidateSlots: number): Table {
  return tableOf(
    number,
    routeOf({
      stable: versionOf("v1", upstreamOf({ url: stable.url, pool: "a" })),
      split: splitOf(
        candidateSlots,
        versionOf("v2", upstreamOf({ url: candidate.url, pool: "b" })),
      ),
    }),
  );
}

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function liveFor(t: TestContext, table: Table, workers = 1): Promise<LiveGateway> {
  const live = await liveGateway(table, workers);
  t.after(live.close);
  return live;
}

async function armOf(base: string): Promise<string | null> {
  const answer = await fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "gpt-5", messages: [] }),
  });
  await answer.text();
  return answer.headers.get("x-slipway-arm");
}

async function withoutController(t: TestContext, dataDir: string): Promise<RunningGateway> {
  const gateway = await runGateway({
    listen: { host: "127.0.0.1", port: 0 },
    controllerUrl: `http://127.0.0.1:${await deadPort()}`,
    dataDir,
    name: "alone",
    workers: 1,
    logLevel: "silent",
  });
  t.after(gateway.close);
  return gateway;
}

test("a gateway listens before it has any table, and says that it is not ready", async (t) => {
  const dataDir = folderFor(t);
  const gateway = await withoutController(t, dataDir);
  const health = await fetch(`http://127.0.0.1:${gateway.port}/healthz`);
  assert.equal(health.status, 503);
  assert.equal(((await health.json()) as { status: string }).status, "no table yet");
  assert.equal(await armOf(`http://127.0.0.1:${gateway.port}`), null);
});

test("a gateway restarted without a controller serves stable only, from its last table", async (t) => {
  const live = await liveFor(t, tableWith(7, SLOTS));
  await healthy(live.base);
  assert.equal(await armOf(live.base), "candidate");
  await live.gateway.close();
  writeFileSync(join(live.dataDir, "table-9.json"), "not a table");
  const alone = await withoutController(t, live.dataDir);
  const base = `http://127.0.0.1:${alone.port}`;
  assert.equal(await armOf(base), "stable");
  const health = (await (await fetch(`${base}/healthz`)).json()) as Record<string, unknown>;
  assert.deepEqual(health, {
    status: "ok",
    table: { storeId: "store-1", number: 7 },
    leaseMs: 0,
    diverted: [],
  });
});

test("a diverted model stays on stable over a restart, until the divert is ended", async (t) => {
  const live = await liveFor(t, tableWith(1, SLOTS));
  await healthy(live.base);
  const unknown = await askGateway(live.dataDir, { do: "divert", model: "gpt-9" });
  assert.equal(unknown.ok, false);
  const answer = await askGateway(live.dataDir, { do: "divert", model: "gpt-5" });
  assert.deepEqual(answer.ok && answer.diverted, ["gpt-5"]);
  assert.equal(await armOf(live.base), "stable");
  await live.gateway.close();
  await withoutController(t, live.dataDir);
  const status = await askGateway(live.dataDir, { do: "status" });
  assert.deepEqual(status.ok && status.workers[0]?.diverted, ["gpt-5"]);
  await askGateway(live.dataDir, { do: "undivert", model: "gpt-5" });
  const ended = await askGateway(live.dataDir, { do: "status" });
  assert.deepEqual(ended.ok && ended.diverted, []);
});

test("nobody answers where no gateway runs, and the error says so", async (t) => {
  const dataDir = folderFor(t);
  await assert.rejects(askGateway(dataDir, { do: "status" }), { code: "gateway_unreachable" });
});

test("a gateway whose frames a controller would refuse for its name does not start", async (t) => {
  const options = {
    listen: { host: "127.0.0.1", port: 0 },
    controllerUrl: `http://127.0.0.1:${await deadPort()}`,
    dataDir: folderFor(t),
    workers: 1,
    logLevel: "silent",
  };
  for (const name of ["", "n".repeat(201)]) {
    await assert.rejects(runGateway({ ...options, name }), { code: "bad_name" });
  }
});

test("a client of the admin socket that says nothing does not hold up the end", async (t) => {
  const dataDir = folderFor(t);
  const gateway = await withoutController(t, dataDir);
  const silent = connect(adminSocketPath(dataDir));
  await once(silent, "connect");
  const gone = once(silent, "close");
  await gateway.close();
  await gone;
});

test("a port in use is said to be in use", async (t) => {
  const live = await liveFor(t, tableWith(1, 0));
  const listen = { host: "127.0.0.1", port: live.gateway.port };
  const dataDir = folderFor(t);
  const options = {
    listen,
    controllerUrl: live.controller.url,
    dataDir,
    name: "b",
    logLevel: "silent",
  };
  await assert.rejects(runGateway({ ...options, workers: 1 }), { code: "cannot_listen" });
  await assert.rejects(runGateway({ ...options, workers: 2 }), { code: "cannot_listen" });
});

test("a lost table stream is taken up again, and a table is followed within it", async (t) => {
  const live = await liveFor(t, tableWith(1, 0));
  await healthy(live.base);
  live.controller.dropStreams();
  live.controller.publish(tableWith(2, SLOTS));
  await until(async () => (await armOf(live.base)) === "candidate");
  await until(() => live.controller.frames.at(-1)?.confirmedTable === 2);
});

test("a shutdown ends kept connections with their answers, and says goodbye", async (t) => {
  const live = await liveFor(t, tableWith(1, SLOTS));
  await healthy(live.base);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const ask = request(`${live.base}/v1/models`, { agent }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      });
      ask.on("error", reject);
      ask.end();
    });
  assert.equal(await get(), 200);
  const seen = candidate.seen.length;
  candidate.script = "slow";
  const open = armOf(live.base);
  await until(() => candidate.seen.length > seen);
  const closing = live.gateway.close();
  assert.equal(await open, "candidate", "what is open is served");
  await closing;
  candidate.script = "ok";
  agent.destroy();
  assert.equal(live.controller.frames.at(-1)?.goodbye, true);
});

test("several workers share a port, answer as one, and are replaced when they die", async (t) => {
  const live = await liveFor(t, tableWith(1, SLOTS), 2);
  await healthy(live.base);
  const members = (): Set<string> =>
    new Set(live.controller.frames.map((frame) => frame.member.incarnation));
  await until(() => members().size === 2);

  const arms = await Promise.all(Array.from({ length: 20 }, () => armOf(live.base)));
  assert.ok(arms.every((arm) => arm === "candidate"));
  const metrics = await (await fetch(`${live.base}/metrics`)).text();
  assert.match(metrics, /slipway_requests_total\{[^}]*outcome="ok"\} 20/);
  assert.match(metrics, /slipway_lease_valid 1/);
  for (const worker of [1, 2]) {
    const resident = `slipway_worker_memory_bytes{worker="${worker}",kind="resident"} `;
    assert.ok(Number(metrics.split(resident)[1]?.split("\n")[0]) > 2 ** 20);
  }

  const diverted = await askGateway(live.dataDir, { do: "divert", model: "gpt-5" });
  assert.equal(diverted.ok && diverted.workers.length, 2);
  const after = await Promise.all(Array.from({ length: 20 }, () => armOf(live.base)));
  assert.ok(after.every((arm) => arm === "stable"));

  const [worker] = Object.values(cluster.workers ?? {});
  worker?.process.kill("SIGKILL");
  await until(() => members().size === 3);
  const status = await askGateway(live.dataDir, { do: "status" });
  assert.ok(status.ok && status.workers.every((worker) => worker.diverted.includes("gpt-5")));
  await live.gateway.close();
  const goodbyes = live.controller.frames.filter((frame) => frame.goodbye);
  assert.equal(goodbyes.length, 2);
});

test("a worker that cannot be started, or cannot be told anything, is replaced all the same", async (t) => {
  const live = await liveFor(t, tableWith(1, 0), 2);
  const members = (): Set<string> =>
    new Set(live.controller.frames.map((frame) => frame.member.incarnation));
  await until(() => members().size === 2);
  const cwd = process.cwd();
  cluster.setupPrimary({ cwd: join(live.dataDir, "missing") });
  let unstarted = 0;
  cluster.once("fork", (worker) => {
    unstarted += worker.process.pid === undefined ? 1 : 0;
    cluster.setupPrimary({ cwd });
    // The one after it loses its channel before it hears what it is to do.
    cluster.once("message", (next) => next.process.disconnect());
  });
  const [worker] = Object.values(cluster.workers ?? {});
  worker?.process.kill("SIGKILL");
  await until(() => members().size === 3);
  assert.equal(unstarted, 1);
});

test("metrics that cannot be gathered are an error, and end no process", async (t) => {
  const live = await liveFor(t, tableWith(1, 0), 2);
  const aggregate = t.mock.method(AggregatorRegistry, "aggregate", () => {
    throw new Error("planted");
  });
  const failed = await fetch(`${live.base}/metrics`);
  assert.equal(failed.status, 500);
  assert.match(await failed.text(), /planted/);
  aggregate.mock.restore();
  assert.equal((await fetch(`${live.base}/metrics`)).status, 200);
});

/** It answers the first request of each connection, and cuts the second after `workMs`. Returns its base URL. */
async function cutsSecond(t: TestContext, workMs: number): Promise<string> {
  const sockets = new Set<object>();
  const server = createServer((asked, answer) => {
    asked.resume();
    asked.on("end", () => {
      if (sockets.has(asked.socket)) {
        setTimeout(() => asked.socket.destroy(), workMs);
        return;
      }
      sockets.add(asked.socket);
      answer.end('{"choices":[]}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

test("a connection that breaks under a request that was worked on is the upstream's failure", async (t) => {
  const ill = versionOf("v2", upstreamOf({ url: await cutsSecond(t, 400), pool: "b" }));
  const table = tableWith(1, SLOTS);
  const [route] = table.routes;
  const live = await liveFor(t, {
    ...table,
    routes: [{ ...routeOf(route), split: splitOf(SLOTS, ill) }],
  });
  await healthy(live.base);
  assert.equal(await armOf(live.base), "candidate");
  assert.equal(await armOf(live.base), "stable", "it was replayed, not sent there once more");
  await until(() => rowsOf(live.controller).some((row) => row.outcomes.connect === 1));
});

test("a kept connection that the upstream has closed is replaced without the user noticing", async (t) => {
  const url = await cutsSecond(t, 0);
  const live = await liveFor(
    t,
    tableOf(1, routeOf({ stable: versionOf("v1", upstreamOf({ url })) })),
  );
  await healthy(live.base);
  for (let i = 0; i < 5; i++) assert.equal(await armOf(live.base), "stable");
  const metrics = await (await fetch(`${live.base}/metrics`)).text();
  assert.match(metrics, /slipway_requests_total\{[^}]*outcome="ok"\} 5/);
});
