// What an upstream can do wrong, on real sockets, for either arm, streamed and not: what the user gets, and what is
// counted. One row a case; the two right columns are the expectation.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Route } from "@slipway/core";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, type LiveGateway, liveGateway, rowsOf, until } from "./live-gateway.ts";
import {
  deadPort,
  type Script,
  type ScriptedUpstream,
  scriptedUpstream,
} from "./scripted-upstream.ts";

const CASES = `
candidate refused           | whole    | 200 stable's answer       | candidate connect, spared
candidate refused           | streamed | 200 stable's answer       | candidate connect, spared
stable refused              | whole    | 502 upstream_unreachable  | stable connect
stable refused              | streamed | 502 upstream_unreachable  | stable connect
candidate reset             | whole    | 200 stable's answer       | candidate connect, spared
candidate reset             | streamed | 200 stable's answer       | candidate connect, spared
stable reset                | whole    | 502 upstream_unreachable  | stable connect
stable reset                | streamed | 502 upstream_unreachable  | stable connect
candidate 400               | whole    | 200 stable's answer       | candidate incompatible, spared
candidate 400               | streamed | 200 stable's answer       | candidate incompatible, spared
stable 400                  | whole    | 400 the upstream's error  | stable client_error
stable 400                  | streamed | 400 the upstream's error  | stable client_error
candidate 404               | whole    | 200 stable's answer       | candidate incompatible, spared
candidate 404               | streamed | 200 stable's answer       | candidate incompatible, spared
stable 404                  | whole    | 404 the upstream's error  | stable client_error
stable 404                  | streamed | 404 the upstream's error  | stable client_error
candidate 429               | whole    | 200 stable's answer       | candidate rate_limited, spared
candidate 429               | streamed | 200 stable's answer       | candidate rate_limited, spared
stable 429                  | whole    | 429 the upstream's error  | stable rate_limited
stable 429                  | streamed | 429 the upstream's error  | stable rate_limited
candidate 500               | whole    | 200 stable's answer       | candidate server_error, spared
candidate 500               | streamed | 200 stable's answer       | candidate server_error, spared
stable 500                  | whole    | 500 the upstream's error  | stable server_error
stable 500                  | streamed | 500 the upstream's error  | stable server_error
candidate 502-html          | whole    | 200 stable's answer       | candidate server_error, spared
candidate 502-html          | streamed | 200 stable's answer       | candidate server_error, spared
stable 502-html             | whole    | 502 the HTML              | stable server_error
stable 502-html             | streamed | 502 the HTML              | stable server_error
candidate empty             | whole    | 200 stable's answer       | candidate invalid, spared
candidate empty             | streamed | 200 stable's answer       | candidate invalid, spared
stable empty                | whole    | 200 nothing               | stable invalid
stable empty                | streamed | 200 nothing               | stable invalid
candidate invalid-json      | whole    | 200 the broken JSON       | candidate invalid
candidate invalid-json      | streamed | 200 the broken JSON       | candidate invalid
stable invalid-json         | whole    | 200 the broken JSON       | stable invalid
stable invalid-json         | streamed | 200 the broken JSON       | stable invalid
candidate truncated         | whole    | 200 cut off               | candidate truncated
candidate truncated         | streamed | 200 upstream_broke_off    | candidate truncated
stable truncated            | whole    | 200 cut off               | stable truncated
stable truncated            | streamed | 200 upstream_broke_off    | stable truncated
candidate error-event       | whole    | 200 the error event       | candidate invalid
candidate error-event       | streamed | 200 the error event       | candidate stream_error
stable error-event          | whole    | 200 the error event       | stable invalid
stable error-event          | streamed | 200 the error event       | stable stream_error
candidate stall             | whole    | 200 stable's answer       | candidate timeout, spared
candidate stall             | streamed | 200 stable's answer       | candidate timeout, spared
stable stall                | whole    | 504 upstream_timeout      | stable timeout
stable stall                | streamed | 504 upstream_timeout      | stable timeout
candidate stall-after-first | whole    | 200 cut off               | candidate timeout
candidate stall-after-first | streamed | 200 upstream_timeout      | candidate timeout
stable stall-after-first    | whole    | 200 cut off               | stable timeout
stable stall-after-first    | streamed | 200 upstream_timeout      | stable timeout
`;

const FAULTS: readonly (Script | "refused")[] = [
  "refused",
  "reset",
  "400",
  "404",
  "429",
  "500",
  "502-html",
  "empty",
  "invalid-json",
  "truncated",
  "error-event",
  "stall",
  "stall-after-first",
];

/** Long enough for a machine under load, since every case but a stall ends by itself. */
const DEADLINE_MS = 3_000;

let live: LiveGateway;
const upstreams: ScriptedUpstream[] = [];

async function routesOf(fault: Script | "refused"): Promise<readonly Route[]> {
  const good = await scriptedUpstream("stable says hi");
  const bad = await scriptedUpstream("never");
  upstreams.push(good, bad);
  if (fault !== "refused") bad.script = fault;
  const badUrl = fault === "refused" ? `http://127.0.0.1:${await deadPort()}/v1` : bad.url;
  const goodVersion = versionOf("good", upstreamOf({ id: "g", url: good.url, pool: "one" }));
  const badVersion = versionOf("bad", upstreamOf({ id: "b", url: badUrl, pool: "two" }));
  const evidence = {
    tickMs: 60_000,
    horizonMs: 600_000,
    segments: [{ name: "case", header: "x-case", field: null, detect: null }],
  };
  return [
    routeOf({
      model: `candidate ${fault}`,
      stable: goodVersion,
      split: { ...splitOf(10_000, badVersion), rolloutId: `candidate ${fault}` },
      evidence,
      deadlineMs: DEADLINE_MS,
    }),
    routeOf({
      model: `stable ${fault}`,
      stable: badVersion,
      split: { ...splitOf(0, goodVersion), rolloutId: `stable ${fault}` },
      evidence,
      deadlineMs: DEADLINE_MS / 2,
    }),
  ];
}

before(async () => {
  const routes = await Promise.all(FAULTS.map(routesOf));
  live = await liveGateway(tableOf(1, ...routes.flat()));
  await healthy(live.base);
});

after(async () => {
  await live.close();
  await Promise.all(upstreams.map((upstream) => upstream.close()));
});

async function userGets(model: string, streamed: boolean): Promise<string> {
  const answer = await fetch(`${live.base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-user": "ann", "x-case": caseName(streamed) },
    body: JSON.stringify({ model, stream: streamed, messages: [] }),
  });
  try {
    return `${answer.status} ${bodyOf(await answer.text())}`;
  } catch {
    return `${answer.status} cut off`;
  }
}

function bodyOf(text: string): string {
  if (text === "") return "nothing";
  if (text.includes("engine died")) return "the error event";
  if (text.includes("stable")) return "stable's answer";
  if (text.includes("<html>")) return "the HTML";
  if (text.includes("scripted")) return "the upstream's error";
  if (text.includes("oops")) return "the broken JSON";
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  return code ?? `what came: ${text}`;
}

const caseName = (streamed: boolean): string => (streamed ? "streamed" : "whole");

function counted(rollout: string, streamed: boolean): string {
  const rows = rowsOf(live.controller).filter(
    (row) => row.rolloutId === rollout && row.segment === caseName(streamed),
  );
  const texts = rows.map((row) => {
    const outcomes = Object.entries(row.outcomes).map(
      ([outcome, n]) => `${outcome}${n === 1 ? "" : n}`,
    );
    return `${row.arm} ${outcomes.join("+")}${row.spared > 0 ? ", spared" : ""}`;
  });
  return texts.join("; ");
}

test("each fault, each arm: what the user gets, and what is counted", async () => {
  const cases = FAULTS.flatMap((fault) =>
    ["candidate", "stable"].flatMap((arm) =>
      [false, true].map((streamed) => ({ model: `${arm} ${fault}`, streamed })),
    ),
  );
  const got = await Promise.all(cases.map((c) => userGets(c.model, c.streamed)));
  const judged = (): number => rowsOf(live.controller).reduce((sum, row) => sum + row.judged, 0);
  await until(() => judged() === cases.length);
  const lines = cases.map(({ model, streamed }, index) =>
    [
      model.padEnd(28),
      caseName(streamed).padEnd(9),
      (got[index] ?? "").padEnd(26),
      counted(model, streamed),
    ].join("| "),
  );
  assert.equal(`\n${lines.join("\n")}\n`, CASES);
});
