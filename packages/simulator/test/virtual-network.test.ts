// Users, a gateway and servers in virtual time, over the gateway's own ports; the gateway here is the simplest
// that could be: it passes everything on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "@slipway/core";
import type { Exchange, Upstream } from "@slipway/gateway";
import {
  type ExchangeHandler,
  gatewaySend,
  Load,
  ModelServer,
  presets,
  type SeenAnswer,
  type SimulatedVersion,
  synthetic,
  Users,
  usersDefault,
  VirtualClock,
  virtualUpstream,
} from "@slipway/simulator";

const BASE = "http://model.internal/v1";
const body = (more: object = {}) =>
  new TextEncoder().encode(
    JSON.stringify({
      model: "gpt-5.0",
      messages: [{ role: "user", content: "hello" }],
      metadata: { sim_output_tokens: "8" },
      ...more,
    }),
  );

function network(overrides: Partial<SimulatedVersion> = {}, isReachable?: () => boolean) {
  const clock = new VirtualClock();
  const version = { ...presets["gpt-5.0"], ...overrides };
  const server = new ModelServer({ version, clock, random: createRandom(1) });
  const upstream = virtualUpstream({
    clock,
    servers: { [BASE]: server },
    latencyMs: 2,
    ...(isReachable === undefined ? {} : { isReachable }),
  });
  return { clock, server, upstream };
}

function call(upstream: Upstream, clock: VirtualClock, bytes: Uint8Array, pauseAfter?: number) {
  const log: string[] = [];
  const times: number[] = [];
  let chunks = 0;
  const note = (what: string): void => {
    log.push(what);
    times.push(clock.mono());
  };
  const sent = upstream.send(
    { method: "POST", baseUrl: BASE, path: "/chat/completions", headers: [], body: bytes },
    {
      onHead: (status) => note(`head ${status}`),
      onData: () => {
        note("data");
        return ++chunks !== pauseAfter;
      },
      onEnd: () => note("end"),
      onError: (failure) => note(`error ${failure.kind} ${failure.unsent === true}`),
    },
  );
  return { log, times, sent };
}

test("an answer arrives in order, a network's delay after it was given", () => {
  const { clock, upstream } = network();
  const { log, times } = call(upstream, clock, body());
  assert.deepEqual(log, []);
  clock.run();
  assert.deepEqual(log, ["head 200", "data", "end"]);
  assert.ok((times[0] ?? 0) > 4 + 5);
});

test("a rejected call is answered after the send has returned, not within it", () => {
  const { clock, upstream } = network();
  const { log } = call(upstream, clock, body({ model: "other" }));
  assert.deepEqual(log, []);
  clock.run();
  assert.deepEqual(log, ["head 404", "data", "end"]);
});

test("a gateway that pauses is sent nothing until it resumes, and then all of it", () => {
  const { clock, upstream } = network();
  const { log, sent } = call(upstream, clock, body({ stream: true }), 2);
  clock.run();
  assert.deepEqual(log, ["head 200", "data", "data"]);
  sent.resume();
  clock.run();
  assert.equal(log.at(-1), "end");
});

test("an aborted call frees the server and is silent from then on", () => {
  const { clock, server, upstream } = network();
  const { log, sent } = call(upstream, clock, body({ metadata: { sim_output_tokens: "500" } }));
  clock.run(20);
  assert.equal(server.load, 1);
  sent.abort();
  assert.equal(server.load, 0);
  clock.run();
  assert.deepEqual(log, []);
});

test("a server out of reach is an error that sent nothing; one that crashes is not", () => {
  const unreachable = network({}, () => false);
  const first = call(unreachable.upstream, unreachable.clock, body());
  unreachable.clock.run();
  assert.deepEqual(first.log, ["error connect true"]);
  const crashing = network({ faults: [{ kind: "crash", fromMs: 5 }] });
  const second = call(crashing.upstream, crashing.clock, body());
  crashing.clock.run();
  assert.deepEqual(second.log, ["error connect false"]);
});

/** Passes every request to the one upstream, and says that the answer came from `arm`. */
function passing(upstream: Upstream, arm: string): ExchangeHandler {
  const handle = (exchange: Exchange): void => {
    const forward = (bytes: Uint8Array): void => {
      const sent = upstream.send(
        {
          method: exchange.method,
          baseUrl: BASE,
          path: exchange.path.slice("/v1".length),
          headers: exchange.headers,
          body: bytes,
        },
        {
          onHead: (status, headers) => exchange.respond(status, [...headers, "X-Slipway-Arm", arm]),
          onData: exchange.write,
          onEnd: exchange.end,
          onError: exchange.destroy,
        },
      );
      exchange.onClosed(sent.abort);
    };
    exchange.read(1_000_000, forward, () => exchange.destroy());
  };
  return { handle };
}

function load(overrides: Partial<SimulatedVersion>, timeoutMs: number) {
  const { clock, server, upstream } = network(overrides);
  const seen: SeenAnswer[] = [];
  const gateway = passing(upstream, "stable");
  const running = new Load({
    clock,
    send: gatewaySend(() => gateway),
    model: "gpt-5.0",
    arrivals: synthetic({ ratePerSecond: 100, burstiness: 0 }, createRandom(1)),
    users: new Users(usersDefault, createRandom(2)),
    timeoutMs,
    onAnswer: (answer) => seen.push(answer),
  });
  return { clock, server, running, seen };
}

test("a load through a gateway in virtual time counts every request exactly once", () => {
  const { clock, server, running, seen } = load({}, 60_000);
  clock.run(10_000);
  let stopped = false;
  running.stop(() => {
    stopped = true;
  });
  clock.run();
  const report = running.report();
  assert.ok(stopped && report.due > 800);
  assert.deepEqual([report.ok, report.errors, report.inFlight], [report.due, 0, 0]);
  assert.equal(report.arms["stable"]?.requests, report.due);
  assert.equal(new Set(seen.map((answer) => answer.index)).size, report.due);
  assert.equal(server.load, 0);
});

test("users who give up leave, which frees the servers, and count as timeouts", () => {
  const { clock, server, running } = load({ faults: [{ kind: "slowdown", factor: 50 }] }, 500);
  clock.run(5000);
  running.stop(() => {});
  clock.run();
  const errors = running.report().arms["none"]?.errors;
  assert.ok((errors?.timeout ?? 0) > 200, JSON.stringify(errors));
  assert.equal(server.load, 0);
});

test("without a gateway that can be reached users see a broken connection", () => {
  const clock = new VirtualClock();
  const running = new Load({
    clock,
    send: gatewaySend(() => undefined),
    model: "m",
    arrivals: synthetic({ ratePerSecond: 100, burstiness: 0 }, createRandom(1)),
    users: new Users(usersDefault, createRandom(2)),
  });
  clock.run(1000);
  running.stop(() => {});
  const report = running.report();
  assert.deepEqual(report.arms["none"]?.errors, { transport: report.due });
  assert.equal(clock.pending, 0);
});
