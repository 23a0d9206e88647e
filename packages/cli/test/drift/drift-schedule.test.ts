// Looks for drift by schedule: each version that is watched is asked once when its time has come, and one that cannot be asked
// keeps no other from being asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DriftVersion, DriftView } from "@slipway/wire";
import { driftLooksDue, driftText, dueBySchedule } from "slipway";

const NINE = new Date(2026, 10, 2, 9, 0, 0).getTime();

const AGREED = { alike: 1, of: 1, floor: 0.8 };
const WATCH: NonNullable<DriftVersion["watch"]> = {
  ...{ version: "v1", fingerprint: "v1", looks: 0, logE: 0, last: null, alarm: null },
  stakes: { text: [], length: [], ending: [] },
  baseline: {
    ...{ number: 1, atMs: 0, by: "ann", reason: "", probes: "", known: [], models: [] },
    ...{ agreement: { text: AGREED, length: AGREED, ending: AGREED }, backends: [] },
    falseAlarmMax: 0.01,
  },
};

function viewOf(model: string, schedule: string | null): DriftView {
  const version = (id: string, scheduled: boolean): DriftVersion => {
    return { id, fingerprint: id, upstreams: [], scheduled, watch: null, lapse: null };
  };
  return {
    model,
    order: {
      ...{ schedule, versions: [], probes: [], timeoutMs: 1, falseAlarmMax: 0.01, margin: 0.1 },
    },
    versions: [version("v1", true), version("v2", false), version("v3", true)],
    entries: [],
  };
}

async function looked(
  toMs: number,
  miss: (model: string, version: string, because: string) => Promise<DriftView> = () =>
    Promise.resolve(viewOf("coder", null)),
  others: { readonly [model: string]: string } = {},
): Promise<{ asked: string[]; told: string[] }> {
  const asked: string[] = [];
  const told: string[] = [];
  const schedules: { readonly [model: string]: string | null } = {
    ...others,
    ...{ coder: "0 9 * * *", "coder:drill": "0 9 * * *", writer: null, helper: "0 10 * * *" },
  };
  await driftLooksDue(
    {
      client: {
        models: () =>
          Promise.resolve(
            Object.keys(schedules).map((name) => {
              const cron = schedules[name] ?? null;
              const drift = cron === null ? null : { cron, versions: ["v1", "v3"] };
              const rest = { stable: "v1", versions: [], rollout: null, warm: null };
              return { name, ...rest, schedules: { drill: null, drift } };
            }),
          ),
        drift: {
          view: (model) =>
            model === "unread"
              ? Promise.reject(new Error("503 of the controller"))
              : Promise.resolve(viewOf(model, schedules[model] ?? null)),
          miss: (model, { version, because }) => miss(model, version, because),
        },
      },
      look: (view, { id }) => {
        asked.push(`${view.model} ${id}`);
        return id === "v1" ? Promise.reject(new Error("KEY is not set")) : Promise.resolve(view);
      },
      tell: (text) => told.push(text),
      isDue: dueBySchedule(),
      signal: new AbortController().signal,
    },
    NINE - 30_000,
    toMs,
  );
  return { asked, told };
}

test("what has come due is looked at, version by version, and what goes wrong is told", async () => {
  const { asked, told } = await looked(NINE + 10_000);
  assert.deepEqual(asked, ["coder v1", "coder v3"]);
  assert.deepEqual(told, [
    "drift of coder v1: could not be looked for: KEY is not set",
    "drift of coder v3: no baseline",
  ]);
});

test("before its time nothing is looked at", async () => {
  assert.deepEqual((await looked(NINE - 1)).asked, []);
});

test("why a version could not be looked at is left with the controller, and one that does not keep it is told of", async () => {
  const kept: string[] = [];
  await looked(NINE + 10_000, (model, version, because) => {
    kept.push(`${model} ${version}: ${because}`);
    return Promise.resolve(viewOf(model, null));
  });
  assert.deepEqual(kept, ["coder v1: KEY is not set"]);
  const { asked, told } = await looked(NINE + 10_000, () => Promise.reject(new Error("deposed")));
  assert.deepEqual(asked, ["coder v1", "coder v3"]);
  assert.match(
    told[1] ?? "",
    /v1: could not be looked for, and the controller did not keep that: deposed$/,
  );
});

test("what the controller cannot say of one model, or a schedule that means nothing, is kept for each version and stops no other model", async () => {
  const kept: string[] = [];
  const miss = (model: string, version: string, because: string): Promise<DriftView> => {
    kept.push(`${model} ${version}: ${because}`);
    return Promise.resolve(viewOf(model, null));
  };
  const others = { unread: "0 9 * * *", broken: "99 9 * * *" };
  const { asked, told } = await looked(NINE + 10_000, miss, others);
  assert.deepEqual(asked, ["coder v1", "coder v3"]);
  assert.deepEqual(kept.slice(0, 2), [
    "unread v1: 503 of the controller",
    "unread v3: 503 of the controller",
  ]);
  assert.match(kept[2] ?? "", /^broken v1: .*99/);
  assert.equal(told[0], "drift of unread v1: could not be looked for: 503 of the controller");
});

test("a version that could not be looked at is shown as not watched, since when and why", () => {
  const view = viewOf("coder", "0 9 * * *");
  const lapse: DriftVersion["lapse"] = {
    ...{ check: "drift", version: "v1", because: "KEY is not set", toldAtMs: null },
    ...{ workedAtMs: null, sinceMs: NINE - 86_400_000, lastAtMs: NINE, attempts: 2 },
  };
  const [first, ...others] = view.versions;
  const versions = first === undefined ? [] : [{ ...first, lapse }, ...others];
  const text = driftText({ ...view, versions });
  assert.match(text, /v1 +NOT WATCHED \(no baseline\)/);
  assert.match(text, /v2 +no baseline/);
  const once = { ...lapse, attempts: 1 };
  const texts = [once, { ...once, toldAtMs: NINE }].map((own) => {
    const watched = versions.map((v) => ({ ...v, watch: WATCH, lapse: own }));
    return driftText({ ...view, versions: watched });
  });
  assert.match(texts[0] ?? "", /v1 +baseline taken, last look missed/);
  assert.match(
    texts[0] ?? "",
    /no look ever: one attempt came to nothing, 2[-\d :]+UTC: KEY is not/,
  );
  assert.match(texts[1] ?? "", /v1 +NOT WATCHED \(baseline taken\)/);
  assert.match(
    text,
    /v1: no look ever: 2 attempts came to nothing from .+ on, the last .+: KEY is not set\n/,
  );
});
