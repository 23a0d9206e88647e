// When freezes hold, by the clocks of real places: weeks, dates, and the days on which clocks are set.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dateOf,
  dayOf,
  type FreezeOrder,
  type FreezeWindow,
  freezesAt,
  instantsOf,
  isTimeZone,
  localMsAt,
  stretchAfter,
  stretchAt,
  utcText,
} from "@slipway/core";
import fc from "fast-check";

const at = (text: string): number => Date.parse(text);
/** What a clock shows, as local milliseconds. */
const local = (text: string): number => Date.parse(`${text}Z`);
const iso = (ms: number | undefined): string => new Date(ms ?? 0).toISOString();

function weekly(zone: string, fromMinute: number, minutes: number): FreezeWindow {
  return { kind: "weekly", name: "w", reason: "", zone, spans: [{ fromMinute, minutes }] };
}

const DAY = 24 * 60;
const BERLIN = "Europe/Berlin";

test("dates are the calendar's, leap years and centuries too", () => {
  fc.assert(
    fc.property(fc.integer({ min: -800_000, max: 800_000 }), (days) => {
      const date = new Date(days * 86_400_000);
      const { year, month, day } = dateOf(days);
      assert.deepEqual(
        [year, month, day],
        [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()],
      );
      assert.equal(dayOf(year, month, day), days);
    }),
  );
  assert.equal(utcText(at("2026-02-03T04:05:59Z")), "2026-02-03 04:05 UTC");
});

test("a time that clocks show has an instant at which they show it, in every zone and half of a century", () => {
  const zones = [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: at("1990-01-01T00:00Z") / 60_000, max: at("2040-01-01T00:00Z") / 60_000 }),
      (zone, minute) => {
        const { firstMs, lastMs } = instantsOf(zone, localMsAt(zone, minute * 60_000));
        assert.ok(firstMs === minute * 60_000 || lastMs === minute * 60_000);
        assert.equal(localMsAt(zone, firstMs), localMsAt(zone, lastMs));
      },
    ),
  );
});

test("a time that is shown twice has two instants, one that is skipped lies where the clocks are set", () => {
  const twice = instantsOf(BERLIN, local("2026-10-25T02:30:00"));
  assert.deepEqual(
    [iso(twice.firstMs), iso(twice.lastMs)],
    ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"],
  );
  const skipped = instantsOf("America/New_York", local("2026-03-08T02:30:00"));
  assert.equal(iso(skipped.firstMs), "2026-03-08T07:00:00.000Z");
  assert.equal(skipped.firstMs, skipped.lastMs);
  // Samoa went over the date line: its clocks never showed a 30 December 2011.
  const day = instantsOf("Pacific/Apia", local("2011-12-30T12:00:00"));
  assert.equal(iso(day.firstMs), "2011-12-30T10:00:00.000Z");
});

test("a weekend by the clock is an hour shorter or longer in UTC when clocks are set", () => {
  // From Friday 16:00 to Monday 08:00.
  const weekend = weekly(BERLIN, 4 * DAY + 16 * 60, 2 * DAY + 16 * 60);
  const around = (text: string): readonly string[] => {
    const stretch = stretchAt(weekend, at(text));
    return [iso(stretch?.sinceMs), iso(stretch?.untilMs)];
  };
  assert.deepEqual(around("2026-03-29T12:00Z"), [
    "2026-03-27T15:00:00.000Z",
    "2026-03-30T06:00:00.000Z",
  ]);
  assert.deepEqual(around("2026-10-25T12:00Z"), [
    "2026-10-23T14:00:00.000Z",
    "2026-10-26T07:00:00.000Z",
  ]);
  assert.equal(stretchAt(weekend, at("2026-10-26T07:00Z")), null);
  assert.equal(
    iso(stretchAfter(weekend, at("2026-10-26T07:00Z"))?.sinceMs),
    "2026-10-30T15:00:00.000Z",
  );
});

test("a night that ends at a time shown twice lasts until its second showing, without a gap", () => {
  // Sunday 01:00 to 02:30, on the day when 02:00 to 03:00 comes twice.
  const night = weekly(BERLIN, 6 * DAY + 60, 90);
  const held = ["00:00", "00:29", "00:31", "01:00", "01:29", "01:30"].map(
    (time) => stretchAt(night, at(`2026-10-25T${time}Z`)) !== null,
  );
  assert.deepEqual(held, [true, true, true, true, true, false]);
});

test("a window that begins at a skipped time begins when the clocks are set", () => {
  // Sunday 02:30 to 06:00, on the day when 02:00 to 03:00 is skipped.
  const night = weekly(BERLIN, 6 * DAY + 150, 210);
  assert.equal(stretchAt(night, at("2026-03-29T00:59:59Z")), null);
  assert.equal(iso(stretchAt(night, at("2026-03-29T01:00Z"))?.untilMs), "2026-03-29T04:00:00.000Z");
});

test("a week that begins elsewhere on the day before is the week of its zone", () => {
  // Monday 00:00 to 06:00 in Auckland is Sunday in UTC.
  const monday = weekly("Pacific/Auckland", 0, 360);
  assert.notEqual(stretchAt(monday, at("2026-06-07T12:30Z")), null);
  assert.equal(stretchAt(monday, at("2026-06-08T03:00Z")), null);
});

test("a window around the end of the week holds on both sides of it", () => {
  // Sunday 22:00 to Monday 04:00.
  const night = weekly("UTC", 6 * DAY + 22 * 60, 360);
  assert.notEqual(stretchAt(night, at("2026-06-07T23:00Z")), null);
  assert.notEqual(stretchAt(night, at("2026-06-08T03:59Z")), null);
  assert.equal(stretchAt(night, at("2026-06-08T04:00Z")), null);
});

test("however a moment lies, it is in the stretch that is found for it, and the next begins after it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(BERLIN, "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland"),
      fc.integer({ min: 0, max: 7 * DAY - 1 }),
      fc.integer({ min: 1, max: 7 * DAY }),
      fc.integer({ min: at("2026-01-01T00:00Z") / 60_000, max: at("2027-01-01T00:00Z") / 60_000 }),
      (zone, from, minutes, minute) => {
        const window = weekly(zone, from, minutes);
        const now = minute * 60_000;
        const stretch = stretchAt(window, now);
        if (stretch !== null) assert.ok(stretch.sinceMs <= now && now < stretch.untilMs);
        const next = stretchAfter(window, now);
        assert.ok(next !== null && next.sinceMs > now);
      },
    ),
  );
});

test("the clock's reading says whether a window holds, but for what clocks skip or repeat", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 7 * DAY - 1 }),
      fc.integer({ min: 1, max: 7 * DAY - 1 }),
      fc.integer({ min: at("2026-04-01T00:00Z") / 60_000, max: at("2026-10-20T00:00Z") / 60_000 }),
      (from, minutes, minute) => {
        const shown = localMsAt(BERLIN, minute * 60_000) / 60_000;
        const ofWeek = (((shown - 4 * DAY) % (7 * DAY)) + 7 * DAY) % (7 * DAY);
        const since = (ofWeek - from + 7 * DAY) % (7 * DAY);
        const held = stretchAt(weekly(BERLIN, from, minutes), minute * 60_000) !== null;
        assert.equal(held, since < minutes);
      },
    ),
  );
});

test("a dated window comes once", () => {
  const holidays: FreezeWindow = {
    kind: "dated",
    name: "holidays",
    reason: "",
    zone: "America/New_York",
    fromLocalMs: local("2026-12-20T00:00:00"),
    toLocalMs: local("2027-01-05T00:00:00"),
  };
  assert.equal(stretchAt(holidays, at("2026-12-20T04:59Z")), null);
  assert.equal(
    iso(stretchAt(holidays, at("2026-12-20T05:00Z"))?.untilMs),
    "2027-01-05T05:00:00.000Z",
  );
  assert.equal(stretchAfter(holidays, at("2027-01-05T05:00Z")), null);
  assert.equal(
    iso(stretchAfter(holidays, at("2026-06-01T00:00Z"))?.sinceMs),
    "2026-12-20T05:00:00.000Z",
  );
});

test("every stretch of a window is a freeze of its own, and an order ends when it is told to", () => {
  const windows = [weekly("UTC", 0, DAY)];
  const ordered = { atMs: 0, by: "ann", reason: "incident" };
  const order: FreezeOrder = { id: "f-1", model: "m", ordered, untilMs: null, ended: null };
  const keys = (orders: readonly FreezeOrder[], model: string, text: string): readonly string[] =>
    freezesAt({ windows, modelWindows: [], orders }, model, at(text)).map(({ key }) => key);
  const [first] = keys([], "m", "2026-06-01T12:00Z");
  const [second] = keys([], "m", "2026-06-08T12:00Z");
  assert.ok(first !== undefined && second !== undefined && first !== second);
  assert.deepEqual(keys([order], "m", "2026-06-02T12:00Z"), ["f-1"]);
  assert.deepEqual(keys([order], "other", "2026-06-02T12:00Z"), []);
  assert.deepEqual(keys([{ ...order, model: null }], "other", "2026-06-02T12:00Z"), ["f-1"]);
  const until = { ...order, untilMs: at("2026-06-02T12:00Z") };
  assert.deepEqual(keys([until], "m", "2026-06-02T11:59Z"), ["f-1"]);
  assert.deepEqual(keys([until], "m", "2026-06-02T12:00Z"), []);
  assert.deepEqual(keys([{ ...order, ended: ordered }], "m", "2026-06-02T12:00Z"), []);
});

test("zones are known by their names", () => {
  assert.ok(isTimeZone("Asia/Kolkata"));
  assert.ok(!isTimeZone("Europe/Berlim"));
});
