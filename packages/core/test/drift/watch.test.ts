// The rule of a watch for drift: what raises an alarm, what does not, and how often it is wrong over a season of looks.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  afterLook,
  BASELINE_ROUNDS,
  createRandom,
  type DriftRound,
  type DriftWatch,
  newWatch,
  type Random,
} from "@slipway/core";
import { type Answering, PROBES, round } from "./answering.ts";

const ORDER = { falseAlarmMax: 0.01, margin: 0.1 };
const DAY_MS = 86_400_000;

function watch(rounds: readonly DriftRound[]): DriftWatch {
  const taken = { number: 1, atMs: 0, by: "ann", reason: "first", probes: "p" };
  const made = newWatch({ ...taken, version: "v1", fingerprint: "f1", rounds }, ORDER);
  assert.ok(made !== null);
  return made;
}

function watched(random: Random, answering: Answering): DriftWatch {
  return watch(Array.from({ length: BASELINE_ROUNDS }, () => round(random, answering)));
}

function looked(before: DriftWatch, random: Random, answering: Answering, day: number): DriftWatch {
  return afterLook(before, round(random, answering), { atMs: day * DAY_MS, by: "the schedule" });
}

/** The day of the alarm; null for none. */
function alarmDay(seed: number, days: number, of: (day: number) => Answering): number | null {
  const random = createRandom(seed);
  let now = watched(random, of(0));
  for (let day = 1; day <= days; day++) {
    now = looked(now, random, of(day), day);
    if (now.alarm !== null) return day;
  }
  return null;
}

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed + 1);

test("of 200 unchanged versions looked at for 90 days, some steady and some not, next to none is said to have changed", () => {
  const alarms = SEEDS.filter((seed) => {
    const steady = [1, 0.95, 0.8, 0.4][seed % 4] ?? 1;
    return alarmDay(seed, 90, () => ({ steady })) !== null;
  });
  // At 1% each, more than seven of 200 would come about once in a thousand.
  assert.ok(alarms.length <= 7, `${alarms.length} alarms`);
});

test("a version whose days differ by less than the margin is unchanged", () => {
  const alarms = SEEDS.filter((seed) => {
    const days = createRandom(seed + 10_000);
    const steadyOf = Array.from({ length: 91 }, () => 0.95 - 0.1 * days.next());
    return alarmDay(seed, 90, (day) => ({ steady: steadyOf[day] ?? 0.9 })) !== null;
  });
  assert.ok(alarms.length <= 7, `${alarms.length} alarms`);
});

test("another model under the same name is found at once, also after two months", () => {
  for (const seed of SEEDS.slice(0, 40)) {
    const of = (day: number): Answering => ({ steady: 0.9, changed: day >= 60 ? 1 : 0 });
    const day = alarmDay(seed, 90, of);
    assert.ok(day === 60 || day === 61, `seed ${seed}: ${day}`);
  }
});

test("a change of half of the answers, of refusals, and of length is found within days", () => {
  const changes: readonly Answering[] = [
    { steady: 0.9, changed: 0.5 },
    { steady: 0.9, refused: 0.4 },
    { steady: 0.9, longer: 1.6 },
    // What never says the same twice is still told by how long it is.
    { steady: 0, longer: 1.6 },
  ];
  for (const changed of changes) {
    const { steady } = changed;
    const days = SEEDS.slice(0, 40).map(
      (seed) => alarmDay(seed, 90, (day) => (day >= 30 ? changed : { steady })) ?? 91,
    );
    const late = days.filter((day) => day < 30 || day > 40);
    assert.ok(late.length <= 2, `${JSON.stringify(changed)}: ${days.join(" ")}`);
  }
});

test("a server that says that it is another model is believed at once, and one with a new backend is not alarming", () => {
  const random = createRandom(1);
  const now = watched(random, { steady: 1 });
  const renamed = looked(now, random, { steady: 1, model: "m-2" }, 1);
  assert.equal(renamed.alarm?.because, "it says that it is m-2, and said m-1 before");
  const moved = afterLook(
    now,
    { ...round(random, { steady: 1 }), backends: ["fp-2"] },
    { atMs: DAY_MS, by: "the schedule" },
  );
  assert.deepEqual([moved.alarm, moved.last?.newBackends], [null, ["fp-2"]]);
});

test("an alarm says what it rests on, and stays when later answers are as before", () => {
  const random = createRandom(2);
  const alarmed = looked(watched(random, { steady: 1 }), random, { steady: 1, changed: 1 }, 1);
  assert.match(
    alarmed.alarm?.because ?? "",
    /^0 of 20 answers say what is known of them; 24 h ago 140 of 140 did, and an unchanged version keeps to 8\d(\.\d)?% at least$/,
  );
  const later = looked(alarmed, random, { steady: 1 }, 2);
  assert.deepEqual(later.alarm, alarmed.alarm);
});

test("a look with too few answers counts for nothing, and makes no baseline", () => {
  const random = createRandom(3);
  const now = watched(random, { steady: 1 });
  const few = round(random, { steady: 1, changed: 1 });
  const thin = { ...few, answers: few.answers.slice(0, PROBES * 0.9 - 1) };
  const after = afterLook(now, thin, { atMs: DAY_MS, by: "the schedule" });
  assert.deepEqual([after.looks, after.logE, after.last?.counted], [0, 0, false]);
  const taken = { number: 1, atMs: 0, by: "ann", reason: "first", probes: "p" };
  const rounds = [
    thin,
    ...Array.from({ length: BASELINE_ROUNDS - 1 }, () => round(random, { steady: 1 })),
  ];
  assert.equal(newWatch({ ...taken, version: "v1", fingerprint: "f1", rounds }, ORDER), null);
  assert.equal(
    newWatch({ ...taken, version: "v1", fingerprint: "f1", rounds: rounds.slice(1) }, ORDER),
    null,
  );
});
