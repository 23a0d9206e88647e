// The access log: which requests it has a line for, and what it never says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type AccessLog, withAccessLog } from "../src/edge/access-log.ts";
import type { Observation, Observe } from "../src/path/observe.ts";
import type { LogFields } from "../src/ports.ts";
import { routeOf, tableOf } from "./fixtures.ts";
import { chat, World } from "./virtual-world.ts";

const QUIET: Observe = {
  finished: () => {},
  unreached: () => {},
  refused: () => {},
  heard: () => {},
  placed: () => {},
  mirrored: () => {},
  mirrorDropped: () => {},
  answerKept: () => {},
  answerScored: () => {},
  scoreDropped: () => {},
  answerDropped: () => {},
  tripped: () => {},
};

function observations(): readonly Observation[] {
  const world = World.leased(tableOf(1, routeOf()));
  world.ask(chat("ann"));
  world.lastCall.answer();
  world.ask(chat("ann"));
  world.lastCall.answer(500, '{"secret":"of the upstream"}');
  world.ask(chat("ann")).leave();
  return world.observations;
}

function lines(which: AccessLog): readonly LogFields[] {
  const written: LogFields[] = [];
  const write = (fields: LogFields): void => {
    written.push(fields);
  };
  const observe = withAccessLog(QUIET, { info: write, warn: write, error: write }, which);
  for (const observation of observations()) observe.finished(observation);
  observe.refused("invalid_api_key", null);
  return written;
}

test("all requests, only what went wrong, or none", () => {
  const outcomes = (which: AccessLog): readonly unknown[] =>
    lines(which).map(({ code, outcome }) => code ?? outcome);
  assert.deepEqual(outcomes("all"), ["ok", "server_error", "cancelled", "invalid_api_key"]);
  assert.deepEqual(outcomes("errors"), ["server_error", "invalid_api_key"]);
  assert.deepEqual(outcomes("off"), []);
  assert.equal(withAccessLog(QUIET, { info() {}, warn() {}, error() {} }, "off"), QUIET);
});

test("a line names request, model, version and tokens, and nothing that was said", () => {
  const [line] = lines("all");
  assert.equal(line?.["request"], "request-2");
  assert.deepEqual(
    [line?.["model"], line?.["version"], line?.["inputTokens"], line?.["outputTokens"]],
    ["gpt-5", "v1", 5, 3],
  );
  assert.ok(!JSON.stringify(lines("all")).includes("secret"));
});
