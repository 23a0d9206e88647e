// What the courier sends and what it makes of answers, over loopback.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import {
  type Answer,
  type Grant,
  type Mailer,
  type Notice,
  type Notification,
  OCCASIONS,
  type Secret,
  type Way,
} from "@slipway/core";
import {
  createCourier,
  grantedPlaces,
  grantedSecrets,
  ownPlaces,
  ownSecrets,
} from "@slipway/delivery/edge";
import { type HookBehaviour, HookReceiver } from "@slipway/simulator/edge";
import { SlipwayError } from "@slipway/wire";

const NOW_MS = 1_767_225_600_000;
const KEY = Buffer.alloc(32, 7);
const receiver = await new HookReceiver().listen();
after(() => receiver.close());
beforeEach(() => {
  receiver.behaviour = { kind: "answers", status: 200 };
  receiver.requests.length = 0;
});

const env = {
  KEY: `whsec_${KEY.toString("base64")}`,
  SLACK: `${receiver.url}/slack`,
  ROUTING: "routing-key",
  SHORT: "whsec_c2hvcnQ=",
  NOT_A_URL: "hooks.example.com/T000/SECRET",
};

const NOTICE: Notice = {
  id: "r1-4-page-opened-outage",
  occasion: "page-opened",
  atMs: NOW_MS,
  thread: "page-r1-outage",
  call: "trigger",
  urgency: "critical",
  model: "m",
  title: "m a → b: a person must look at it <!channel>",
  text: "Both fail",
  facts: { model: "m", rollout: "r1", from: "a", to: "b" },
};

const NOTIFICATION: Notification = {
  ...{ number: 1, target: "t", notice: NOTICE, state: "pending", attempts: 1 },
  ...{ dueAtMs: 0, giveUpAtMs: 0, said: null, settledAtMs: null },
};

function sent(way: Way, notice: Notice = NOTICE): Promise<Answer> {
  const courier = createCourier({
    secrets: ownSecrets(env),
    places: ownPlaces,
    nowMs: () => NOW_MS,
    timeoutMs: 400,
  });
  const notification = { ...NOTIFICATION, notice };
  const target = {
    ...{ name: "t", way, occasions: OCCASIONS, models: [], templates: {}, giveUpAfterMs: 1 },
  };
  return courier({ notification, target, mail: null, pageUrl: "https://status.example.com" });
}

const HOOK: Way = {
  kind: "webhook",
  url: `${receiver.url}/hook`,
  secret: { kind: "env", name: "KEY" },
};
const SLACK: Way = { kind: "slack", url: { kind: "env", name: "SLACK" } };
const PAGERDUTY: Way = {
  kind: "pagerduty",
  routingKey: { kind: "env", name: "ROUTING" },
  baseUrl: receiver.url,
};

test("a webhook is signed over its id, its time and its body, by every secret that there is", async () => {
  assert.deepEqual(await sent(HOOK), { ok: true, said: "200" });
  const [request] = receiver.requests;
  assert.ok(request !== undefined);
  const { headers, body } = request;
  assert.equal(headers["webhook-id"], NOTICE.id);
  assert.equal(headers["webhook-timestamp"], `${NOW_MS / 1_000}`);
  const signature = createHmac("sha256", KEY)
    .update(`${NOTICE.id}.${NOW_MS / 1_000}.${body}`)
    .digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${signature}`);
  const value = JSON.parse(body);
  assert.deepEqual([value.type, value.timestamp], ["page-opened", "2026-01-01T00:00:00.000Z"]);
  assert.equal(value.data.thread, "page-r1-outage");
});

test("while a secret takes another's place, both sign", async () => {
  const dir = await mkdtemp(join(tmpdir(), "slipway-secret-"));
  const path = join(dir, "secret");
  writeFileSync(path, `${env.KEY} whsec_${Buffer.alloc(24, 1).toString("base64")}\n`);
  await sent({ ...HOOK, secret: { kind: "file", path } });
  const signatures = String(receiver.requests[0]?.headers["webhook-signature"]).split(" ");
  assert.equal(signatures.length, 2);
  assert.notEqual(signatures[0], signatures[1]);
});

test("a secret that is missing or unusable is told without being shown, and nothing is sent", async () => {
  const ways: readonly (readonly [Way, RegExp])[] = [
    [{ ...HOOK, secret: { kind: "env", name: "NONE" } }, /NONE is not set here/],
    [
      { ...HOOK, secret: { kind: "env", name: "SHORT" } },
      /not whsec_ and base64 of 24 to 64 bytes/,
    ],
    [
      { ...HOOK, secret: { kind: "file", path: "/no/such" } },
      /\/no\/such cannot be read \(ENOENT\)/,
    ],
    [{ ...HOOK, secret: { kind: "file", path: tmpdir() } }, /is no file of at most 32768 bytes$/],
    [{ kind: "slack", url: { kind: "env", name: "NOT_A_URL" } }, /no http or https URL$/],
  ];
  for (const [way, message] of ways) {
    await assert.rejects(sent(way), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /SECRET|c2hvcnQ/);
      return true;
    });
  }
  assert.equal(receiver.requests.length, 0);
});

test("what a process was not started with leave for is not read for anybody", async () => {
  const dir = await mkdtemp(join(tmpdir(), "slipway-secret-"));
  const path = join(dir, "shadow");
  writeFileSync(path, env.KEY);
  const file: Secret = { kind: "file", path };
  const grants: readonly Grant[] = [
    { secret: { kind: "env", name: "ROUTING" }, to: "https://events.pagerduty.com" },
    { secret: { kind: "env", name: "SLACK" }, to: null },
    { secret: file, to: "starttls://smtp.example.com:587" },
  ];
  const courier = createCourier({
    secrets: grantedSecrets(env, () => grants),
    places: grantedPlaces(() => grants),
    nowMs: () => NOW_MS,
  });
  const send = (way: Way, mail: Mailer | null = null): Promise<Answer> => {
    const target = {
      ...{ name: "t", way, occasions: OCCASIONS, models: [], templates: {}, giveUpAfterMs: 1 },
    };
    return courier({ notification: NOTIFICATION, target, mail, pageUrl: null });
  };
  const own = { kind: "pagerduty", baseUrl: receiver.url } as const;
  const mailer: Mailer = {
    ...{ host: "127.0.0.1", port: 9, security: "none", from: "a@example.com" },
    login: { user: "u", password: file },
  };
  const refused: readonly (readonly [Way, Mailer | null])[] = [
    // A file, and somebody's own address to send it to.
    [{ ...own, routingKey: file }, null],
    // A key that is granted for another address; a variable that nobody granted; a signature to guess a password by.
    [PAGERDUTY, null],
    [{ ...own, routingKey: { kind: "env", name: "KEY" } }, null],
    [{ ...HOOK, secret: file }, null],
    [{ kind: "email", to: ["a@example.com"] }, mailer],
    // An address that is a secret is posted to, and sent to nobody.
    [{ ...own, routingKey: { kind: "env", name: "SLACK" } }, null],
  ];
  for (const [way, mail] of refused) {
    await assert.rejects(send(way, mail), { code: "secret_not_granted" });
  }
  assert.equal(receiver.requests.length, 0);
  receiver.behaviour = { kind: "answers", status: 200, body: "ok" };
  assert.equal((await send(SLACK)).ok, true);
});

test("a webhook that a configuration names goes inside the network only where the process was started with leave for it", async () => {
  const { port } = new URL(receiver.url);
  const granted: Grant[] = [];
  const courier = createCourier({
    secrets: ownSecrets(env),
    places: grantedPlaces(() => granted),
    nowMs: () => NOW_MS,
  });
  const send = (url: Extract<Way, { kind: "webhook" }>["url"]): Promise<Answer> => {
    const target = {
      ...{ name: "t", way: { ...HOOK, url }, occasions: OCCASIONS, models: [] },
      ...{ templates: {}, giveUpAfterMs: 1 },
    };
    return courier({ notification: NOTIFICATION, target, mail: null, pageUrl: null });
  };
  const inside = [
    ...[`http://127.0.0.1:${port}/x`, `http://localhost:${port}/x`, `http://127.1:${port}/`],
    ...[`http://2130706433:${port}/`, `http://[::1]:${port}/`, `http://[::ffff:7f00:1]:${port}/`],
    ...["http://169.254.169.254/latest/api/token", "https://10.0.0.8/", "https://192.168.1.1/"],
    ...["http://0.0.0.0:80/", "http://[fd00::1]/", "http://[fe80::1]/"],
  ];
  for (const url of inside) {
    await assert.rejects(
      send(url),
      (error: unknown) => {
        assert.ok(error instanceof SlipwayError && error.code === "address_not_granted");
        assert.ok(error.fix?.includes(`--notice-to '${new URL(url).origin}'`), `${error.fix}`);
        return true;
      },
      url,
    );
  }
  // Leave to send a key there, and leave for another port, are none.
  granted.push({ secret: { kind: "env", name: "KEY" }, to: receiver.url });
  granted.push({ secret: null, to: "http://127.0.0.1:1" });
  await assert.rejects(send(`${receiver.url}/x`), { code: "address_not_granted" });
  assert.equal(receiver.requests.length, 0);
  granted.push(
    { secret: null, to: receiver.url },
    { secret: null, to: `http://localhost:${port}` },
  );
  assert.equal((await send(`${receiver.url}/x`)).ok, true);
  assert.equal((await send(`http://localhost:${port}/x`)).ok, true);
  granted.length = 0;
  assert.equal(
    (await send({ kind: "env", name: "SLACK" })).ok,
    true,
    "an address that is a secret",
  );
});

test("PagerDuty gets one alert for each thread, and a test calls and ends at once", async () => {
  receiver.behaviour = { kind: "answers", status: 202, body: '{"status":"success"}' };
  assert.deepEqual(await sent(PAGERDUTY), { ok: true, said: "202 success" });
  await sent(PAGERDUTY, { ...NOTICE, call: "acknowledge" });
  await sent(PAGERDUTY, { ...NOTICE, call: "resolve" });
  const answer = await sent(PAGERDUTY, { ...NOTICE, occasion: "test", thread: "t", call: null });
  assert.equal(answer.said, "202 success, and resolved at once");
  const events = receiver.requests.map(({ path, body }) => ({ path, ...JSON.parse(body) }));
  assert.deepEqual(
    events.map(({ path, routing_key: key, event_action: action, dedup_key: dedup }) => [
      path,
      key,
      action,
      dedup,
    ]),
    [
      ["/v2/enqueue", "routing-key", "trigger", "slipway-page-r1-outage"],
      ["/v2/enqueue", "routing-key", "acknowledge", "slipway-page-r1-outage"],
      ["/v2/enqueue", "routing-key", "resolve", "slipway-page-r1-outage"],
      ["/v2/enqueue", "routing-key", "trigger", "slipway-t"],
      ["/v2/enqueue", "routing-key", "resolve", "slipway-t"],
    ],
  );
  const { payload } = events[0] ?? {};
  assert.deepEqual(
    [payload.severity, payload.source, payload.timestamp],
    ["critical", "m", "2026-01-01T00:00:00.000Z"],
  );
});

test("Slack has taken it only where it says ok, and what people wrote calls no channel", async () => {
  receiver.behaviour = { kind: "answers", status: 200, body: "ok" };
  assert.deepEqual(await sent(SLACK), { ok: true, said: "200 ok" });
  const body = receiver.requests[0]?.body ?? "";
  assert.doesNotMatch(body, /<!channel>/);
  assert.match(body, /&lt;!channel&gt;/);
  receiver.behaviour = { kind: "answers", status: 403, body: "invalid_token" };
  assert.match((await sent(SLACK)).said, /^403, Slack says invalid_token/);
});

test("what is no proper answer is a failure, is never followed, and is never shown", async () => {
  const html = { "content-type": "text/html" };
  const cases: readonly (readonly [Way, HookBehaviour, RegExp])[] = [
    [
      HOOK,
      { kind: "answers", status: 500, body: "PRIVATE", headers: html },
      /^500, 7 bytes of text\/html$/,
    ],
    [
      HOOK,
      { kind: "answers", status: 302, headers: { location: `${receiver.url}/elsewhere` } },
      /^302, redirects are not followed, no body$/,
    ],
    [HOOK, { kind: "silent" }, /^no whole answer within 0.4 s$/],
    [HOOK, { kind: "breaks-off" }, /^the connection broke before the whole answer was there$/],
    [HOOK, { kind: "resets" }, /^the connection broke before the whole answer was there$/],
    [
      SLACK,
      { kind: "answers", status: 200, body: "<html>PRIVATE", headers: html },
      /^200, this is not Slack's answer, 13 bytes of text\/html$/,
    ],
    [SLACK, { kind: "floods" }, /^200, this is not Slack's answer, \d+ bytes$/],
    [PAGERDUTY, { kind: "answers", status: 200, body: '{"status":"success"}' }, /^200, /],
    [
      PAGERDUTY,
      { kind: "answers", status: 202, body: "PRIVATE" },
      /^202, this is not PagerDuty's answer/,
    ],
  ];
  for (const [way, behaviour, said] of cases) {
    receiver.behaviour = behaviour;
    const answer = await sent(way);
    assert.equal(answer.ok, false);
    assert.match(answer.said, said);
  }
  assert.ok(receiver.requests.every(({ path }) => path !== "/elsewhere"));
});

test("what one message is refused for says nothing of the others, and Retry-After is read in both its forms", async () => {
  const answerTo = async (status: number, retryAfter: string): Promise<Answer> => {
    receiver.behaviour = { kind: "answers", status, headers: { "retry-after": retryAfter } };
    return await sent(HOOK);
  };
  const bad = await answerTo(400, "x");
  assert.deepEqual(bad.ok === false && [bad.isOfReceiver, bad.retryAfterMs], [false, null]);
  const busy = await answerTo(429, "120");
  assert.deepEqual(busy.ok === false && [busy.isOfReceiver, busy.retryAfterMs], [true, 120_000]);
  const dated = await answerTo(503, new Date(Date.now() + 60_000).toUTCString());
  assert.ok(dated.ok === false && dated.retryAfterMs !== null);
  assert.ok(dated.retryAfterMs > 0 && dated.retryAfterMs <= 60_000);
});
