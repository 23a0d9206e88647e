// Subscribing to the status page: asked, confirmed by whoever has the message, told of each update once, and ended by one
// click. A mail server and a receiver of webhooks on this machine stand for the readers.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { StatusPage } from "@slipway/core";
import { ownSecrets } from "@slipway/delivery/edge";
import { createSubscriptions, SubscriberDatabase, serveStatus } from "@slipway/status/edge";
import { AT_MS, OPEN, PAGE } from "./page-fixture.ts";
import { HOUR_MS, pageWith, type Reader, withReader } from "./reader.ts";

test("nobody is told anything before they have confirmed, and opening the link alone confirms nothing", async () => {
  await withReader(async (reader) => {
    assert.equal(await reader.asks("email", "ann@example.com"), 200);
    assert.deepEqual(reader.subjects(), [
      "ann@example.com Confirm your subscription to Example status",
    ]);
    const link = reader.link();
    const opened = await reader.fetch(link);
    assert.match(opened.text, /Yes, send me updates/);
    assert.match(opened.headers.get("content-security-policy") ?? "", /form-action 'self'/);
    await reader.shows(pageWith(1));
    await reader.look();
    assert.equal(reader.mails.taken.length, 1);
    await reader.fetch(link, { act: "confirm" });
    await reader.shows(pageWith(2));
    await reader.look();
    assert.equal(reader.mails.taken.length, 2);
  });
});

test("each update reaches each reader once, however often anybody looks and whoever restarts", async () => {
  await withReader(async (reader) => {
    await reader.subscribed("ann@example.com");
    await reader.subscribed("bob@example.com");
    for (const updates of [1, 1, 2, 2]) {
      await reader.shows(pageWith(updates));
      await reader.look();
      await reader.restart();
      await reader.look();
    }
    assert.deepEqual(reader.subjects().toSorted(), [
      "ann@example.com [Example status] Identified: Code completion: slow or failed answers",
      "ann@example.com [Example status] Investigating: Code completion: slow or failed answers",
      "bob@example.com [Example status] Identified: Code completion: slow or failed answers",
      "bob@example.com [Example status] Investigating: Code completion: slow or failed answers",
    ]);
  });
});

test("who chose components hears of those alone", async () => {
  await withReader(async (reader) => {
    await reader.subscribed("chat@example.com", { component: "chat" });
    await reader.subscribed("code@example.com", { component: "completions" });
    await reader.shows(pageWith(1));
    await reader.look();
    assert.equal(reader.mails.taken.length, 1);
    assert.match(reader.subjects()[0] ?? "", /^code@example\.com /);
  });
});

test("a mail program unsubscribes by one click, and nothing more is sent", async () => {
  await withReader(async (reader) => {
    await reader.subscribed("ann@example.com");
    await reader.shows(pageWith(1));
    await reader.look();
    const data = (reader.mails.taken[0]?.data ?? "").replace(/\r\n[ \t]+/g, "");
    assert.match(data, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m);
    const url =
      /^List-Unsubscribe: ?<https:\/\/status\.example\.com(\/[^>]*)>$/m.exec(data)?.[1] ??
      assert.fail(data);
    const { status } = await reader.fetch(url, { "List-Unsubscribe": "One-Click" });
    assert.equal(status, 200);
    await reader.shows(pageWith(2));
    await reader.look();
    assert.equal(reader.mails.taken.length, 1);
    assert.equal((await reader.fetch(url)).status, 404);
  });
});

test("readers are written to in the language that they subscribed in", async () => {
  await withReader(async (reader) => {
    await reader.fetch("/ko/subscribe/", { way: "email", address: "ann@example.com" });
    await reader.look();
    const link = reader.link();
    assert.match(link, /^\/ko\/subscription\//);
    const opened = await reader.fetch(link);
    assert.match(opened.text, /<html lang="ko">/);
    assert.match(opened.text, /네, 업데이트를 받겠습니다/);
  });
});

test("a webhook is confirmed by what was sent to it, then signed, in Statuspage's shape", async () => {
  await withReader(async (reader) => {
    assert.equal(await reader.asks("webhook", `${reader.hooks.url}/hook`), 200);
    const [question] = reader.hooks.requests;
    const { subscription } = JSON.parse(question?.body ?? "{}");
    const link = String(subscription.confirm).replace("https://status.example.com", "");
    const { text } = await reader.fetch(link, { act: "confirm" });
    const secret = /whsec_[A-Za-z0-9+/=]+/.exec(text)?.[0] ?? assert.fail(text);
    await reader.shows(pageWith(1));
    await reader.look();
    const told = reader.hooks.requests[1] ?? assert.fail("not told");
    const value = JSON.parse(told.body);
    assert.deepEqual([value.page.status_indicator, value.incident.id], [PAGE.indicator, OPEN.id]);
    assert.equal(value.meta.unsubscribe, subscription.confirm);
    const {
      "webhook-id": id,
      "webhook-timestamp": at,
      "webhook-signature": signature,
    } = told.headers;
    const key = Buffer.from(secret.slice(6), "base64");
    const expected = createHmac("sha256", key).update(`${id}.${at}.${told.body}`).digest("base64");
    assert.equal(signature, `v1,${expected}`);
  });
});

test("a reader who cannot be reached for an hour gets each update once afterwards, in order", async () => {
  await withReader(async (reader) => {
    await reader.subscribed("ann@example.com");
    reader.mails.verdict = "451 later";
    await reader.shows(pageWith(1));
    for (let minutes = 0; minutes < 60; minutes += 5) {
      reader.nowMs += 300_000;
      if (minutes === 30) await reader.shows(pageWith(2));
      await reader.look();
    }
    assert.equal(reader.mails.taken.length, 0);
    reader.mails.verdict = "250 taken";
    for (let minutes = 0; minutes < 15; minutes += 5) {
      reader.nowMs += 300_000;
      await reader.look();
    }
    assert.deepEqual(
      reader.subjects().map((subject) => /Investigating|Identified/.exec(subject)?.[0]),
      ["Investigating", "Identified"],
    );
  });
});

test("an address that five updates in a row do not reach while others are reached is subscribed no more", async () => {
  await withReader(async (reader) => {
    await reader.subscribed("ann@example.com");
    await reader.subscribed("gone@example.com");
    reader.mails.refused.set("gone@example.com", "550 no such user");
    await fiveUpdatesADayApart(reader);
    assert.match(
      reader.logged.at(-1) ?? "",
      /a subscription by email was ended: 5 updates in a row/,
    );
    assert.ok(reader.logged.every((line) => !line.includes("gone@example.com")));
    assert.deepEqual(addressesKept(reader), ["ann@example.com"]);
  });
});

test("a mail server that takes nothing for days costs no reader their subscription", async () => {
  await withReader(async (reader) => {
    await reader.subscribed("ann@example.com");
    await reader.subscribed("bob@example.com");
    reader.mails.verdict = "554 this sender may send no more";
    await fiveUpdatesADayApart(reader);
    assert.equal(reader.mails.taken.length, 0);
    assert.deepEqual(addressesKept(reader), ["ann@example.com", "bob@example.com"]);
    reader.mails.verdict = "250 taken";
    await reader.shows(updated("back", reader.nowMs));
    await reader.look();
    assert.equal(reader.mails.taken.length, 2);
  });
});

async function fiveUpdatesADayApart(reader: Reader): Promise<void> {
  for (let number = 1; number <= 5; number++) {
    await reader.shows(updated(`u${number}`, reader.nowMs));
    await reader.look();
    reader.nowMs += 25 * HOUR_MS;
    await reader.look();
  }
}

function updated(id: string, atMs: number): StatusPage {
  const [update = assert.fail()] = OPEN.updates;
  return pageWith(1, { updates: [{ ...update, id, atMs }] });
}

function addressesKept(reader: Reader): readonly string[] {
  const database = new SubscriberDatabase(join(reader.dir, "subscribers"));
  try {
    return database.all().map(({ address }) => address);
  } finally {
    database.close();
  }
}

test("a webhook that confirmed although it answered the question with an error is told of the next update", async () => {
  await withReader(async (reader) => {
    reader.hooks.behaviour = { kind: "answers", status: 500 };
    await reader.asks("webhook", `${reader.hooks.url}/hook`);
    const { subscription } = JSON.parse(reader.hooks.requests[0]?.body ?? "{}");
    const link = String(subscription.confirm).replace("https://status.example.com", "");
    await reader.fetch(link, { act: "confirm" });
    reader.hooks.behaviour = { kind: "answers", status: 200 };
    await reader.shows(pageWith(1));
    await reader.look();
    const told = JSON.parse(reader.hooks.requests[1]?.body ?? "{}");
    assert.equal(told.incident?.id, OPEN.id);
  });
});

test("a webhook that does not answer keeps no mail waiting, of this update or of the next", async () => {
  await withReader(async (reader) => {
    await reader.subscribed("ann@example.com");
    await reader.asks("webhook", `${reader.hooks.url}/hook`);
    const { subscription } = JSON.parse(reader.hooks.requests[0]?.body ?? "{}");
    const link = String(subscription.confirm).replace("https://status.example.com", "");
    await reader.fetch(link, { act: "confirm" });
    reader.hooks.behaviour = { kind: "silent" };
    const stop = reader.run();
    for (const updates of [1, 2]) {
      await reader.shows(pageWith(updates));
      while (reader.mails.taken.length < updates) await setTimeout(20);
    }
    assert.equal(reader.hooks.requests.length, 2);
    reader.hooks.letGo();
    await stop();
  });
});

test("subscribers are never kept where everybody can read them", async () => {
  await withReader((reader) => {
    const options = {
      ...{ dir: reader.dir, mail: null, webhooks: true },
      ...{ secrets: ownSecrets({}), nowMs: () => AT_MS },
    };
    for (const subscribersDir of [reader.dir, join(reader.dir, "..kept")]) {
      assert.throws(
        () => createSubscriptions({ ...options, subscribersDir, log: () => {} }),
        /lies in .* and everybody could read who has subscribed/,
      );
    }
    return Promise.resolve();
  });
});

test("what was on the page before anybody subscribed, and what is a day old, is news to nobody", async () => {
  await withReader(async (reader) => {
    await reader.look();
    await reader.subscribed("ann@example.com");
    await reader.look();
    assert.equal(reader.mails.taken.length, 0);
    reader.nowMs += 25 * HOUR_MS;
    await reader.shows(pageWith(2));
    await reader.look();
    assert.equal(reader.mails.taken.length, 0);
  }, pageWith(1));
});

test("strangers can neither find out who has subscribed, nor have an address written to again and again", async () => {
  await withReader(async (reader) => {
    await reader.subscribed("ann@example.com");
    const known = await reader.fetch("/en/subscribe/", {
      way: "email",
      address: "ann@example.com",
    });
    const unknown = await reader.fetch("/en/subscribe/", {
      way: "email",
      address: "eve@example.com",
    });
    assert.equal(known.text, unknown.text);
    for (let times = 0; times < 5; times++) await reader.asks("email", "eve@example.com");
    assert.equal(reader.mails.taken.length, 1);
    const statuses: number[] = [];
    for (let times = 0; times < 10; times++) {
      statuses.push(await reader.asks("email", `eve${times}@example.com`));
    }
    assert.equal(statuses.at(-1), 429);
    reader.nowMs += HOUR_MS + 1;
    assert.equal(await reader.asks("email", "eve-later@example.com"), 200);
  });
});

test("what is no address, no way that is offered, or too long is refused, and written to nobody", async () => {
  await withReader(async (reader) => {
    const wrong = [
      ["email", "ann@example.com\r\nBcc: all@example.com"],
      ["email", "ann"],
      ["email", `${"a".repeat(400)}@example.com`],
      ["webhook", "http://169.254.169.254/latest"],
      ["pigeon", "ann@example.com"],
    ] as const;
    for (const [way, address] of wrong) assert.equal(await reader.asks(way, address), 400);
    const long = await reader.fetch("/en/subscribe/", {
      way: "email",
      address: "x".repeat(20_000),
    });
    assert.equal(long.status, 413);
    assert.deepEqual(reader.mails.taken, []);
  });
});

test("who does not confirm within a day is forgotten", async () => {
  await withReader(async (reader) => {
    await reader.asks("email", "ann@example.com");
    const link = reader.link();
    reader.nowMs += 25 * HOUR_MS;
    await reader.look();
    assert.equal((await reader.fetch(link, { act: "confirm" })).status, 404);
  });
});

test("pages show the way to subscribe on the page's own server alone, and readers' addresses are readable to nobody else", async () => {
  await withReader(async (reader) => {
    const { text } = await reader.fetch("/en/");
    assert.match(text, /<li id="subscribe"><a href="\.\.\/en\/subscribe\/">E-mail or webhook<\/a>/);
    const database = join(reader.dir, "subscribers", "subscribers.db");
    assert.equal(statSync(database).mode & 0o077, 0);
    const form = await reader.fetch("/en/subscribe/");
    assert.match(form.text, /<label for="address">/);
    const plain = await serveStatus({
      dir: join(reader.dir, "page"),
      listen: { host: "127.0.0.1", port: 0 },
      nowMs: () => AT_MS,
    });
    const without = await fetch(`http://127.0.0.1:${plain.port}/en/`);
    assert.match(await without.text(), /<li id="subscribe" hidden>/);
    assert.equal((await fetch(`http://127.0.0.1:${plain.port}/en/subscribe/`)).status, 404);
    await plain.close();
  });
});

test("two servers over the same subscribers send each message once", async () => {
  await withReader(async (reader) => {
    await reader.subscribed("ann@example.com");
    await reader.shows(pageWith(1));
    const other = new SubscriberDatabase(join(reader.dir, "subscribers"));
    await reader.look();
    const claimed = other.due("email", reader.nowMs, 8);
    assert.deepEqual(claimed, []);
    other.close();
    assert.equal(reader.mails.taken.length, 1);
  });
});
