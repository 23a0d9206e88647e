// Watching without a terminal: what is printed as a rollout goes on, through a restart of the controller.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import type { RolloutView } from "@slipway/wire";
import { scriptedController } from "../scripted-controller.ts";
import { slipway } from "../slipway.ts";
import { views } from "./views.ts";

function viewNamed(name: string): RolloutView {
  const view = views[name];
  assert.ok(view);
  return view;
}

function send(response: ServerResponse, ...sent: readonly RolloutView[]): void {
  response.setHeader("content-type", "text/event-stream");
  response.write(": welcome\n\n");
  for (const view of sent) response.write(`event: rollout\ndata: ${JSON.stringify(view)}\n\n`);
}

const PATH = "GET /v1/rollouts/r-4f7a2c";

test("it prints a line per journal entry and ends with 1 when the rollout is rolled back", async (t) => {
  const rolledBack = viewNamed("rolled-back");
  const controller = await scriptedController({
    [PATH]: { body: viewNamed("stage") },
    [`${PATH}/events`]: (r) => send(r, viewNamed("stage"), viewNamed("rolling-back"), rolledBack),
  });
  t.after(controller.close);
  const { code, out } = await slipway([
    "rollout",
    "watch",
    "r-4f7a2c",
    "--controller",
    controller.url,
  ]);
  assert.equal(code, 1);
  const lines = out.trim().split("\n");
  assert.equal(lines.length, rolledBack.recent.length);
  assert.match(
    lines[6] ?? "",
    /^2026-01-15T09:15:06\.000Z r-4f7a2c .*: rolled back: P99 latency 4\.9 s is/,
  );
  assert.ok(lines.every((line) => !line.includes("\u001b")));
});

test("it survives a controller that goes away, says so, and ends with 0 on completion", async (t) => {
  let connections = 0;
  const controller = await scriptedController({
    [PATH]: { body: viewNamed("stage") },
    [`${PATH}/events`]: (response) => {
      connections++;
      if (connections === 1) {
        send(response, viewNamed("stage"));
        setTimeout(() => response.destroy(), 20);
      } else if (connections === 2) {
        response.statusCode = 503;
        const error = { code: "starting", message: "not yet", fix: null };
        response.end(JSON.stringify({ error }));
      } else send(response, viewNamed("completed"));
    },
  });
  t.after(controller.close);
  const { code, err } = await slipway([
    "rollout",
    "watch",
    "r-4f7a2c",
    "--controller",
    controller.url,
  ]);
  assert.equal(code, 0);
  assert.equal(
    err,
    `slipway: the controller at ${controller.url} does not answer; trying again\nslipway: the controller answers again\n`,
  );
});

test("with --json every line is one view, the last one the final one", async (t) => {
  const controller = await scriptedController({
    [PATH]: { body: viewNamed("stage") },
    [`${PATH}/events`]: (r) => send(r, viewNamed("stage"), viewNamed("completed")),
  });
  t.after(controller.close);
  const { out } = await slipway([
    "rollout",
    "watch",
    "r-4f7a2c",
    "--json",
    "--controller",
    controller.url,
  ]);
  const phases = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).phase.kind);
  assert.deepEqual(phases, ["stage", "completed"]);
});

test("a rollout that does not exist is refused at once", async (t) => {
  const controller = await scriptedController({});
  t.after(controller.close);
  const { code, out } = await slipway(["rollout", "watch", "r-0", "--controller", controller.url]);
  assert.deepEqual([code, out], [1, ""]);
});
