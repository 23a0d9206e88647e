// The streams of the API: who may follow, how many, and what it costs when many do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Controller, readingsOf } from "@slipway/controller";
import { createApi } from "@slipway/controller/edge";
import { errorBodySchema } from "@slipway/wire";
import { FakeWorld, sha256 } from "./fake-world.ts";

const LOG = { info: () => {}, warn: () => {}, error: () => {} };

type Served = {
  readonly id: string;
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  /** How often a rollout's view was made. */
  readonly views: () => number;
  readonly close: () => void;
};

async function served(overrides: Partial<Controller> = {}): Promise<Served> {
  const world = await new FakeWorld().open();
  const { id } = await world.start();
  let views = 0;
  const controller: Controller = {
    ...world.controller,
    rollout: (rolloutId) => {
      views++;
      return world.controller.rollout(rolloutId);
    },
    ...overrides,
  };
  const closing = new AbortController();
  const { signal } = closing;
  const api = createApi(
    {
      controller,
      log: LOG,
      readings: readingsOf(world.store, sha256),
      metrics: async () => "",
      closing: signal,
    },
    undefined,
  );
  return {
    id,
    request: async (path, init = {}) =>
      await api.request(`http://localhost${path}`, { ...init, headers: { host: "localhost" } }),
    views: () => views,
    close: () => closing.abort(),
  };
}

async function firstText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  return new TextDecoder().decode(value);
}

test("HEAD on a stream is refused, and leaves nobody listening", async () => {
  let listeners = 0;
  const listen = (): (() => boolean) => {
    listeners++;
    return () => true;
  };
  const { id, request, close } = await served({ onTable: listen, onEntry: listen });
  for (const path of ["/v1/events", "/v1/link/table", `/v1/rollouts/${id}/events`]) {
    const response = await request(path, { method: "HEAD" });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET");
  }
  assert.equal(listeners, 0);
  assert.equal((await request("/v1/models", { method: "HEAD" })).status, 200);
  close();
});

test("all who follow a rollout share one view, and only so many may follow", async () => {
  const { id, request, views, close } = await served();
  const path = `/v1/rollouts/${id}/events`;
  const open: Response[] = [];
  for (let n = 0; n < 200; n++) open.push(await request(path));
  // One for each, to know that the rollout exists, and few for all.
  assert.ok(views() < 200 + 20, `${views()} views`);
  for (const response of open.slice(0, 3).concat(open.slice(-1))) {
    assert.match(await firstText(response), /^event: rollout\ndata: \{/);
  }
  const refused = await request(path);
  assert.equal(refused.status, 503);
  const { error } = errorBodySchema.parse(await refused.json());
  assert.equal(error.code, "too_many_followers");
  await open[0]?.body?.cancel().catch(() => {});
  close();
});

test("who stops following makes room", async () => {
  const { id, request, close } = await served();
  const path = `/v1/rollouts/${id}/events`;
  for (let n = 0; n < 210; n++) {
    const response = await request(path);
    assert.equal(response.status, 200);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
  }
  close();
});
