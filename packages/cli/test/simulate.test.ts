// slipway simulate: scenarios by name and from files, the policy and the traffic that it runs them with, its story, its
// summary and its exit codes.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { catalogue } from "@slipway/simulator/edge";
import { scratch, slipway } from "./slipway.ts";

type After = { after: (clean: () => void) => void };

const BROKEN = `about: Half of the candidate's requests fail.
cause: errors
expect: stopped
traffic: {requests-per-minute: 300, hours: 1}
faults:
  - {kind: errors, rate: 50%}
`;

function fileOf(t: After, name: string, text: string): string {
  const path = join(
    scratch((clean) => t.after(clean)),
    name,
  );
  writeFileSync(path, text);
  return path;
}

/** A request every `gapMs`, for a minute, and none in the next. */
function traceOf(gapMs: number): string {
  const lines = Array.from({ length: 60_000 / gapMs }, (_, index) => {
    const at = new Date(Date.UTC(2023, 10, 16, 18, 0, 0, index * gapMs));
    return `${at.toISOString().replace("T", " ").replace("Z", "0000")},100,10\n`;
  });
  return `TIMESTAMP,ContextTokens,GeneratedTokens\n${lines.join("")}2023-11-16 18:01:59.0000000,100,10\n`;
}

describe("slipway simulate", () => {
  test("names every scenario of the catalogue, what happens, and how it ought to end", async () => {
    const { code, out } = await slipway(["simulate", "--list"]);
    assert.equal(code, 0);
    for (const { name, about } of catalogue()) assert.ok(out.includes(`${name}\n  ${about}\n`));
    assert.match(out, /cause: errors; ought to be stopped before half/);
  });

  test("tells a scenario of one's own as a story, and says whether it came as expected", async (t) => {
    const file = fileOf(t, "broken.yaml", BROKEN);
    const report = join(file, "..", "report.html");
    const { code, out, err } = await slipway(["simulate", file, "--report", report]);
    assert.equal(code, 0, err);
    assert.match(readFileSync(report, "utf8"), /^<!doctype html>.*<h1>broken<\/h1>/s);
    for (const line of [
      /^broken: Half of the candidate's requests fail\.$/m,
      /^seed 1, 1 hour, by the defaults; simulated on counts$/m,
      /^ {2}0:00:00 {2}advanced to 5% {2}started$/m,
      /rolled back {5}error ratio at least .* limit 1x; evidence/,
      /^ended {7}rolled back after .* by errors$/m,
      /^candidate {3}[\d,]+ requests, \d+ harmed beyond what stable harms$/m,
      /and so it came/,
    ]) {
      assert.match(out, line);
    }
  });

  test("fails where the end is another than the scenario expects, the same seed alike each time", async (t) => {
    const file = fileOf(t, "wrong.yaml", BROKEN.replace("stopped", "completed"));
    const once = await slipway(["simulate", file, "--seed", "7", "--json"]);
    const again = await slipway(["simulate", file, "--seed", "7", "--json"]);
    assert.equal(once.code, 1);
    assert.equal(once.out, again.out);
    const view = JSON.parse(once.out);
    assert.equal(view.asExpected, false);
    assert.equal(view.end, "rolled-back");
    assert.equal(view.guard, "errors");
    assert.ok(view.harmed > 0 && view.harmed < view.requests);
  });

  test("shows it as rollout watch would, with simulated times, and then tells it", async (t) => {
    const file = fileOf(t, "broken.yaml", BROKEN);
    const { code, out, err } = await slipway(["simulate", file, "--live", "--speed", "6000"]);
    assert.equal(code, 0, err);
    const [watched = "", told = ""] = out.split(/^(?=broken: )/m);
    assert.match(watched, /^1970-01-01T00:00:00.000Z .* broken stable → candidate: started: /m);
    assert.match(watched, /: rolled back: error ratio at least /);
    assert.match(told, /^ended {7}rolled back after .* by errors$/m);
    const both = await slipway(["simulate", file, "--live", "--json"]);
    assert.equal(both.code, 2);
    assert.equal((await slipway(["simulate", file, "--live", "--seeds", "2"])).code, 2);
  });

  test("decides by the policy that it is given", async (t) => {
    const file = fileOf(t, "broken.yaml", BROKEN);
    const policy = fileOf(
      t,
      "policy.yaml",
      `stages:
  - {share: 40%, hold: 2m, min-requests: 10}
  - {share: 100%}
guards:
  errors: {metric: errors, test: threshold, difference: 90%, min-requests: 10}
`,
    );
    const { out } = await slipway(["simulate", file, "--policy", policy, "--hours", "0.2"]);
    assert.match(out, /advanced to 40% +started/);
    assert.match(out, /by .*policy\.yaml; simulated/);
    assert.doesNotMatch(out, /^ended +rolled back/m);
  });
});

describe("slipway simulate with other seeds, hours and traffic", () => {
  test("sums up several seeds, and names those that ended otherwise", async (t) => {
    const file = fileOf(t, "broken.yaml", BROKEN);
    const { code, out } = await slipway(["simulate", file, "--seeds", "3"]);
    assert.equal(code, 0);
    assert.match(out, /^ended {7}3 rolled back \(errors 3\)$/m);
    assert.match(out, /^taken back {2}[\d.]+ min in the median, [\d.]+ in the 90th percentile$/m);
    assert.match(out, /so it came in 3 of 3$/m);
  });

  test("does not take for stopped what was only not over", async (t) => {
    const file = fileOf(t, "broken.yaml", BROKEN.replace("50%", "0.001%"));
    const { code, out } = await slipway(["simulate", file, "--hours", "0.1"]);
    assert.match(out, /^ended {7}not over after 6 min/m);
    assert.equal(code, 1);
  });

  test("runs on the recorded rate of a trace, scaled to the scenario's own", async (t) => {
    const file = fileOf(t, "broken.yaml", BROKEN.replace("50%", "0.001%"));
    const trace = fileOf(t, "trace.csv", traceOf(100));
    const args = ["simulate", file, "--hours", "0.2", "--json"];
    const plain = JSON.parse((await slipway(args)).out);
    const recorded = JSON.parse((await slipway([...args, "--traffic", trace])).out);
    assert.equal(recorded.traffic, trace);
    assert.notEqual(recorded.requests, plain.requests);
    assert.ok(Math.abs(recorded.requests / plain.requests - 1) < 0.25);
  });
});

describe("slipway simulate refuses", () => {
  test("a scenario with mistakes, each with its place, and changes nothing", async (t) => {
    const file = fileOf(t, "bad.yaml", BROKEN.replace("kind: errors", "kind: erors"));
    const { code, err, out } = await slipway(["simulate", file]);
    assert.equal(code, 2);
    assert.equal(out, "");
    assert.match(err, /bad\.yaml:6:\d+: /);
    const json = await slipway(["simulate", file, "--json"]);
    assert.equal(JSON.parse(json.err).error.code, "scenario_invalid");
  });

  test("names and files that are not there, and a trace that is none", async (t) => {
    const unknown = await slipway(["simulate", "nonsense"]);
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /there is no scenario nonsense\n.*--list/);
    const missing = await slipway(["simulate", "nowhere/x.yaml"]);
    assert.equal(missing.code, 2);
    assert.match(missing.err, /there is no nowhere\/x\.yaml/);
    const trace = fileOf(t, "trace.csv", "a,b\n");
    const broken = await slipway(["simulate", "healthy-equal", "--traffic", trace]);
    assert.equal(broken.code, 2);
    assert.match(broken.err, /trace\.csv:1:1: the first line is not/);
    assert.equal((await slipway(["simulate"])).code, 2);
  });

  test("to choose between the models of a file", async (t) => {
    const model = (name: string): string =>
      `  ${name}:\n    stable: a\n    versions: {a: {upstreams: [{url: "http://127.0.0.1:9/v1"}]}}\n`;
    const policy = fileOf(t, "slipway.yaml", `models:\n${model("one")}${model("two")}`);
    const args = ["simulate", "healthy-equal", "--policy", policy];
    const several = await slipway(args);
    assert.equal(several.code, 2);
    assert.match(several.err, /several models\n.*--model: one, two/);
    const other = await slipway([...args, "--model", "three"]);
    assert.match(other.err, /has no model three/);
  });
});
