// The status page when its controller is killed: it is still served, and says that it has heard nothing.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratch, start, until } from "../slipway.ts";

const MINUTE_MS = 60_000;

test("a page whose controller was killed is served, and says that it is stale", async (t) => {
  const folder = scratch((clean) => t.after(clean));
  const dir = join(folder, "status");
  const controller = start(
    ["controller", "--port", "0", "--data-dir", join(folder, "controller"), "--status-dir", dir],
    { cwd: folder },
  );
  t.after(() => controller.child.kill("SIGKILL"));
  const site = start(["status", "serve", "--port", "0", "--dir", dir], { cwd: folder });
  t.after(() => site.child.kill("SIGKILL"));
  const url = await until("the page is served", () => {
    return /http:\/\/127\.0\.0\.1:\d+/.exec(site.said().out)?.[0] ?? null;
  });
  await until("it is published", async () => ((await fetch(`${url}/health`)).ok ? true : null));
  const fresh = await (await fetch(`${url}/en/`)).text();
  assert.match(fresh, /All systems operational[\s\S]*No incidents have been reported/);
  assert.match(fresh, /id="stale" hidden/);

  controller.child.kill("SIGKILL");
  // As if three minutes and more had passed since the controller's last word.
  const stamp = join(dir, "freshness.json");
  const { atMs }: { readonly atMs: number } = JSON.parse(readFileSync(stamp, "utf8"));
  writeFileSync(stamp, JSON.stringify({ atMs: atMs - 10 * MINUTE_MS }));
  const answer = await fetch(`${url}/en/`);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /id="stale" role="status"><p>This page may be out of date/);
  assert.equal((await fetch(`${url}/health`)).status, 503);
});
