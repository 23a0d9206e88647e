// What holds of a gateway after whatever has happened to it, and what must have come back to nothing once all is over.

import assert from "node:assert/strict";
import type { Frame } from "@slipway/wire";
import { FakeExchange } from "../../virtual-world.ts";
import { SLOTS_OF_EACH } from "./route.ts";
import type { Asked, Spoken } from "./spoken.ts";
import { BODY_BYTES_OPEN_MAX, type Stage } from "./stage.ts";

const TOKENS = /tok-\d+\./g;
const CALLS = /call-\d+\./g;
/** What ends a broken stream in its API's words; a chunk of Slipway's own is told by its code. */
const OWN_EVENT = /^(?:event: error\n)?data: \{.*\}\n\n$/;

/** After each command. */
export function holdsNow(stage: Stage): void {
  for (const asked of stage.asked) {
    isOwnAnswer(asked);
    isSentOnceMoreAtMost(asked);
  }
  areSlotsWhatIsOpen(stage);
  isToldOnce(stage);
}

/** All that a client got is what one upstream said, in order, or Slipway's own words. */
function isOwnAnswer({ calls, exchange, token }: Asked): void {
  const { received, status } = exchange;
  for (const [found] of received.matchAll(TOKENS)) assert.equal(found, token, "it is its own");
  if (status === 0) {
    assert.equal(received, "");
    return;
  }
  const serving = servingOf(exchange, calls);
  if (serving === null) {
    assert.deepEqual(
      received.match(TOKENS),
      null,
      "no upstream's words are in Slipway's own answer",
    );
    assert.ok(exchange.isOver, "Slipway's own answers are whole");
    return;
  }
  assert.equal(serving, calls.at(-1), "the newest call is the one that answers");
  assert.ok(received.startsWith(serving.said), `${received} is not what was said: ${serving.said}`);
  const more = received.slice(serving.said.length);
  assert.ok(more === "" || OWN_EVENT.test(more), `${more} was added`);
  assert.ok(more === "" || exchange.isEnded, "words of Slipway's own are the last");
  const callsMet = new Set(received.match(CALLS) ?? []);
  assert.ok(callsMet.size <= 1, "the answer is of one call");
}

/** Null for an answer of Slipway's own. */
function servingOf(exchange: FakeExchange, calls: readonly Spoken[]): Spoken | null {
  if (exchange.header("x-request-id") !== null || exchange.header("request-id") !== null)
    return null;
  const serving = calls.at(-1);
  assert.ok(serving !== undefined, "an answer that is not Slipway's own is an upstream's");
  assert.equal(exchange.status, serving.status);
  return serving;
}

/** From a candidate to stable once, never the other way, and not where sending it twice does something twice. */
function isSentOnceMoreAtMost({ ask, calls }: Asked): void {
  const arms = calls.map(({ host }) => (host.startsWith("candidate") ? "candidate" : "stable"));
  const changes = arms.filter((arm, at) => at > 0 && arm !== arms[at - 1]);
  assert.ok(changes.length <= 1 && changes.every((arm) => arm === "stable"), `it went ${arms}`);
  const isOnce = ask.stores === true || ask.path === "/v1/something/else";
  const earlier = calls.slice(0, -1);
  if (isOnce) assert.ok(earlier.every(isUnsent), "what does something is sent once");
  const isKept = ask.path === "/v1/responses" && ask.stores !== false;
  const changed = isKept
    ? calls[arms.findIndex((arm, at) => at > 0 && arm !== arms[at - 1]) - 1]
    : null;
  assert.ok(changed == null || isUnsent(changed), "what is kept is kept by one version");
  // Once for an upstream that is not reached, for each there is; once for a connection that had gone stale.
  for (const arm of ["candidate", "stable"]) {
    const times = arms.filter((one) => one === arm).length;
    assert.ok(times <= 3, `${times} calls to ${arm}`);
  }
  assert.ok(
    earlier.every(({ call, isOver }) => isOver || call.isAborted),
    "one call at a time",
  );
}

function isUnsent({ failed }: Spoken): boolean {
  return failed === "unsent";
}

function areSlotsWhatIsOpen({ open, openShadows, world }: Stage): void {
  const inUse = new Map<string, number>();
  for (const { host } of [...open, ...openShadows]) inUse.set(host, (inUse.get(host) ?? 0) + 1);
  let waiting = 0;
  for (const { inFlight, queued, upstreams } of world.gateway.snapshot().versions) {
    waiting += queued;
    for (const { inFlight: taken, upstream } of upstreams) {
      assert.ok(taken >= 0 && taken <= SLOTS_OF_EACH, `${taken} slots of ${upstream} are taken`);
    }
    assert.equal(
      inFlight,
      upstreams.reduce((sum, one) => sum + one.inFlight, 0),
    );
  }
  assert.ok(waiting >= 0);
  for (const { upstreams } of world.gateway.snapshot().versions) {
    for (const { inFlight, upstream } of upstreams) {
      assert.equal(inFlight, inUse.get(`${upstream}.test`) ?? 0, `slots of ${upstream}`);
    }
  }
}

/** Every request that is over was told of once, and none that is not. */
function isToldOnce({ asked, world }: Stage): void {
  const ended = asked.filter(({ exchange, hasLeft }) => exchange.isOver || hasLeft);
  const brokenOff = asked.filter(({ brokeOff }) => brokeOff);
  const told = world.observations.length + world.refusals.length;
  assert.equal(told, ended.length - brokenOff.length, "each is told of once");
  const ids = world.observations.map(({ requestId }) => requestId);
  assert.equal(new Set(ids).size, ids.length, "no request is told of twice");
  const uploading = asked.filter(({ isUploading }) => isUploading).length;
  const { openRequests } = world.gateway.snapshot();
  assert.equal(openRequests, asked.length - ended.length - uploading, "what is open is open");
}

/** Once all is over: nothing is held, and all of it is in the evidence. */
export function holdsAtLast(stage: Stage, timersAtFirst: number): void {
  const { world } = stage;
  const state = world.gateway.snapshot();
  assert.equal(state.openRequests, 0);
  for (const { inFlight, queued, version } of state.versions) {
    assert.deepEqual([inFlight, queued], [0, 0], `slots and places of ${version}`);
  }
  assert.equal(world.clock.timers, timersAtFirst, "timers");
  for (const { exchange, hasLeft } of stage.asked) assert.ok(exchange.isOver || hasLeft);
  for (const { call, isOver } of stage.spoken) assert.ok(isOver || call.isAborted);
  const flights = Object.values(world.link.frames.at(-1)?.frame.candidateInFlight ?? {});
  assert.ok(
    flights.every((open) => open === 0),
    `candidates in flight: ${flights}`,
  );
  isAllEvidence(stage);
  isAllRoomBack(stage);
}

function isAllEvidence({ world }: Stage): void {
  const rows = framesOnce(world.link.frames.map(({ frame }) => frame)).flatMap(
    (frame) => frame.rows,
  );
  const expected = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, by: number): void => {
    to.set(name, (to.get(name) ?? 0) + by);
  };
  for (const { arm, outcome, replayed, via } of world.observations) {
    if (via === null) continue;
    add(expected, `${replayed === null ? arm : "candidate"} ${replayed ?? outcome}`, 1);
  }
  const found = new Map<string, number>();
  for (const { arm, outcomes } of rows) {
    for (const [outcome, times] of Object.entries(outcomes)) add(found, `${arm} ${outcome}`, times);
  }
  assert.deepEqual(new Map([...found].sort()), new Map([...expected].sort()));
  const sum = (of: (row: Frame["rows"][number]) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  assert.equal(
    sum(({ judged }) => judged),
    sum(({ arrivals }) => arrivals),
    "each is judged",
  );
}

/** A frame that got no answer is sent again: it is the same, and counts once. */
function framesOnce(frames: readonly Frame[]): readonly Frame[] {
  const bySequence = new Map<number, Frame>();
  for (const frame of frames) {
    const before = bySequence.get(frame.sequence);
    if (before !== undefined) assert.deepEqual(frame, before, "a frame is never changed");
    bySequence.set(frame.sequence, frame);
  }
  return [...bySequence.values()];
}

/** As large a body as all that may be kept at once, and as many requests as a client may have under way, are taken. */
function isAllRoomBack({ world }: Stage): void {
  world.failAtOnce = () => null;
  const fields = '{"model":"gpt-5","x":""}';
  const body = fields.replace('""', `"${"x".repeat(BODY_BYTES_OPEN_MAX - fields.length)}"`);
  const large = world.ask(new FakeExchange(body, ["authorization", "Bearer key"]));
  isRefusedForSlotsAtMost(large, "room for bodies");
  if (!large.isOver) large.leave();
  const four = Array.from({ length: 4 }, () =>
    world.ask(new FakeExchange({ model: "gpt-5" }, ["authorization", "Bearer key"])),
  );
  for (const one of four) isRefusedForSlotsAtMost(one, "room of the client");
  for (const one of four) if (!one.isOver) one.leave();
}

function isRefusedForSlotsAtMost({ received, status }: FakeExchange, what: string): void {
  assert.ok(status === 0 || received.includes('"no_capacity"'), `${what}: ${received}`);
}
