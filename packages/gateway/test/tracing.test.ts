// Traces over OTLP to a real receiver, and what becomes of the client's trace context.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { SLOTS } from "@slipway/core";
import { traceParentOf } from "../src/trace-parent.ts";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, liveGateway } from "./live-gateway.ts";
import { scriptedUpstream } from "./scripted-upstream.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const SENT = `00-${TRACE}-${PARENT}-01`;

type Value = { readonly stringValue?: string; readonly intValue?: number | string };
type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
};
type Export = {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
};

async function receiver(): Promise<{
  readonly url: string;
  readonly spans: Span[];
  readonly close: () => void;
}> {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += String(chunk);
    });
    request.on("end", () => {
      assert.equal(request.url, "/v1/traces");
      const { resourceSpans } = JSON.parse(text) as Export;
      spans.push(...resourceSpans.flatMap((r) => r.scopeSpans.flatMap((scope) => scope.spans)));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, spans, close: () => server.close() };
}

function attributesOf(span: Span | undefined): { readonly [key: string]: unknown } {
  return Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [
      key,
      value.stringValue ?? Number(value.intValue),
    ]),
  );
}

/** `traceparent` and `tracestate` at stable's upstream, call by call. */
type Seen = readonly (readonly [unknown, unknown])[];

/** One request for each of `parents`, whose candidate fails; all spans have been received at the end. */
async function traced(env: object, parents: readonly (string | null)[]): Promise<Seen> {
  const [stable, candidate] = [await scriptedUpstream("stable"), await scriptedUpstream("new")];
  candidate.script = "500";
  const [v1, v2] = [stable, candidate].map(({ url }, i) =>
    versionOf(`v${i + 1}`, upstreamOf({ url, pool: url })),
  );
  assert.ok(v1 && v2);
  const before = { ...process.env };
  Object.assign(process.env, env);
  const live = await liveGateway(tableOf(1, routeOf({ stable: v1, split: splitOf(SLOTS, v2) })));
  await healthy(live.base);
  for (const parent of parents) {
    const headers = parent === null ? {} : { traceparent: parent, tracestate: "vendor=1" };
    const answer = await fetch(`${live.base}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-user": "ann", ...headers },
      body: JSON.stringify({ model: "gpt-5", messages: [] }),
    });
    assert.equal(answer.status, 200);
    await answer.text();
  }
  await live.close();
  process.env = before;
  await Promise.all([stable.close(), candidate.close()]);
  return stable.seen.map(({ headers }) => [headers["traceparent"], headers["tracestate"]] as const);
}

test("off: the client's trace context passes unchanged, also one that is malformed, and none is made", async () => {
  const seen = await traced({}, [SENT, "nonsense", null]);
  assert.deepEqual(seen, [
    [SENT, "vendor=1"],
    ["nonsense", "vendor=1"],
    [undefined, undefined],
  ]);
});

test("on: a request is a span that continues the client's, and each call of an upstream one below it", async () => {
  const { close, spans, url } = await receiver();
  const seen = await traced({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, [SENT]);
  close();
  const server = spans.find(({ kind }) => kind === 2);
  const calls = spans.filter(({ kind }) => kind === 3);
  assert.equal(spans.length, 3);
  assert.deepEqual(
    [server?.traceId, server?.parentSpanId, server?.name],
    [TRACE, PARENT, "chat gpt-5"],
  );
  assert.ok(
    calls.every(
      ({ parentSpanId, traceId }) => parentSpanId === server?.spanId && traceId === TRACE,
    ),
  );
  const ofArm = (arm: string): Span | undefined =>
    calls.find((call) => attributesOf(call)["slipway.arm"] === arm);
  const [failed, answered] = [attributesOf(ofArm("candidate")), attributesOf(ofArm("stable"))];
  assert.deepEqual([failed["error.type"], failed["http.response.status_code"]], ["500", 500]);
  assert.equal(answered["http.response.status_code"], 200);
  const whole = attributesOf(server);
  assert.equal(whole["gen_ai.usage.input_tokens"], 7);
  assert.equal(whole["gen_ai.usage.output_tokens"], 2);
  assert.equal(whole["slipway.rollout"], "r1");
  assert.equal(whole["slipway.version"], "v1");
  assert.deepEqual(seen, [[`00-${TRACE}-${ofArm("stable")?.spanId}-01`, "vendor=1"]]);
});

test("on: what is malformed or absent begins a trace of its own, and an unsampled one is not sent", async () => {
  const { close, spans, url } = await receiver();
  const unsampled = `00-${TRACE}-${PARENT}-00`;
  const seen = await traced({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces` }, [
    "nonsense",
    null,
    unsampled,
  ]);
  close();
  assert.equal(spans.length, 6);
  assert.ok(spans.every(({ traceId }) => traceId !== TRACE));
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 2);
  assert.match(String(seen[0]?.[0]), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.deepEqual([seen[0]?.[1], seen[1]?.[1], seen[2]?.[1]], [undefined, undefined, "vendor=1"]);
  assert.match(String(seen[2]?.[0]), new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
});

test("a trace's parent counts only in the form that the standard gives it", () => {
  const parsed = (...values: readonly string[]): string | null =>
    traceParentOf(values.flatMap((value) => ["TraceParent", value]))?.traceId ?? null;
  assert.equal(parsed(SENT), TRACE);
  assert.equal(parsed(`01-${TRACE}-${PARENT}-01-more`), TRACE);
  const bad = [
    `ff-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${"0".repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}`,
    "",
  ];
  for (const value of bad) assert.equal(parsed(value), null, value);
  assert.equal(parsed(SENT, SENT), null);
});
