// The soak gate against a simulated server in virtual time: a planted leak is caught by its slope.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gates, metricIn, metricsUrlOf } from "@slipway/preflight";
import type { SoakGate } from "@slipway/wire/config";
import { ran } from "./simulated.ts";

const SETTINGS: SoakGate = {
  traffic: {
    peakPerSecond: 4,
    share: 1,
    lengths: { promptTokens: 50, outputTokens: 10, spread: 0.3 },
    trace: null,
    arrivals: "poisson",
  },
  level: 0.5,
  lengthMs: 900_000,
  uptimeMs: 7 * 86_400_000,
  errorsMax: 0.02,
  falseAlarmMax: 0.01,
  metricsUrl: null,
  metric: "process_resident_memory_bytes",
  memoryMiBMax: null,
  timeoutMs: 30_000,
  lagMsMax: 100,
  ignoreEos: null,
  budget: null,
};

test("a steady server passes, with the smallest growth that would have shown", async () => {
  const found = await ran(gates.soak, { ...SETTINGS, uptimeMs: 3_600_000 });
  assert.equal(found.outcome, "pass", found.because);
  assert.match(found.because, /memory at sim \(.* MiB an hour would have shown\)/);
});

test("a soak too short for the uptime that is asked for cannot tell", async () => {
  const found = await ran(gates.soak, SETTINGS);
  assert.equal(found.outcome, "inconclusive", found.because);
  assert.match(
    found.because,
    /MiB an hour of memory at sim need not have shown, and reach its limit/,
  );
});

test("a leak of the server is caught by its growth", async () => {
  const faults = [{ kind: "leak", bytesPerRequest: 100_000 }] as const;
  const found = await ran(gates.soak, SETTINGS, { faults });
  assert.equal(found.outcome, "fail", found.because);
  assert.match(found.because, /^memory at sim grows by \d+ MiB an hour: from .* to its limit/);
});

test("errors under a steady load are caught", async () => {
  const faults = [{ kind: "errors", rate: 0.1, status: 500 }] as const;
  const found = await ran(gates.soak, SETTINGS, { faults });
  assert.equal(found.outcome, "fail");
  assert.match(found.because, /of the requests failed under a steady load \(limit 2%\)/);
});

test("memory that nobody tells is said, and is no pass where it was asked for", async () => {
  const quiet = await ran(gates.soak, { ...SETTINGS, metric: "another_bytes" });
  assert.equal(quiet.outcome, "pass", quiet.because);
  assert.match(
    quiet.because,
    /the memory was not seen: GET http:\/\/sim\/metrics tells no another_bytes/,
  );
  const asked = await ran(gates.soak, {
    ...SETTINGS,
    metric: "another_bytes",
    memoryMiBMax: 4_000,
  });
  assert.equal(asked.outcome, "inconclusive");
});

test("a metric is read as Prometheus writes it, with labels and times", () => {
  const text = '# TYPE m gauge\nm{a="x y"} 2e3\nm{a="z"} 5 1700000000000\nmm 7\n';
  assert.equal(metricIn(text, "m"), 2_005);
  assert.equal(metricIn(text, "n"), null);
  assert.equal(metricsUrlOf({ baseUrl: "http://h:1/a/v1" }), "http://h:1/a/metrics");
});
