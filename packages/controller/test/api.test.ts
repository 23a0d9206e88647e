// The control API over real HTTP: the way of a rollout, and every way to be refused.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type RunningController, runController, verifyStore } from "@slipway/controller/edge";
import {
  acknowledgementSchema,
  applyResultSchema,
  errorBodySchema,
  type Frame,
  incidentSchema,
  incidentSummarySchema,
  journalEntrySchema,
  memberViewSchema,
  modelViewSchema,
  planViewSchema,
  rolloutSummarySchema,
  rolloutViewSchema,
  tableSchema,
  verifyResultSchema,
} from "@slipway/wire";
import { z } from "zod";
import { newDataDir } from "./data-dir.ts";
import { documentOf, MODEL, POLICY, requestOf } from "./fake-world.ts";

const dataDir = newDataDir();
const LOCAL = { host: "127.0.0.1", port: 0 };
let controller: RunningController;
let base = "";

before(async () => {
  controller = await runController({ listen: LOCAL, dataDir, logLevel: "silent", tickEveryMs: 20 });
  base = `http://127.0.0.1:${controller.port}`;
});

after(async () => {
  await controller.close();
});

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const sent =
    body === undefined ? {} : { body: text, headers: { "content-type": "application/json" } };
  return await fetch(base + path, { method, ...sent });
}

async function answer<T>(
  schema: z.ZodType<T>,
  response: Promise<Response>,
  status = 200,
): Promise<T> {
  const got = await response;
  const body: unknown = await got.json();
  assert.equal(got.status, status, JSON.stringify(body));
  return schema.parse(body);
}

async function refused(response: Promise<Response>, status: number, code: string): Promise<string> {
  const { error } = await answer(errorBodySchema, response, status);
  assert.equal(error.code, code, error.message);
  return error.message;
}

/** The first lines, messages or whatever else `until` waits for, of an answer that goes on. */
async function streamed(path: string, until: (text: string) => boolean): Promise<string> {
  const abort = new AbortController();
  const response = await fetch(base + path, { signal: abort.signal });
  assert.equal(response.status, 200);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (until(text)) break;
  }
  abort.abort();
  return text;
}

// Short stages and no minimum: the API is what is tested here.
const QUICK = {
  ...POLICY,
  stages: [{ percent: 25, holdMs: 60_000, minRequests: 0 }],
  guards: [],
  evidence: { tickMs: 100, horizonMs: 200, segments: [] },
};

async function started(): Promise<string> {
  await answer(
    applyResultSchema,
    call("PUT", "/v1/config", requestOf(documentOf({ policy: QUICK }))),
  );
  const body = { model: MODEL, to: "gpt-5.3", by: "ann", reason: "better at Rust" };
  return (await answer(rolloutViewSchema, call("POST", "/v1/rollouts", body), 201)).id;
}

async function rolledBack(id: string): Promise<void> {
  const body = { command: "rollback", by: "ann", reason: "enough" };
  await answer(rolloutViewSchema, call("POST", `/v1/rollouts/${id}/commands`, body));
  await streamed(`/v1/rollouts/${id}/events`, (text) => text.includes('"kind":"rolled-back"'));
}

test("a rollout's way through the API: apply, start, look, list, command, journal, verify", async () => {
  const id = await started();
  const view = await answer(rolloutViewSchema, call("GET", `/v1/rollouts/${id}`));
  assert.equal(view.to, "gpt-5.3");
  const models = await answer(z.array(modelViewSchema), call("GET", "/v1/models"));
  assert.equal(models[0]?.rollout, id);
  await rolledBack(id);
  const list = await answer(
    z.array(rolloutSummarySchema),
    call("GET", `/v1/rollouts?model=${MODEL}`),
  );
  assert.equal(list[0]?.phase, "rolled-back");
  assert.equal(list[0]?.because?.text, "enough");
  assert.deepEqual(
    await answer(z.array(rolloutSummarySchema), call("GET", "/v1/rollouts?model=x")),
    [],
  );
  const journal = await answer(
    z.array(journalEntrySchema),
    call("GET", `/v1/rollouts/${id}/journal`),
  );
  assert.deepEqual(
    journal.map(({ sequence }) => sequence),
    journal.map((_, index) => index + 1),
  );
  const verified = await answer(verifyResultSchema, call("GET", "/v1/journal/verify"));
  assert.equal(verified.ok, true);
  // Beside the running controller, as the CLI does it on a data directory.
  assert.equal((await verifyStore(dataDir)).ok, true);
});

test("a plan is answered by a thread of its own, and refused as everything is", async () => {
  const path = `/v1/models/${MODEL}/plan`;
  const figures = { to: "gpt-5.3", requestsPerMinute: 1_000, errorRate: 0.01 };
  const plan = await answer(planViewSchema, call("POST", path, figures));
  assert.equal(plan.stages.length, QUICK.stages.length);
  await refused(call("POST", path, { to: "gpt-9" }), 404, "unknown_version");
  await refused(call("POST", path, { ...figures, errorRate: 2 }), 400, "invalid_request");
});

test("incidents are listed and shown by a thread of their own, and refused where there is none", async () => {
  const id = await started();
  await streamed(`/v1/rollouts/${id}/events`, (text) => text.includes('"kind":"stage"'));
  await rolledBack(id);
  const list = z.array(incidentSummarySchema);
  const [found] = await answer(list, call("GET", `/v1/incidents?rollout=${id}`));
  assert.equal(found?.rolloutId, id);
  const incident = await answer(incidentSchema, call("GET", `/v1/incidents/${found?.id}`));
  assert.equal(incident.opening.by, "ann");
  assert.equal(incident.severity, "none");
  assert.deepEqual(await answer(list, call("GET", "/v1/incidents?model=x")), []);
  await refused(call("GET", "/v1/incidents?rollout=x"), 404, "unknown_rollout");
  await refused(call("GET", "/v1/incidents/x-1"), 404, "unknown_incident");
});

test("the table stream sends the newest table at once, and the next when it is minted", async () => {
  const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
  let id: Promise<string> | undefined;
  const text = await streamed("/v1/link/table", (seen) => {
    if (lines(seen).length >= 1) id ??= started();
    return lines(seen).length >= 2 && seen.endsWith("\n");
  });
  const [first, second] = lines(text).map((line) => tableSchema.parse(JSON.parse(line)));
  assert.ok(first && second && second.number > first.number);
  assert.equal(second.storeId, first.storeId);
  await rolledBack((await id) ?? "");
});

test("a frame is acknowledged, and its sender is a member with a lease", async () => {
  const health = await (await call("GET", "/healthz")).json();
  const { storeId, table } = z.object({ storeId: z.string(), table: z.number() }).parse(health);
  const frame: Frame = {
    member: { incarnation: "incarnation-1", gateway: "edge-1", worker: 0 },
    sequence: 1,
    asOfMs: Date.now(),
    confirmedTable: table,
    storeId,
    candidateInFlight: {},
    candidateEndedAtMs: {},
    diverted: [],
    tripped: [],
    mirrored: [],
    rowsDropped: 0,
    rows: [],
    goodbye: false,
  };
  const ack = await answer(acknowledgementSchema, call("POST", "/v1/link/frames", frame));
  assert.deepEqual([ack.sequence, ack.leaseMs, ack.storeId], [1, 5_000, storeId]);
  const members = await answer(z.array(memberViewSchema), call("GET", "/v1/members"));
  assert.equal(members[0]?.state, "leased");
  const goodbye = { ...frame, sequence: 2, goodbye: true };
  await answer(acknowledgementSchema, call("POST", "/v1/link/frames", goodbye));
});

test("the journals of all rollouts can be followed", async () => {
  let id: Promise<string> | undefined;
  const text = await streamed("/v1/events", (seen) => {
    id ??= started();
    return seen.includes('"type":"started"');
  });
  assert.match(text, /^: following\n\nevent: entry\ndata: \{/);
  await rolledBack((await id) ?? "");
});

test("a body that is not JSON is refused with the place where it breaks", async () => {
  const at = async (text: string): Promise<string> =>
    await refused(call("PUT", "/v1/config", text), 400, "invalid_json");
  assert.equal(
    await at('{"by": "ann",\n "models": [}'),
    'the body is not JSON: line 2, column 13: unexpected "}"',
  );
  assert.match(await at('{"by": "ann"'), /line 1, column 13: it ends too soon/);
  assert.match(await at(""), /line 1, column 1: it ends too soon/);
  assert.match(await at('{"a": 1} x'), /line 1, column 10: unexpected "x"/);
  assert.match(await at('{"a": 01}'), /line 1, column 8: unexpected "1"/);
  assert.match(await at('{"a": [1, 2,]}'), /line 1, column 13: unexpected "\]"/);
  assert.match(await at("{'a': 1}"), /line 1, column 2: unexpected "'"/);
});

test("a body of another shape is refused with the fields that are wrong", async () => {
  const document = documentOf({
    policy: { ...POLICY, stages: [{ percent: 0, holdMs: 1, minRequests: 1 }] },
  });
  const message = await refused(
    call("PUT", "/v1/config", requestOf(document)),
    400,
    "invalid_request",
  );
  assert.match(message, /^models\[0\]\.policy\.stages\[0\]\.percent: /);
  await refused(call("POST", "/v1/rollouts", { model: MODEL }), 400, "invalid_request");
  await refused(call("POST", "/v1/link/frames", {}), 400, "invalid_request");
});

test("a schedule that means nothing is refused where it is applied, with what is wrong and how to mend it", async () => {
  const drill = {
    ...{ schedule: "0 25 * * MON", gateways: ["http://127.0.0.1:9/v1"], keyEnv: null },
    ...{ detectMsMax: 60_000, confirmMsMax: 30_000 },
  };
  const drift = {
    ...{ schedule: "0 6 30 2 *", versions: [], timeoutMs: 1_000, falseAlarmMax: 0.01, margin: 0.1 },
    probes: [{ id: "p", line: "{}" }],
  };
  const request = requestOf(documentOf({ drill, drift }));
  const { error } = await answer(errorBodySchema, call("PUT", "/v1/config", request), 400);
  assert.deepEqual(error, {
    code: "invalid_request",
    message:
      'models[0].drill.schedule: "0 25 * * MON" is not a cron expression: hour 25 is not from 0 to 23; ' +
      'models[0].drift.schedule: "0 6 30 2 *" is not a cron expression: month 2 has no day 30, so that it never comes',
    fix: "write minute, hour, day, month and weekday, such as 0 9 * * MON",
  });
  const both = call("PUT", "/v1/config", { ...request, clients: "none" });
  const { fix } = (await answer(errorBodySchema, both, 400)).error;
  assert.match(fix ?? "", /0 9 \* \* MON; the shapes are in \/openapi\.json$/);
});

test("what does not exist, or cannot be done now, is refused with its own code", async () => {
  const command = { command: "pause", by: "ann", reason: "" };
  await refused(call("GET", "/v1/nothing"), 404, "not_found");
  await refused(call("GET", "/v1/rollouts/none"), 404, "unknown_rollout");
  await refused(call("GET", "/v1/rollouts/none/journal"), 404, "unknown_rollout");
  await refused(call("GET", "/v1/rollouts/none/events"), 404, "unknown_rollout");
  await refused(call("POST", "/v1/rollouts/none/commands", command), 404, "unknown_rollout");
  const id = await started();
  const again = { model: MODEL, to: "gpt-5.3", by: "ann", reason: "" };
  await refused(call("POST", "/v1/rollouts", again), 409, "rollout_under_way");
  const stale = { ...command, ifSequence: 0 };
  await refused(call("POST", `/v1/rollouts/${id}/commands`, stale), 409, "conflict");
  await rolledBack(id);
  await refused(call("POST", `/v1/rollouts/${id}/commands`, command), 409, "not_possible");
});

test("a web page can neither post as text nor come by a name of its own", async () => {
  const text = fetch(`${base}/v1/rollouts`, { method: "POST", body: "{}" });
  await refused(text, 415, "unsupported_media_type");
  const { get } = await import("node:http");
  const status = await new Promise((resolve, reject) => {
    get(`${base}/v1/models`, { headers: { host: "evil.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
  assert.equal(status, 403);
});

test("Prometheus reads the controller's metrics as text", async () => {
  const response = await call("GET", "/metrics");
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  assert.match(text, /^slipway_controller_info\{version="unknown",node="v\d+/m);
  assert.match(text, /^slipway_commit_seconds_count [1-9]/m);
});

test("with a token, only its bearer is served", async () => {
  const options = {
    listen: LOCAL,
    dataDir: newDataDir(),
    logLevel: "silent",
    token: "sesame",
  } as const;
  const guarded = await runController(options);
  const at = `http://127.0.0.1:${guarded.port}`;
  const as = (token: string): Promise<Response> =>
    fetch(`${at}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  await refused(fetch(`${at}/v1/models`), 401, "unauthorized");
  await refused(as("wrong"), 401, "unauthorized");
  assert.equal((await as("sesame")).status, 200);
  assert.equal((await fetch(`${at}/healthz`)).status, 200);
  await refused(fetch(`${at}/metrics`), 401, "unauthorized");
  await guarded.close();
});

test("it does not listen where strangers could reach it without a token", async () => {
  const listen = { host: "0.0.0.0", port: 0 };
  const run = runController({ listen, dataDir: newDataDir(), logLevel: "silent" });
  await assert.rejects(run, { code: "token_required" });
});

test("a taken port, and a taken data directory, are refused and leave nothing open", async () => {
  const other = newDataDir();
  const listen = { host: "127.0.0.1", port: controller.port };
  const run = runController({ listen, dataDir: other, logLevel: "silent" });
  await assert.rejects(run, { code: "port_taken" });
  const taken = runController({ listen: LOCAL, dataDir, logLevel: "silent" });
  await assert.rejects(taken, { code: "store_locked" });
  await (await runController({ listen: LOCAL, dataDir: other, logLevel: "silent" })).close();
});

test("closing ends the streams", async () => {
  const closing = await runController({ listen: LOCAL, dataDir: newDataDir(), logLevel: "silent" });
  const response = await fetch(`http://127.0.0.1:${closing.port}/v1/events`);
  const ended = response.text().catch(() => "cut");
  await closing.close();
  assert.ok((await ended) !== undefined);
});
