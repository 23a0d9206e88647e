// Drills by schedule: each runs once when its time has come, and what goes wrong with one is told and stops no other.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DrillRecord } from "@slipway/core";
import type { DrillsView, ModelView } from "@slipway/wire";
import { drillDue, dueBySchedule } from "slipway";

const RECORD: DrillRecord = {
  ...{
    rollout: "r-1",
    atMs: 0,
    fault: "connect",
    by: "the schedule",
    passed: true,
    because: "seen 2 s after the fault",
  },
  ...{ detectMs: 2_000, confirmMs: 100, expired: [] },
};

/** Nine o'clock on a day, wherever this machine is. */
const NINE = new Date(2026, 10, 2, 9, 0, 0).getTime();

async function looked(
  schedules: { readonly [model: string]: string | null },
  fromMs: number,
  toMs: number,
  drill: (model: string) => Promise<DrillRecord> = () => Promise.resolve(RECORD),
  { signal } = new AbortController(),
  begun: () => DrillsView["drills"] = () => [],
  isDue = dueBySchedule(),
): Promise<{
  readonly ran: readonly string[];
  readonly told: readonly string[];
  readonly kept: readonly string[];
}> {
  const ran: string[] = [];
  const kept: string[] = [];
  const told: string[] = [];
  const models = Object.keys(schedules).map(
    (name): ModelView => ({
      ...{ name, stable: "v1", versions: [], rollout: null, warm: null },
      schedules: { drill: schedules[name] ?? null, drift: null },
    }),
  );
  const client = {
    models: () => Promise.resolve(models),
    drilling: {
      miss: (model: string, { because }: { readonly because: string }) => {
        kept.push(`${model}: ${because}`);
        return client.drilling.look(model);
      },
      look: async (model: string): Promise<DrillsView> => {
        if (model === "unread") throw new Error("503 of the controller");
        return await Promise.resolve({
          ...{
            model,
            standIn: `${model}:drill`,
            drilling: null,
            drills: begun(),
            lapse: null,
            horizonMs: 60_000,
          },
          order: {
            ...{ schedule: schedules[model] ?? null, gateways: ["http://one/v1"], keyEnv: null },
            ...{ detectMsMax: 1, confirmMsMax: 1 },
          },
        });
      },
    },
  };
  await drillDue(
    {
      client,
      drill: (model) => {
        ran.push(model);
        return drill(model);
      },
      tell: (text) => told.push(text),
      isDue,
      signal,
    },
    fromMs,
    toMs,
  );
  return { ran, told, kept };
}

test("a drill runs in the look in which its time comes, and in no other", async () => {
  const schedules = { coder: "0 9 * * *", writer: "30 9 * * *", idle: null };
  const before = await looked(schedules, NINE - 40_000, NINE - 20_000);
  const at = await looked(schedules, NINE - 20_000, NINE);
  const after = await looked(schedules, NINE, NINE + 20_000);
  assert.deepEqual([before.ran, at.ran, after.ran], [[], ["coder"], []]);
  assert.deepEqual(at.told, ["drill of coder: passed: seen 2 s after the fault"]);
});

test("a drill that cannot run, and a schedule that means nothing, are told and stop no other", async () => {
  const schedules = { broken: "99 9 * * *", coder: "0 9 * * *", writer: "0 9 * * *" };
  const isDue = dueBySchedule();
  const look = (toMs: number): ReturnType<typeof looked> => {
    const drill = (model: string): Promise<DrillRecord> =>
      model === "coder" ? Promise.reject(new Error("no gateway answers")) : Promise.resolve(RECORD);
    return looked(schedules, toMs - 1, toMs, drill, undefined, undefined, isDue);
  };
  const { ran, told, kept } = await look(NINE);
  assert.deepEqual(ran, ["coder", "writer"]);
  assert.match(told[0] ?? "", /^drill of broken: could not be run: /);
  assert.equal(told[1], "drill of coder: could not be run: no gateway answers");
  assert.match(told[2] ?? "", /^drill of writer: passed/);
  assert.match(kept[0] ?? "", /^broken: .*99/);
  assert.deepEqual(kept.slice(1), ["coder: no gateway answers"], "left with the controller");
  const later = await look(NINE + 86_400_000);
  assert.deepEqual(later.ran, ["coder", "writer"]);
  assert.deepEqual(later.kept, ["coder: no gateway answers"], "once is often enough");
});

test("what the controller cannot say of one model is kept as its missed drill, and stops no other", async () => {
  const schedules = { unread: "0 9 * * *", writer: "0 9 * * *" };
  const { ran, told, kept } = await looked(schedules, NINE - 1, NINE);
  assert.deepEqual([ran, kept], [["writer"], ["unread: 503 of the controller"]]);
  assert.equal(told[0], "drill of unread: could not be run: 503 of the controller");
});

test("a drill that began and broke off is told of by its record, and is no missed one as well", async () => {
  const drills: DrillRecord[] = [{ ...RECORD, rollout: "r-0" }];
  const broken = (): Promise<DrillRecord> => {
    drills.push({ ...RECORD, passed: false });
    return Promise.reject(new Error("a gateway did not answer"));
  };
  const signal = new AbortController();
  const run = (drill: () => Promise<DrillRecord>): ReturnType<typeof looked> =>
    looked({ coder: "0 9 * * *" }, NINE - 1, NINE, drill, signal, () => [...drills]);
  const { told, kept } = await run(broken);
  assert.deepEqual([told, kept], [["drill of coder: FAILED: a gateway did not answer"], []]);
  const refused = await run(() => Promise.reject(new Error("KEY is not set")));
  assert.deepEqual(refused.kept, ["coder: KEY is not set"], "one that never began is missed");
});

test("once the controller ends, no other drill begins", async () => {
  const stop = new AbortController();
  const schedules = { coder: "0 9 * * *", writer: "0 9 * * *" };
  const interrupted = (): Promise<DrillRecord> => {
    stop.abort();
    return Promise.reject(new Error("interrupted"));
  };
  const { ran, kept } = await looked(schedules, NINE - 1, NINE, interrupted, stop);
  assert.deepEqual([ran, kept], [["coder"], []]);
});

test("the stand-in of a drill under way is no model to drill", async () => {
  const schedules = { coder: null, "coder:drill": "0 9 * * *", writer: "0 9 * * *" };
  const { ran, told } = await looked(schedules, NINE - 1, NINE);
  assert.deepEqual(ran, ["writer"]);
  assert.equal(told.length, 1);
});
