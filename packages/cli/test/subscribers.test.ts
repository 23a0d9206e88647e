// Subscriptions on the command line: the page's server takes them by slipway.yaml, and whoever runs it sees them.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { createPublisher } from "@slipway/status/edge";
import { type Running, scratch, slipway, start, until } from "./slipway.ts";

const CONFIG = `
models:
  chat: {stable: a, versions: {a: {upstreams: [{url: http://127.0.0.1:9/v1}]}}}
status: {url: https://status.example.com}
mail: {host: 127.0.0.1, port: 9, security: none, from: status@example.com}
subscriptions: {}
`;
const PAGE = {
  ...{
    title: "Status",
    url: "https://status.example.com",
    contact: null,
    indicator: "none" as const,
  },
  ...{ sinceMs: 0, updatedAtMs: 0, components: [], incidents: [], maintenances: [] },
};

function served({ said }: Running): Promise<string> {
  return until(
    "the page is served",
    () => /(http:\/\/127\.0\.0\.1:\d+)/.exec(said().out)?.[1] ?? null,
  );
}

async function serving(
  config: string,
  work: (url: string, running: Running, cwd: string) => Promise<void>,
): Promise<void> {
  const cwd = scratch(after);
  writeFileSync(join(cwd, "slipway.yaml"), config);
  await createPublisher(join(cwd, ".slipway/status"))(PAGE, Date.now());
  const running = start(["status", "serve", "--port", "0", "--config", "slipway.yaml"], { cwd });
  try {
    await work(await served(running), running, cwd);
  } finally {
    running.child.kill();
    await running.ended;
  }
}

test("readers subscribe at the page's server, and whoever runs it lists and forgets them", async () => {
  await serving(CONFIG, async (url, _, cwd) => {
    const body = new URLSearchParams({ way: "email", address: "ann@example.com" });
    const response = await fetch(`${url}/en/subscribe/`, { method: "POST", body });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /a message is on its way/);
    const args = ["status", "subscribers", "--subscribers", join(cwd, ".slipway/subscribers")];
    const listed: readonly object[] = JSON.parse((await slipway([...args, "--json"])).out);
    assert.equal(listed.length, 1);
    assert.ok(listed.every((one) => !("token" in one || "secret" in one)));
    assert.match((await slipway(args)).out, /^BY .*\nemail +ann@example\.com +asked +.* all\n$/);
    const removed = await slipway([...args, "--remove", "ann@example.com"]);
    assert.equal(removed.out, "nobody has subscribed\n");
    assert.equal((await slipway([...args, "--remove", "ann@example.com"])).code, 2);
  });
});

test("a slipway.yaml that is wrong keeps nobody from the page, and it says why nobody can subscribe", async () => {
  await serving("models: {}\nsubscriptions: {}\n", async (url, { said }, cwd) => {
    assert.equal((await fetch(`${url}/en/`)).status, 200);
    assert.equal((await fetch(`${url}/en/subscribe/`)).status, 404);
    assert.match(said().err, /readers cannot subscribe/);
    const folder = join(cwd, ".slipway/subscribers");
    const { code, err } = await slipway(["status", "subscribers", "--subscribers", folder]);
    assert.deepEqual([code, existsSync(folder)], [2, false]);
    assert.match(err, /no page's server keeps subscribers in /);
  });
});
