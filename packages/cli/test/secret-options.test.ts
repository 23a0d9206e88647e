// Which secrets the flags and a slipway.yaml grant to a process of this machine.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { grantText } from "@slipway/core";
import { configGrants, grantOption, grantsNow, placeOption, readConfig } from "slipway";
import { scratch, slipway } from "./slipway.ts";

test("a grant is a name, or a file, and scheme, host and port of one place", () => {
  const written: readonly (readonly [string, string])[] = [
    ["KEY@https://api.example.com/v1", "KEY@https://api.example.com"],
    ["KEY@https://API.example.com:443", "KEY@https://api.example.com"],
    ["KEY@http://10.0.0.1:8000/v1", "KEY@http://10.0.0.1:8000"],
    [
      "file:/run/a@b@starttls://smtp.example.com:587",
      "file:/run/a@b@starttls://smtp.example.com:587",
    ],
    ["SMTP@tls://::1:465", "SMTP@tls://::1:465"],
    ["SLACK", "SLACK"],
    ["file:/run/secrets/hook", "file:/run/secrets/hook"],
  ];
  for (const [text, granted] of written) assert.equal(grantText(grantOption(text)), granted);
  for (const text of [
    "",
    "a b",
    "KEY@",
    "KEY@api.example.com",
    "KEY@ftp://a",
    "KEY@tls://host",
    "KEY@https://good.example@evil.example",
    "file:",
  ])
    assert.throws(() => grantOption(text), /Write NAME@https:\/\/host/, text);
});

test("an address that notices may go to is scheme, host and port, and no secret", () => {
  const written: readonly (readonly [string, string])[] = [
    ["https://hooks.internal:8443/slipway?x=1", "https://hooks.internal:8443"],
    ["http://10.0.0.8", "http://10.0.0.8"],
    ["NONE://Relay.internal:25", "none://relay.internal:25"],
  ];
  for (const [text, granted] of written) assert.equal(grantText(placeOption(text)), granted);
  for (const text of [
    "",
    "hooks.internal",
    "KEY@https://a",
    "ftp://a",
    "none://relay",
    "https://a@b",
  ])
    assert.throws(() => placeOption(text), /Write https:\/\/host:port/, text);
});

test("a slipway.yaml grants each secret to where it sends it, and its notices to go where it names", (t) => {
  const folder = scratch((clean) => t.after(clean));
  const file = join(folder, "slipway.yaml");
  writeFileSync(
    file,
    `mail: {host: SMTP.example.com, user: u, password: "file:/run/smtp", from: a@example.com}
notifications:
  team: {slack: "\${SLACK}"}
  call: {pagerduty: "\${PAGER}"}
  audit: {webhook: https://audit.example.com/x, secret: "file:/run/hook"}
models:
  chat:
    stable: a
    versions:
      a: {upstreams: [{url: "https://api.example.com/v1", key: "\${KEY}"}, {url: "http://own:8000/v1"}]}
    preflight:
      drill: {gateways: ["http://one:4700/v1", "http://two:4700/v1"], key: "\${DRILL}"}
`,
  );
  const config = readConfig(file, false);
  assert.ok(config.ok);
  assert.deepEqual(configGrants(config).map(grantText), [
    "KEY@https://api.example.com",
    "DRILL@http://one:4700",
    "DRILL@http://two:4700",
    "file:/run/smtp@starttls://smtp.example.com:587",
    "SLACK",
    "PAGER@https://events.pagerduty.com",
    "file:/run/hook",
    "https://audit.example.com",
  ]);
});

test("a flag that grants nothing, and a file that is not there, are refused before anything starts", async (t) => {
  const cwd = scratch((clean) => t.after(clean));
  const flag = await slipway(["gateway", "--secret", "KEY@example.com"], { cwd });
  assert.equal(flag.code, 2);
  assert.match(flag.err, /Write NAME@https:\/\/host/);
  const file = await slipway(["controller", "--secrets-of", "none.yaml"], { cwd });
  assert.equal(file.code, 2);
  assert.match(file.err, /there is no none\.yaml/);
});

test("a file that changes grants anew; one that becomes wrong, goes, or cannot be looked at leaves what it granted", (t) => {
  const folder = scratch((clean) => t.after(clean));
  const file = join(folder, "slipway.yaml");
  const written = (url: string): void =>
    writeFileSync(
      file,
      `models: {chat: {stable: a, versions: {a: {upstreams: [{url: "${url}", key: "\${KEY}"}]}}}}\n`,
    );
  const said: string[] = [];
  const terminal = { err: (text: string) => said.push(text) };
  const granted = (): readonly string[] => now().map(grantText);
  written("https://one.example.com/v1");
  const now = grantsNow({ terminal }, { secretsOf: file });
  assert.deepEqual(granted(), ["KEY@https://one.example.com"]);
  assert.equal(now(), now(), "nothing is read again while nothing changes");
  written("https://another.example.com/v1");
  assert.deepEqual(granted(), ["KEY@https://another.example.com"]);
  for (const spoil of [
    () => writeFileSync(file, "models: 7\n"),
    () => rmSync(file),
    () => {
      rmSync(folder, { recursive: true });
      writeFileSync(folder, "no folder any more");
    },
  ]) {
    spoil();
    assert.deepEqual(granted(), ["KEY@https://another.example.com"]);
  }
  assert.match(said.join(""), /^slipway: secrets are granted as before: .*slipway\.yaml:1:9: /);
});
