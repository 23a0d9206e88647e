// slipway preflight as a person runs it: real files, a real suite, exit codes.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { GateResult } from "@slipway/core";
import { type Ran, scratch, slipway } from "../slipway.ts";

function file(preflight: string): string {
  const version = (id: string): string =>
    `      ${id}:\n        upstreams: [{ url: "http://127.0.0.1:9/${id}/v1" }]\n`;
  return `models:\n  coder:\n    stable: v1\n    versions:\n${version("v1")}${version("v2")}${preflight}`;
}

const COMMAND = (line: string): string =>
  `    preflight:\n      required: [command]\n      command:\n        run: ${line}\n`;

/** Nobody keeps the evidence. */
const env = { SLIPWAY_CONTROLLER: "http://127.0.0.1:9" };

function flown(t: TestContext, text: string, ...args: readonly string[]): Promise<Ran> {
  const cwd = scratch((clean) => t.after(clean));
  writeFileSync(join(cwd, "slipway.yaml"), text);
  return slipway(["preflight", "coder", "--to", "v2", ...args], { cwd, env });
}

test("a suite that passes lets the preflight pass, with its numbers", async (t) => {
  const { code, out } = await flown(t, file(COMMAND("'test \"$SLIPWAY_MODEL\" = v2'")));
  assert.equal(code, 0);
  assert.match(out, /coder: v1 → v2\n\n {2}command: pass: test .* ended with exit code 0/);
  assert.match(out, /exit code +0 +limit 0\n/);
  assert.match(out, /preflight passed: 1 gate\n$/);
});

test("a suite that fails fails it, and exit code 1 says so", async (t) => {
  const { code, out } = await flown(t, file(COMMAND("echo 2 of 9 broke; exit 7")));
  assert.equal(code, 1);
  assert.match(out, /command: FAIL: echo .* ended with exit code 7/);
  assert.match(out, /\n {6}\| 2 of 9 broke\n/);
  assert.match(out, /preflight failed: command\n$/);
});

test("--json has the results with the fingerprints of both versions", async (t) => {
  const { code, out } = await flown(t, file(COMMAND("'true'")), "--json");
  assert.equal(code, 0);
  const flight = JSON.parse(out);
  assert.match(flight.from.fingerprint, /^[0-9a-f]{64}$/);
  assert.notEqual(flight.from.fingerprint, flight.to.fingerprint);
  assert.deepEqual(
    flight.gates.map(({ result }: { result: GateResult }) => [result.gate, result.outcome]),
    [["command", "pass"]],
  );
});

test("a model without gates is told how to set one up", async (t) => {
  const { code, err } = await flown(t, file(""));
  assert.equal(code, 2);
  assert.match(err, /no gate is set up for coder in slipway.yaml/);
});

test("a gate that is required and not set up is an error with its place", async (t) => {
  const { code, err } = await flown(t, file("    preflight:\n      required: [command]\n"));
  assert.equal(code, 2);
  assert.match(err, /slipway.yaml:10:18: .*the gate command is required, and not set up/);
});
