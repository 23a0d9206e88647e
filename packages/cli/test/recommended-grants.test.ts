// What an error recommends is taken by the flag that it names, and grants just that, whatever names and paths there are.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isGranted,
  isGrantedPlace,
  mailDestination,
  type Secret,
  ungrantedPlaceText,
  ungrantedText,
} from "@slipway/core";
import fc from "fast-check";
import { grantOption, placeOption } from "slipway";

/** What a shell makes of one word in single quotes, with quotes outside of them. */
function wordAfter(flag: string, text: string): string {
  const found = new RegExp(`${flag} ((?:'[^']*'|\\\\')+)`).exec(text)?.[1];
  assert.ok(found !== undefined, text);
  return found.replaceAll(/'([^']*)'|\\'/g, (_, quoted: string | undefined) => quoted ?? "'");
}

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
const path = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom("/run/a@b", "/run/it's", "/run/a b", "x@https://y", "@", "/a@tls://b:1", "\n"),
  fc.webUrl(),
);
const secret: fc.Arbitrary<Secret> = fc.oneof(
  name.map((text) => ({ kind: "env" as const, name: text })),
  path.map((text) => ({ kind: "file" as const, path: text })),
);
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom("SMTP.Example.com", "::1"),
);
const port = fc.integer({ min: 1, max: 65_535 });
const web = fc
  .record({ url: fc.oneof(fc.webUrl(), fc.constant("http://[::1]:8443/x")), port })
  .map(({ url, port: own }) => {
    const at = new URL(url);
    at.port = `${own}`;
    return at.origin;
  });
const mail = fc
  .record({ host, port, security: fc.constantFrom("tls" as const, "starttls", "none") })
  .map((server) => mailDestination({ ...server, login: null, from: "a@example.com" }));
const place = fc.oneof(web, mail);

test("the --secret that a refusal recommends grants what was refused", () => {
  fc.assert(
    fc.property(secret, fc.option(place), (asked, to) => {
      const grant = grantOption(wordAfter("--secret", ungrantedText(asked, to).fix));
      assert.ok(isGranted([grant], asked, to), JSON.stringify({ asked, to, grant }));
    }),
  );
});

test("the --notice-to that a refusal recommends grants the address, and no secret", () => {
  fc.assert(
    fc.property(place, secret, (to, other) => {
      const grant = placeOption(wordAfter("--notice-to", ungrantedPlaceText(to).fix));
      assert.ok(isGrantedPlace([grant], to));
      assert.equal(isGranted([grant], other, to), false);
    }),
  );
});
