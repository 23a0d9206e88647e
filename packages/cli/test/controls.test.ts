// Commands that hold a rollout back and let it go: freezes, approvals, overrides, observing; against a scripted controller.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FreezeView } from "@slipway/wire";
import { renderWatch } from "slipway";
import { type Script, scriptedController } from "./scripted-controller.ts";
import { slipway } from "./slipway.ts";
import { controlledViews } from "./watch/controlled-views.ts";
import { base } from "./watch/views.ts";

const held = controlledViews(base);

type Asked = { readonly code: number | null; readonly out: string; readonly body: unknown };

async function against(script: Script, args: readonly string[]): Promise<Asked> {
  const controller = await scriptedController(script);
  try {
    const { code, out } = await slipway([...args, "--controller", controller.url]);
    return { code, out, body: controller.asked.at(-1)?.body };
  } finally {
    controller.close();
  }
}

const COMMANDS = "POST /v1/rollouts/r-4f7a2c/commands";

test("an approval is sent with who and why, and what is still missing is said", async () => {
  const args = ["rollout", "approve", "r-4f7a2c", "--reason", "looks right"];
  const { code, out, body } = await against({ [COMMANDS]: { body: held["approval"] } }, args);
  assert.equal(code, 0);
  assert.deepEqual(body, { command: "approve", by: "ann", reason: "looks right" });
  assert.match(out, /\n {2}50% needs 2 approvals of bob or eve \(1 of 2 given, by bob\)/);
});

test("who takes a page is shown beside it, by the command, in the list and in the watch", async () => {
  const acknowledged = { atMs: 1_768_469_400_000, by: "ann", reason: "the account is full" };
  const page = { code: "outage", text: "30% of stable's requests fail", page: true as const };
  const body = {
    ...base,
    pages: [
      { ...page, acknowledged },
      { ...page, acknowledged: null },
    ],
  };
  const args = ["rollout", "acknowledge", "r-4f7a2c", "--reason", "the account is full"];
  const asked = await against({ [COMMANDS]: { body } }, args);
  assert.equal(asked.code, 0);
  assert.deepEqual(asked.body, {
    command: "acknowledge",
    by: "ann",
    reason: "the account is full",
  });
  const taken =
    "page: 30% of stable's requests fail; ann looks at it since 2026-01-15 09:30 UTC (the account is full)";
  assert.ok(asked.out.includes(`\n  ${taken}\n  page: 30% of stable's requests fail\n`), asked.out);
  const { id, model, from, to, startedAtMs, candidatePercent, pages } = body;
  const summary = { id, model, from, to, startedAtMs, phase: "stage", candidatePercent, pages };
  const reasons = {
    because: { code: "guards", text: "every guard passes" },
    held: { code: "hold", text: "held 4 min of 10 min" },
    phaseSinceMs: startedAtMs,
  };
  const listed = async (said: object): Promise<string> => {
    const body = [{ ...summary, ...reasons, ...said }];
    const { out } = await against({ "GET /v1/rollouts": { body } }, ["rollout", "list"]);
    return out;
  };
  assert.ok((await listed({})).includes(taken));
  assert.match(await listed({ pages: [] }), /held 4 min of 10 min\n/);
  assert.match(await listed({ pages: [], held: null }), /every guard passes\n/);
  const shown = renderWatch(body, { width: 140, colour: false, nowMs: acknowledged.atMs });
  assert.ok(
    shown.some((line) => line.includes(taken)),
    shown.join("\n"),
  );
});

test("a rollout starts observing, and over a freeze, as it was told", async () => {
  const args = ["rollout", "start", "m", "--to", "v", "--reason", "r", "--observe"];
  const script = { "POST /v1/rollouts": { status: 201, body: held["observing"] } };
  const { body } = await against(script, [...args, "--override", "a fix"]);
  assert.deepEqual(body, {
    model: "m",
    to: "v",
    by: "ann",
    reason: "r",
    observe: true,
    override: "a fix",
  });
});

test("history tells who approved, what froze it, who overrode that, and what it would have done", async () => {
  const told = Object.values(held).flatMap(({ recent }) => recent.slice(-2));
  const body = [base.recent[0], ...told];
  const { out } = await against({ "GET /v1/rollouts/r-4f7a2c/journal": { body } }, [
    "rollout",
    "history",
    "r-4f7a2c",
  ]);
  assert.match(out, /approved 50% +to see what it would do \(bob\)/);
  assert.match(out, /frozen +frozen until 2026-01-19 07:00 UTC by weekend \(nobody is there\)/);
  assert.match(out, /freeze overridden +to see what it would do \(ann\)/);
  assert.match(out, /would advance +would advance to 50%: held 10 min/);
  assert.match(out, /observes +to see what it would do \(ann\)/);
});

const VIEWS: readonly FreezeView[] = [
  {
    model: "chat",
    name: "ordered",
    reason: "incident 7",
    by: "eve",
    state: "in-effect",
    sinceMs: Date.UTC(2026, 0, 15, 9),
    untilMs: null,
    zone: null,
    ended: null,
  },
  {
    model: null,
    name: "weekend",
    reason: "",
    by: null,
    state: "to-come",
    sinceMs: Date.UTC(2026, 0, 16, 15),
    untilMs: Date.UTC(2026, 0, 19, 7),
    zone: "Europe/Berlin",
    ended: null,
  },
];

test("freezes are listed with where they come from, why, and until when", async () => {
  const { out } = await against({ "GET /v1/freezes": { body: VIEWS } }, ["freeze", "list"]);
  assert.deepEqual(
    out
      .trim()
      .split("\n")
      .map((line) => line.split(/ {2,}/)),
    [
      ["STATE", "MODEL", "NAME", "FROM", "UNTIL", "WHY"],
      ["frozen", "chat", "ordered", "2026-01-15 09:00 UTC", "it is ended", "incident 7 (eve)"],
      [
        "to come",
        "every model",
        "weekend",
        "2026-01-16 15:00 UTC",
        "2026-01-19 07:00 UTC",
        "(slipway.yaml, Europe/Berlin)",
      ],
    ],
  );
  const none = await against({ "GET /v1/freezes": { body: [] } }, ["freeze", "list"]);
  assert.match(none.out, /^nothing is frozen/);
});

test("a freeze is ordered for a time that lies ahead, and ended with a reason", async () => {
  const args = ["freeze", "start", "--reason", "incident 7", "--model", "chat"];
  const script = { "POST /v1/freezes": { body: VIEWS } };
  const until = await against(script, [...args, "--until", "2099-01-15T09:30:00Z"]);
  assert.deepEqual(until.body, {
    by: "ann",
    reason: "incident 7",
    model: "chat",
    untilMs: Date.UTC(2099, 0, 15, 9, 30),
  });
  const before = Date.now();
  const away = await against(script, [...args, "--until", "2h"]);
  assert.ok((away.body as { untilMs: number }).untilMs >= before + 2 * 3_600_000);
  assert.equal((await against(script, [...args, "--until", "tomorrow"])).code, 2);
  const end = await against({ "POST /v1/freezes/end": { body: VIEWS } }, [
    "freeze",
    "end",
    "--reason",
    "over",
  ]);
  assert.deepEqual([end.code, end.body], [0, { by: "ann", reason: "over" }]);
});
