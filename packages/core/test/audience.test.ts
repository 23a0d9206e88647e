// Rings and exclusions: who is on the candidate early, who never, and what growing a stage can do to anybody.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Assignment,
  Audience,
  type AudiencePolicy,
  assignmentOf,
  type Matchers,
  NOBODY,
  type Requester,
  SLOTS,
  WHOLE_AUDIENCE,
} from "@slipway/core";
import fc from "fast-check";

const text = fc.constantFrom("a", "b", "ab", "ba", "staff-1", "staff-2", "x");
const matchers: fc.Arbitrary<Matchers> = fc.record({
  keys: fc.array(text, { maxLength: 3 }),
  keyPrefixes: fc.array(text, { maxLength: 2 }),
  headers: fc.array(fc.record({ name: text, value: text }), { maxLength: 2 }),
  clients: fc.array(text, { maxLength: 2 }),
});
const policy: fc.Arbitrary<Pick<AudiencePolicy, "rings" | "exclude">> = fc.record({
  rings: fc.array(
    fc.record({ name: text, fromPercent: fc.constantFrom(0, 5, 25, 100), members: matchers }),
    { maxLength: 3 },
  ),
  exclude: matchers,
});
const requester: fc.Arbitrary<Requester> = fc
  .record({
    key: fc.option(text),
    client: fc.option(text),
    headers: fc.dictionary(text, text, { maxKeys: 2 }),
  })
  .map(({ key, client, headers }) => ({ key, client, header: (name) => headers[name] ?? null }));
const slots = fc.constantFrom(0, 1, 500, 2_500, 5_000, SLOTS);

function assigned(
  audience: Pick<AudiencePolicy, "rings" | "exclude">,
  candidateSlots: number,
  who: Requester,
  drawn = 0.5,
): Assignment {
  return assignmentOf(
    {
      rolloutId: "r-1",
      candidateSlots,
      withoutKey: "per-request",
      audience: new Audience(audience),
      draw: () => drawn,
    },
    who,
  );
}

test("growing the candidate takes nobody off it, whatever rings there are", () => {
  fc.assert(
    fc.property(policy, requester, slots, slots, (audience, who, a, b) => {
      const small = assigned(audience, Math.min(a, b), who);
      if (small.arm === "candidate") {
        assert.equal(assigned(audience, Math.max(a, b), who).arm, "candidate");
      }
    }),
  );
});

test("the excluded are never on the candidate, not even at 100% or in a ring", () => {
  fc.assert(
    fc.property(policy, requester, slots, (audience, who, candidateSlots) => {
      const all = {
        rings: audience.rings,
        exclude: { ...audience.exclude, keys: [who.key ?? ""] },
      };
      if (who.key === null) return;
      assert.deepEqual(assigned(all, candidateSlots, who), {
        arm: "stable",
        via: "excluded",
        ring: null,
      });
    }),
  );
});

test("with no slots nobody is on the candidate: a rollback empties the rings too", () => {
  fc.assert(
    fc.property(policy, requester, (audience, who) => {
      assert.equal(assigned(audience, 0, who).arm, "stable");
    }),
  );
});

test("rings change nothing for who is in none", () => {
  fc.assert(
    fc.property(policy, slots, fc.string({ minLength: 8 }), (audience, candidateSlots, key) => {
      const who: Requester = { key: `~${key}`, client: null, header: () => null };
      assert.deepEqual(
        assigned(audience, candidateSlots, who),
        assigned(WHOLE_AUDIENCE, candidateSlots, who),
      );
    }),
  );
});

test("a ring opens at its stage, and is told by its name", () => {
  const beta = { name: "beta", fromPercent: 25, members: { ...NOBODY, keyPrefixes: ["beta-"] } };
  const staff = { name: "staff", fromPercent: 0, members: { ...NOBODY, keys: ["beta-ann"] } };
  const audience = { rings: [beta, staff], exclude: NOBODY };
  // A key whose slot only the last stage would reach.
  const keys = Array.from({ length: 500 }, (_, i) => `beta-${i}`);
  const late = keys.filter((key) => assigned(WHOLE_AUDIENCE, 5_000, who(key)).arm === "stable");
  assert.ok(late.length > 100);
  for (const key of late) {
    assert.equal(assigned(audience, 500, who(key)).arm, "stable");
    assert.deepEqual(assigned(audience, 2_500, who(key)), {
      arm: "candidate",
      via: "ring",
      ring: "beta",
    });
  }
  assert.equal(assigned(audience, 1, who("beta-ann")).ring, "staff");
});

function who(key: string): Requester {
  return { key, client: null, header: () => null };
}

test("headers match by their exact value, and clients by their name", () => {
  const members = { ...NOBODY, headers: [{ name: "x-beta", value: "on" }], clients: ["ci"] };
  const audience = { rings: [{ name: "beta", fromPercent: 0, members }], exclude: NOBODY };
  const at = (client: string | null, value: string | null): string | null =>
    assigned(audience, 1, { key: null, client, header: () => value }, 0.99).ring;
  assert.equal(at(null, "on"), "beta");
  assert.equal(at(null, "off"), null);
  assert.equal(at("ci", null), "beta");
  assert.equal(at("cd", null), null);
});
