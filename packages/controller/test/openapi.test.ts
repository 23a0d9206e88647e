// The OpenAPI document that is checked in is the one that the controller serves. UPDATE_GOLDEN=1 writes it.
// Imported first, because schemas made before the OpenAPI extension is loaded must work too.
import "@slipway/wire";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { createController, createMemoryStore, readingsOf } from "@slipway/controller";
import { createApi } from "@slipway/controller/edge";
import { FakeClock } from "./fake-clock.ts";
import { sha256 } from "./fake-world.ts";

const FILE = new URL("../openapi.json", import.meta.url);

test("openapi.json is current", async () => {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const store = createMemoryStore("store-1");
  const controller = createController({
    clock: new FakeClock(),
    ids: { next: () => "id" },
    digest: sha256,
    log,
    store,
  });
  const readings = readingsOf(store, sha256);
  const { signal } = new AbortController();
  const api = createApi(
    { controller, log, readings, metrics: async () => "", closing: signal },
    undefined,
  );
  const response = await api.request("http://localhost/openapi.json", {
    headers: { host: "localhost" },
  });
  assert.equal(response.status, 200);
  const document: { openapi?: string; paths?: object } = JSON.parse(await response.text());
  assert.equal(document.openapi, "3.1.0");
  assert.equal(Object.keys(document.paths ?? {}).length, 49);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(FILE, text);
  assert.equal(text, readFileSync(FILE, "utf8"));
});
