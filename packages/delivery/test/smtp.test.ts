// Mails: handed to a mail server in this process, which fails as it may, and to a real one from Debian where there is one.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { type Answer, type Mailer, type Notification, OCCASIONS } from "@slipway/core";
import { createCourier, ownPlaces, ownSecrets, type Places } from "@slipway/delivery/edge";
import { MailReceiver } from "@slipway/simulator/edge";
import { Exim, LOGIN, whyNoExim } from "./exim.ts";

const server = await new MailReceiver().listen();
after(() => server.close());

const NOTIFICATION: Notification = {
  number: 1,
  target: "people",
  notice: {
    ...{ id: "r1-4-rolled-back", occasion: "rolled-back", atMs: 1_767_225_600_000 },
    ...{ thread: "rollout-r1", call: null, urgency: "error", model: "m" },
    title: "m a → b: rolled back, everybody returns to a",
    text: "P99 latency is 2.44x stable's.\r\nBcc: all@example.test\n.\nstill the text",
    facts: { model: "m", rollout: "r1" },
  },
  ...{ state: "pending", attempts: 1, dueAtMs: 0, giveUpAtMs: 0, said: null, settledAtMs: null },
};

function mailerTo(port: number, changes: Partial<Mailer> = {}): Mailer {
  const from = "slipway@example.test";
  return { host: "127.0.0.1", port, security: "none", login: null, from, ...changes };
}

function mailed(
  mail: Mailer | null,
  to: readonly string[] = ["ann@example.test"],
  changes: Partial<Notification> = {},
  env: { readonly [name: string]: string } = { MAIL_PASSWORD: LOGIN.password },
  places: Places = ownPlaces,
): Promise<Answer> {
  const target = {
    ...{ name: "people", way: { kind: "email" as const, to }, occasions: OCCASIONS, models: [] },
    ...{ templates: {}, giveUpAfterMs: 1 },
  };
  const courier = createCourier({ secrets: ownSecrets(env), places, nowMs: () => 0 });
  const notification = { ...NOTIFICATION, ...changes };
  return courier({ notification, target, mail, pageUrl: null });
}

const TO_ALL = ["ann@example.test", "busy@example.test"];

/** The header of a mail, unfolded. */
function headerOf(data: string, name: string): string | undefined {
  const head = data.split(/\r?\n\r?\n/)[0]?.replace(/\r?\n[ \t]+/g, " ") ?? "";
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim();
}

test("a mail has an id of its notice, lies with its thread, and text that people wrote stays text", async () => {
  server.taken.length = 0;
  const answer = await mailed(mailerTo(server.port), ["ann@example.test", "bob@example.test"]);
  assert.deepEqual(answer, { ok: true, said: "taken for 2 of 2 by the mail server" });
  const [taken] = server.taken;
  assert.ok(taken !== undefined);
  assert.deepEqual(
    [taken.from, taken.to],
    ["slipway@example.test", ["ann@example.test", "bob@example.test"]],
  );
  assert.equal(headerOf(taken.data, "Message-ID"), "<r1-4-rolled-back@example.test>");
  assert.equal(headerOf(taken.data, "References"), "<rollout-r1@example.test>");
  assert.equal(headerOf(taken.data, "Auto-Submitted"), "auto-generated");
  assert.equal(headerOf(taken.data, "Bcc"), undefined);
  assert.match(headerOf(taken.data, "Subject") ?? "", /^=\?UTF-8\?/);
});

test("a server that refuses it for one has not taken it for all, and the answer names who has it not", async () => {
  server.refused.set("gone@example.test", "550 no such user");
  const answer = await mailed(mailerTo(server.port), ["ann@example.test", "gone@example.test"]);
  server.refused.clear();
  assert.deepEqual(answer, {
    ok: false,
    said: "taken for 1 of 2 by the mail server; refused for gone@example.test (550)",
    ...{ isOfReceiver: false, isFinal: true, left: [], retryAfterMs: null },
  });
});

test("who is put off is tried again, and nobody gets it twice for that", async () => {
  server.taken.length = 0;
  server.refused.set("busy@example.test", "451 try later");
  const answer = await mailed(mailerTo(server.port), ["ann@example.test", "busy@example.test"]);
  server.refused.clear();
  assert.ok(!answer.ok && !answer.isFinal);
  assert.deepEqual(answer.left, ["busy@example.test"]);
  const again = await mailed(mailerTo(server.port), TO_ALL, { left: answer.left });
  assert.deepEqual(again, { ok: true, said: "taken for 1 of 1 by the mail server" });
  assert.deepEqual(
    server.taken.map(({ to }) => to),
    [["ann@example.test"], ["busy@example.test"]],
  );
});

test("what a server refuses is told by its codes, never by its words", async () => {
  const cases: readonly (readonly [string | null, RegExp, boolean, boolean])[] = [
    ["554 PRIVATE words", /^554 by the mail server \(EMESSAGE\)$/, false, true],
    ["451 PRIVATE words", /^451 by the mail server \(EMESSAGE\)$/, false, false],
    [null, /^the mail server could not be used/, true, false],
  ];
  for (const [verdict, said, isOfReceiver, isFinal] of cases) {
    server.verdict = verdict;
    const answer = await mailed(mailerTo(server.port));
    assert.ok(!answer.ok);
    assert.match(answer.said, said);
    assert.deepEqual([answer.isOfReceiver, answer.isFinal], [isOfReceiver, isFinal]);
  }
  server.verdict = "250 taken";
});

test("nothing is said in the open to a server that should encrypt and does not", async () => {
  server.taken.length = 0;
  const answer = await mailed(mailerTo(server.port, { security: "starttls" }));
  assert.equal(answer.ok, false);
  assert.deepEqual(server.taken, []);
});

test("where nothing sends mails, and where nobody listens, it says so", async () => {
  const none = await mailed(null);
  assert.deepEqual([none.ok, none.said], [false, "slipway.yaml does not say how mails leave"]);
  const closed = await new MailReceiver().listen();
  await closed.close();
  const nobody = await mailed(mailerTo(closed.port));
  assert.ok(!nobody.ok && nobody.isOfReceiver);
  assert.match(nobody.said, /^the mail server could not be used: connection refused$/);
});

const why = whyNoExim();
test("a mail server from Debian takes it and puts it into the box", {
  skip: why ?? false,
}, async () => {
  const exim = await new Exim().start();
  try {
    const answer = await mailed(mailerTo(exim.port), ["ann@example.test", "bob@elsewhere.test"]);
    assert.ok(!answer.ok && answer.isFinal);
    assert.match(answer.said, /^taken for 1 of 2 .*; refused for bob@elsewhere\.test \(550\)$/);
    const box = await exim.box();
    assert.equal(headerOf(box, "Message-ID"), "<r1-4-rolled-back@example.test>");
    assert.match(box, /still the text/);
    const refused = await mailed(mailerTo(exim.port), ["bob@elsewhere.test"]);
    assert.ok(!refused.ok && !refused.isOfReceiver);
    assert.match(refused.said, /^550 by the mail server/);
  } finally {
    exim.stop();
  }
});

test("a real mail server gets the name and the password over TLS, from its first byte or by STARTTLS", {
  skip: why ?? false,
}, async () => {
  const exim = await new Exim().start(true);
  const before = getCACertificates("default");
  const login = { user: LOGIN.user, password: { kind: "env", name: "MAIL_PASSWORD" } } as const;
  const ways = [
    { security: "tls", port: exim.tlsPort },
    { security: "starttls", port: exim.port },
  ] as const;
  try {
    for (const way of ways) {
      const stranger = await mailed(mailerTo(0, { ...way, host: "localhost", login }));
      assert.ok(!stranger.ok && stranger.isOfReceiver, "a certificate that nobody vouches for");
      assert.match(stranger.said, /could not be used/);
    }
    setDefaultCACertificates([...before, exim.certificate]);
    for (const way of ways) {
      const mailer = mailerTo(0, { ...way, host: "localhost", login });
      assert.deepEqual(await mailed(mailer), {
        ok: true,
        said: "taken for 1 of 1 by the mail server",
      });
      const wrong = await mailed(mailer, ["ann@example.test"], {}, { MAIL_PASSWORD: "wrong" });
      assert.ok(!wrong.ok && wrong.isOfReceiver && !wrong.isFinal);
      assert.match(wrong.said, /^535 by the mail server \(EAUTH\)$/);
      const nameless = await mailed({ ...mailer, login: null });
      assert.ok(!nameless.ok);
      assert.match(nameless.said, /^550 by the mail server/);
    }
    const other = await mailed(mailerTo(0, { ...ways[0], host: "127.0.0.1", login }));
    assert.ok(!other.ok && other.isOfReceiver, "a certificate of another name");
    assert.match(await exim.box(), /still the text/);
  } finally {
    setDefaultCACertificates(before);
    exim.stop();
  }
});

test("a mail server without a login that a configuration names is used inside the network only where there is leave for it", async () => {
  server.taken.length = 0;
  const to = `none://localhost:${server.port}`;
  const sentTo = (host: string, granted: readonly string[]): Promise<Answer> =>
    mailed({ ...mailerTo(server.port), host }, undefined, {}, {}, (one) => granted.includes(one));
  for (const host of [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "::1",
    "169.254.169.254",
    "10.0.0.8",
  ]) {
    await assert.rejects(sentTo(host, []), { code: "address_not_granted" }, host);
  }
  assert.match(
    (await sentTo("no-such-host.invalid", [])).said,
    /^the mail server could not be used/,
  );
  assert.equal(server.taken.length, 0);
  assert.equal((await sentTo("localhost", [to])).ok, true);
});
