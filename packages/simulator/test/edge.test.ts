// The fleet and the load on real sockets: what virtual time cannot show, and nothing else.
import assert from "node:assert/strict";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createRandom } from "@slipway/core";
import {
  type Arrivals,
  type Fault,
  presets,
  type SimulatedVersion,
  synthetic,
  Users,
  usersDefault,
} from "@slipway/simulator";
import {
  type Fleet,
  type FleetOptions,
  realClock,
  startFleet,
  startLoad,
} from "@slipway/simulator/edge";

const fast = presets["gpt-5.0"];

async function fleetOf(context: TestContext, options: Partial<FleetOptions> = {}): Promise<Fleet> {
  const fleet = await startFleet({ versions: { "v-1": fast }, seed: 1, ...options });
  context.after(fleet.close);
  return fleet;
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: "POST", body: JSON.stringify(body) });
}

const chat = { model: "gpt-5.0", messages: [{ role: "user", content: "hello" }] };

test("each version has a port of its own", async (context) => {
  const fleet = await fleetOf(context, {
    versions: { old: fast, new: { ...fast, model: "gpt-5.3" } },
  });
  const models = await Promise.all(
    Object.values(fleet.urls).map(async (url) => {
      const list = (await (await fetch(`${url}/models`)).json()) as { data: { id: string }[] };
      return list.data[0]?.id;
    }),
  );
  assert.deepEqual(models, ["gpt-5.0", "gpt-5.3"]);
  const answer = await post(`${fleet.urls["old"]}/chat/completions`, chat);
  const json = (await answer.json()) as { usage: { completion_tokens: number } };
  assert.equal(json.usage.completion_tokens, 16);
});

test("or all versions share a port, under their names", async (context) => {
  const fleet = await fleetOf(context, { port: 0, versions: { a: fast, b: fast } });
  const url = fleet.urls["b"] ?? "";
  assert.match(url, /\/b\/v1$/);
  assert.equal((await post(`${url}/chat/completions`, chat)).status, 200);
  const unknown = await fetch(url.replace("/b/", "/c/"));
  assert.equal(unknown.status, 404);
  assert.match(await unknown.text(), /\/a\/v1, \/b\/v1/);
});

test("a stream comes in pieces and ends with its marker", async (context) => {
  const fleet = await fleetOf(context);
  const body = { ...chat, stream: true, metadata: { sim_output_tokens: "20" } };
  const answer = await post(`${fleet.urls["v-1"]}/chat/completions`, body);
  assert.ok(answer.body);
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  for await (const piece of answer.body) pieces.push(decoder.decode(piece as Uint8Array));
  assert.ok(pieces.length > 3, `${pieces.length} pieces`);
  assert.match(pieces.join(""), /data: \[DONE\]\n\n$/);
});

test("a body of ten megabytes is read and refused for its length", async (context) => {
  const fleet = await fleetOf(context);
  const body = { ...chat, messages: [{ role: "user", content: "x".repeat(10_000_000) }] };
  const answer = await post(`${fleet.urls["v-1"]}/chat/completions`, body);
  assert.equal(answer.status, 400);
  const { error } = (await answer.json()) as { error: { code: string } };
  assert.equal(error.code, "context_length_exceeded");
});

test("a client that leaves frees the engine", async (context) => {
  const fleet = await fleetOf(context);
  const server = fleet.servers["v-1"];
  assert.ok(server);
  const body = { ...chat, stream: true, metadata: { sim_output_tokens: "10000" } };
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest(`${fleet.urls["v-1"]}/chat/completions`, { method: "POST" });
    request.on("error", reject);
    request.on("response", (incoming) => {
      incoming.on("error", () => {});
      incoming.once("data", () => {
        assert.equal(server.load, 1);
        request.destroy();
        resolve();
      });
    });
    request.end(JSON.stringify(body));
  });
  await until(() => server.load === 0);
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = realClock.mono() + 2000;
  while (!holds()) {
    assert.ok(realClock.mono() < deadline, "it did not come to hold within 2 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function users(): Users {
  return new Users(usersDefault, createRandom(2));
}

/** The first `count` arrivals of an even stream. */
function even(count: number, everyMs: number): Arrivals {
  let sent = 0;
  const next = () =>
    sent < count ? { atMs: sent++ * everyMs, promptTokens: 100, outputTokens: 8 } : undefined;
  return { next };
}

test("a load reports what was due, sent and answered, with latencies from when it was due", async (context) => {
  const fleet = await fleetOf(context);
  const load = startLoad({
    urls: [fleet.urls["v-1"] ?? ""],
    model: "gpt-5.0",
    arrivals: synthetic({ ratePerSecond: 200, burstiness: 0.2 }, createRandom(1)),
    users: users(),
  });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.ok(load.report().sent > 50);
  const report = await load.stop();
  assert.equal(report.errors, 0);
  assert.equal(report.inFlight, 0);
  assert.equal(report.ok, report.due);
  const arm = report.arms["none"];
  assert.ok(arm?.p50Ms && arm.p99Ms && arm.p50Ms > 5 && arm.p99Ms > arm.p50Ms);
  assert.ok(arm.ttftP50Ms && arm.ttftP50Ms <= arm.p50Ms);
});

test("requests beyond the limit are shed and counted", async (context) => {
  const version: SimulatedVersion = {
    ...fast,
    faults: [{ kind: "slow-tail", rate: 1, extraMs: 300 }],
  };
  const fleet = await fleetOf(context, { versions: { "v-1": version } });
  const load = startLoad({
    urls: [fleet.urls["v-1"] ?? ""],
    model: "gpt-5.0",
    arrivals: even(30, 1),
    users: users(),
    inFlightMax: 10,
  });
  await until(() => load.report().due === 30);
  const { due, sent, shed, ok } = await load.stop();
  assert.deepEqual({ due, sent, shed, ok }, { due: 30, sent: 10, shed: 20, ok: 10 });
});

const seen: readonly (readonly [string, Fault, string])[] = [
  ["an error status", { kind: "errors", rate: 1, status: 503 }, "status"],
  ["a connection cut before the head", { kind: "cut", rate: 1, afterTokens: 0 }, "transport"],
  ["a connection cut in a stream", { kind: "cut", rate: 1, afterTokens: 4 }, "truncated"],
  ["an error event", { kind: "error-event", rate: 1, afterTokens: 4 }, "error-event"],
  ["an empty stream", { kind: "garbage", rate: 1 }, "truncated"],
  ["silence", { kind: "hang", rate: 1, afterTokens: 4 }, "timeout"],
];
for (const [name, fault, kind] of seen) {
  test(`a user sees an error in ${name}`, async (context) => {
    const fleet = await fleetOf(context, { versions: { "v-1": { ...fast, faults: [fault] } } });
    const surfaces = usersDefault.surfaces.map((surface) => ({ ...surface, streamShare: 1 }));
    const load = startLoad({
      urls: [fleet.urls["v-1"] ?? ""],
      model: "gpt-5.0",
      arrivals: even(3, 1),
      users: new Users({ ...usersDefault, surfaces }, createRandom(2)),
      timeoutMs: 400,
    });
    await until(() => load.report().due === 3);
    const report = await load.stop();
    assert.deepEqual(report.arms["none"]?.errors, { [kind]: 3 });
  });
}

test("answers go to the arm, version and request id that the answer's headers name", async (context) => {
  const server = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, {
      "content-type": "application/json",
      "x-slipway-arm": "candidate",
      "x-slipway-version": "v-2",
      "x-slipway-request-id": "r-1",
    });
    outgoing.end('{"choices":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ids: (string | null)[] = [];
  const load = startLoad({
    urls: [`http://127.0.0.1:${port}/v1`],
    model: "m",
    arrivals: even(2, 1),
    users: users(),
    onAnswer: (seen) => ids.push(seen.requestId),
  });
  await until(() => load.report().requests === 2);
  const report = await load.stop();
  assert.deepEqual(report.arms["candidate"]?.versions, { "v-2": 2 });
  assert.deepEqual(ids, ["r-1", "r-1"]);
});
