// Small texts from outside: what providers say of their limits, and the signed ids that feedback names.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { VIAS } from "@slipway/core";
import fc from "fast-check";
import { type Answered, answerId, readAnswerId } from "../../src/feedback/answer-id.ts";
import type { Signer } from "../../src/ports.ts";
import { FleetShare } from "../../src/upstream/fleet-share.ts";
import { Pool } from "../../src/upstream/pool.ts";
import { QUOTAS, type QuotaName, rateLimitsOf } from "../../src/upstream/rate-limit-headers.ts";
import { property } from "./property.ts";

const NOW_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;

const quota = fc.constantFrom(...QUOTAS);
const amount = fc.oneof(
  fc.nat(),
  fc.nat().map((n) => n + 0.5),
);

/** A time span as providers write it, and what it means. */
const span: fc.Arbitrary<readonly [text: string, ms: number]> = fc.oneof(
  fc.nat(100_000).map((n) => [`${n}`, n * 1_000] as const),
  fc.tuple(fc.nat(59), fc.nat(59)).map(([m, s]) => [`${m}m${s}s`, m * 60_000 + s * 1_000] as const),
  fc.nat(999).map((n) => [`${n}ms`, n] as const),
  fc.nat(86_400).map((s) => [new Date(NOW_MS + s * 1_000).toISOString(), s * 1_000] as const),
  fc.nat(86_400).map((s) => [new Date(NOW_MS + s * 1_000).toUTCString(), s * 1_000] as const),
);

function headerName(name: QuotaName, of: string, isAnthropic: boolean): string {
  return isAnthropic ? `anthropic-ratelimit-${name}-${of}` : `X-RateLimit-${of}-${name}`;
}

property(
  "what is said of a quota is found, in both ways of saying it",
  200,
  fc.property(
    quota,
    amount,
    amount,
    span,
    fc.boolean(),
    (name, limit, remaining, [text, ms], isOther) => {
      const headers = [
        ...[headerName(name, "limit", isOther), ` ${limit}`],
        ...["content-type", "text/plain"],
        ...[headerName(name, "reset", isOther), text],
        ...[headerName(name, "remaining", isOther), `${remaining} `],
        ...["retry-after", text],
      ];
      assert.deepEqual(
        rateLimitsOf(headers, () => NOW_MS),
        {
          quotas: { [name]: { limit, remaining, resetMs: ms } },
          retryAfterMs: ms,
        },
      );
    },
  ),
);

const wild = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    "9".repeat(400),
    "1e9",
    "-1",
    "NaN",
    "Infinity",
    `${"9".repeat(400)}h`,
    "0x10",
    "1.5.2",
  ),
  fc.constantFrom(
    "Thu, 01 Jan 1970",
    "Xyz, 99",
    "9999-99-99T",
    "2026-01-01T00:00:00Z",
    "+275760-09-13T",
  ),
  amount.map(String),
  span.map(([text]) => text),
);
const wildQuota = fc
  .tuple(quota, fc.boolean(), wild, fc.constantFrom("0", "1", "1000"), wild)
  .map(([of, isOther, limit, remaining, reset]): readonly string[] => [
    ...[headerName(of, "limit", isOther), limit],
    ...[headerName(of, "remaining", isOther), remaining],
    ...[headerName(of, "reset", isOther), reset],
  ]);
const wildHeader = fc.tuple(fc.constantFrom("Retry-After", "retry-after-ms", "date", "x"), wild);
const wildHeaders = fc
  .array(fc.oneof(wildQuota, wildHeader), { maxLength: 4 })
  .map((parts) => parts.flat());
const statuses = fc.constantFrom(200, 429, 503, 529);

property(
  "whatever a provider says, a pool opens again within a day, and never says what is no number",
  400,
  fc.property(fc.array(fc.tuple(wildHeaders, statuses), { maxLength: 4 }), (answers) => {
    const pool = new Pool("p", new FleetShare(1, 0));
    const wanted = { inputTokens: 1, outputTokens: 1 };
    let nowMs = 0;
    for (const [headers, status] of answers) {
      const limits = rateLimitsOf(headers, () => NOW_MS);
      if (limits !== null) pool.hear(limits, status, pool.sent, nowMs);
      const waitMs = pool.waitMs(wanted, 0, "interactive", nowMs);
      assert.ok(waitMs >= 0, `${waitMs}`);
      const { blockedMs, requestsLeft, tokensLeft } = pool.state(nowMs);
      for (const said of [blockedMs, requestsLeft ?? 0, tokensLeft ?? 0]) {
        assert.ok(Number.isFinite(said), `${said} from ${JSON.stringify(headers)}`);
      }
      nowMs += 1_000;
    }
    assert.equal(pool.waitMs(wanted, 0, "interactive", nowMs + DAY_MS), 0);
  }),
);

const signer: Signer = {
  sign: (text) => createHmac("sha256", "key").update(text).digest("base64url").slice(0, 22),
  verifies: (text, code) => signer.sign(text) === code,
};
const name = fc.string({ unit: "binary", minLength: 1, maxLength: 24 });
const answered: fc.Arbitrary<Answered> = fc.record({
  id: fc.stringMatching(/^[\w-]{1,24}$/),
  model: name,
  version: name,
  arm: fc.constantFrom("stable" as const, "candidate" as const),
  segment: name,
  cohort: fc.option(
    fc.record({
      rolloutId: name,
      table: fc.nat(),
      tick: fc.maxSafeNat(),
      via: fc.constantFrom(...VIAS),
      bucket: fc.option(fc.nat(19)),
    }),
  ),
});

property(
  "the id of an answer says where it belongs, and is refused with any letter changed",
  300,
  fc.property(answered, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (one, at, letter) => {
    const id = answerId(signer, one, NOW_MS);
    const known = JSON.parse(JSON.stringify(one), (_, part: unknown) =>
      typeof part === "string" ? part.toWellFormed() : part,
    );
    const read = readAnswerId(signer, id, NOW_MS + 1_000);
    if (id.length > 1_024) assert.equal(read, "malformed");
    else assert.deepEqual(read, known);
    const place = at % id.length;
    const forged = id.slice(0, place) + letter + id.slice(place + 1);
    if (forged !== id) assert.equal(typeof readAnswerId(signer, forged, NOW_MS), "string");
    assert.equal(typeof readAnswerId(signer, id, NOW_MS + 2 * DAY_MS), "string");
  }),
);

property(
  "no text is taken for an id that was not signed",
  300,
  fc.property(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(name, { maxLength: 10 }).map((parts) => parts.join("~")),
    ),
    (text) => {
      assert.equal(typeof readAnswerId(signer, text, NOW_MS), "string");
    },
  ),
);
