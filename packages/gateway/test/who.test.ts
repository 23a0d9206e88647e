// Who is on the candidate: rings, exclusions, and conversations that began before their user's turn came.
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import {
  type AudiencePolicy,
  type Client,
  NOBODY,
  SLOTS,
  slotOf,
  WHOLE_AUDIENCE,
} from "@slipway/core";
import { ConversationMemory } from "../src/path/conversation-memory.ts";
import { routeOf, splitOf, tableOf } from "./fixtures.ts";
import { chat, FakeExchange, World } from "./virtual-world.ts";

const HALF = SLOTS / 2;

function worldWith(candidateSlots: number, audience: Partial<AudiencePolicy> = {}): World {
  return World.leased(table(1, candidateSlots, audience));
}

function table(
  number: number,
  candidateSlots: number,
  audience: Partial<AudiencePolicy> = {},
): ReturnType<typeof tableOf> {
  const fields = { split: splitOf(candidateSlots), audience: { ...WHOLE_AUDIENCE, ...audience } };
  return tableOf(number, routeOf(fields));
}

/** A user whose slot lies between two stages. */
function userBetween(from: number, to: number): string {
  for (let i = 0; ; i++) {
    const slot = slotOf("r1", `u${i}`);
    if (slot >= from && slot < to) return `u${i}`;
  }
}

function armOf(world: World, exchange: FakeExchange): string | null {
  world.ask(exchange);
  world.lastCall.answer();
  return exchange.header("x-slipway-arm");
}

function turn(user: string | null, ...messages: readonly string[]): FakeExchange {
  const roles = ["user", "assistant"];
  return chat(user, {
    messages: messages.map((content, i) => ({ role: roles[i % 2], content })),
  });
}

/** What the rows of a world count, by how requests were via. */
function counted(world: World): { readonly [via: string]: number } {
  world.pass(2_000);
  const counts: { [via: string]: number } = {};
  for (const { via, arrivals } of world.rows) counts[via] = (counts[via] ?? 0) + arrivals;
  return counts;
}

test("members of an open ring are on the candidate, and counted apart", () => {
  const members = {
    ...NOBODY,
    keyPrefixes: ["staff-"],
    headers: [{ name: "x-user", value: "eve" }],
  };
  const world = worldWith(1, { rings: [{ name: "staff", fromPercent: 0, members }] });
  assert.equal(armOf(world, chat("staff-ann")), "candidate");
  assert.equal(armOf(world, chat("eve")), "candidate");
  assert.equal(armOf(world, chat("bob")), "stable");
  assert.deepEqual(counted(world), { ring: 2, split: 1 });
});

test("the excluded stay on stable when everybody else has moved", () => {
  const exclude = { ...NOBODY, keys: ["legal"] };
  const world = worldWith(SLOTS, { exclude });
  assert.equal(armOf(world, chat("legal")), "stable");
  assert.equal(armOf(world, chat("bob")), "candidate");
  assert.deepEqual(counted(world), { excluded: 1, split: 1 });
});

test("a conversation that began on stable stays there when its user's turn comes; a new one moves", () => {
  const user = userBetween(HALF, SLOTS);
  const world = worldWith(HALF);
  assert.equal(armOf(world, turn(user, "hello")), "stable");
  world.link.publish(table(2, SLOTS));
  world.acknowledge();
  assert.equal(armOf(world, turn(user, "hello", "hi", "and now?")), "stable");
  assert.equal(armOf(world, turn(user, "something else")), "candidate");
  assert.equal(armOf(world, turn(user, "something else", "yes?", "more")), "candidate");
  assert.deepEqual(counted(world), { split: 3, kept: 1 });
});

test("a conversation without a user's key stays too", () => {
  const opening = Array.from({ length: 100 }, (_, i) => `hello ${i}`);
  const world = worldWith(HALF);
  const begun = opening.filter((text) => armOf(world, turn(null, text)) === "stable");
  assert.ok(begun.length > 20 && begun.length < 80);
  world.link.publish(table(2, SLOTS));
  world.acknowledge();
  for (const text of begun) assert.equal(armOf(world, turn(null, text, "hi", "so?")), "stable");
});

test("what takes users off the candidate takes their conversations with them", () => {
  const user = userBetween(0, HALF);
  const world = worldWith(HALF);
  assert.equal(armOf(world, turn(user, "hello")), "candidate");
  world.link.publish(table(2, 0));
  world.acknowledge();
  assert.equal(armOf(world, turn(user, "hello", "hi", "and now?")), "stable");
});

test("conversations move where the policy says so", () => {
  const user = userBetween(HALF, SLOTS);
  const world = worldWith(HALF, { conversations: "move" });
  assert.equal(armOf(world, turn(user, "hello")), "stable");
  world.link.publish(table(2, SLOTS, { conversations: "move" }));
  world.acknowledge();
  assert.equal(armOf(world, turn(user, "hello", "hi", "and now?")), "candidate");
});

test("turns of conversations that this worker never saw are counted as unknown, and go where they are due", () => {
  const world = worldWith(SLOTS);
  assert.equal(armOf(world, turn("ann", "hello", "hi", "and now?")), "candidate");
  assert.equal(
    armOf(world, turn("ann", "hello", "hi", "and now?", "so", "and then?")),
    "candidate",
  );
  assert.equal(armOf(world, turn("ann", "first words")), "candidate");
  world.pass(2_000);
  const turns = world.rows.map((row) => row.turns);
  assert.equal(
    turns.reduce((sum, { unknown }) => sum + unknown, 0),
    1,
  );
  assert.equal(
    turns.reduce((sum, { known }) => sum + known, 0),
    1,
  );
  assert.deepEqual(
    world.observations.map((observation) => observation.turn),
    ["unknown", "known", null],
  );
});

test("the memory of conversations is bounded, forgets the silent, and knows one rollout from another", () => {
  const memory = new ConversationMemory(2);
  memory.remember("a", "r1", "stable", 0);
  memory.remember("b", "r1", "candidate", 0);
  memory.remember("a", "r1", "stable", 1);
  memory.remember("c", "r1", "stable", 2);
  assert.equal(memory.size, 2);
  assert.equal(memory.armOf("b", "r1", 2), null);
  assert.equal(memory.armOf("a", "r1", 2), "stable");
  assert.equal(memory.armOf("a", "r2", 2), null);
  assert.equal(memory.armOf("a", "r1", 3_600_002), null);
});

test("a ring of API clients is known by the key that a request carries", () => {
  const key = (secret: string): readonly string[] => ["Authorization", `Bearer ${secret}`];
  const client = (name: string): Client => ({
    name,
    keyHashes: [hash("sha256", `slipway_${name}`, "hex")],
    ...{ models: null, requestsPerMinute: null, tokensPerMinute: null, inFlightMax: null },
  });
  const rings = [{ name: "tools", fromPercent: 0, members: { ...NOBODY, clients: ["tools"] } }];
  const clients = [client("tools"), client("others")];
  const world = World.leased({ ...table(1, 1, { rings }), clients });
  const from = (secret: string): FakeExchange =>
    new FakeExchange({ model: "gpt-5", messages: [], user: "bob" }, key(secret));
  assert.equal(armOf(world, from("slipway_tools")), "candidate");
  assert.equal(armOf(world, from("slipway_others")), "stable");
});
