// What a cron expression may say: minute, hour, day, month and weekday, as numbers, names, ranges, steps and lists. Whoever
// applies one is told what is wrong with it, so that whoever runs by it never has to find out.

export type CronReading =
  /** `value`: with one space between its fields. */
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly message: string; readonly fix: string };

export const CRON_LENGTH_MAX = 200;
export const CRON_FIX: string = "write minute, hour, day, month and weekday, such as 0 9 * * MON";

type Field = {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** What stands for `min`, `min + 1` and so on. */
  readonly words: readonly string[];
};

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** Sunday is 0, and 7 as well. */
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59, words: [] },
  { name: "hour", min: 0, max: 23, words: [] },
  { name: "day", min: 1, max: 31, words: [] },
  { name: "month", min: 1, max: 12, words: MONTHS },
  { name: "weekday", min: 0, max: 7, words: WEEKDAYS },
];
/** Of each month, in the longest of its years. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const PART = /^(?:(\*)|([A-Za-z]+|\d+)(?:-([A-Za-z]+|\d+))?)(?:\/(\d+))?$/;

/** What a field or a part of it asks for, or what is wrong with it. */
type Values = readonly number[] | { readonly problem: string };

export function readCron(text: string): CronReading {
  if (text.length > CRON_LENGTH_MAX) {
    const message = `a cron expression of ${text.length} characters is too long`;
    return { ok: false, message, fix: `write ${CRON_LENGTH_MAX} characters or fewer` };
  }
  const written = text.trim().split(/\s+/);
  const refused = (problem: string): CronReading => {
    return { ok: false, message: `"${text}" is not a cron expression${problem}`, fix: CRON_FIX };
  };
  if (written.length !== FIELDS.length) return refused("");
  const read: (readonly number[])[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const values = fieldValues(field, written[index] ?? "");
    if ("problem" in values) return refused(`: ${values.problem}`);
    read.push(values);
  }
  const [, , days = [], months = []] = read;
  if (written[4] === "*" && !hasDay(days, months)) {
    const [, , day, month] = written;
    return refused(`: month ${month} has no day ${day}, so that it never comes`);
  }
  return { ok: true, value: written.join(" ") };
}

function hasDay(days: readonly number[], months: readonly number[]): boolean {
  const first = Math.min(...days);
  return months.some((month) => first <= (DAYS[month - 1] ?? 0));
}

function fieldValues(field: Field, written: string): Values {
  const all: number[] = [];
  for (const part of written.split(",")) {
    const values = partValues(field, part);
    if ("problem" in values) return values;
    all.push(...values);
  }
  return all;
}

function partValues(field: Field, part: string): Values {
  const { name, min, max } = field;
  const [, star, from = "", to, every] = PART.exec(part) ?? [];
  const step = Number(every ?? 1);
  if (star === undefined && from === "") return { problem: `${name} "${part}" means nothing` };
  if (star === undefined && to === undefined && every !== undefined) {
    return { problem: `${name} "${part}" steps from a number; write */${every}, or a range` };
  }
  if (step < 1 || step > max) {
    return { problem: `${name} "${part}" has a step that is not from 1 to ${max}` };
  }
  const first = star === undefined ? numberOf(field, from) : min;
  const last = star === undefined ? numberOf(field, to ?? from) : max;
  if (first === null) return { problem: `${name} ${from} is not from ${min} to ${max}` };
  if (last === null) return { problem: `${name} ${to} is not from ${min} to ${max}` };
  if (first > last) return { problem: `${name} "${part}" ends before it begins` };
  const values: number[] = [];
  for (let value = first; value <= last; value += step) values.push(value);
  return values;
}

/** Null for what the field does not have. */
function numberOf({ min, max, words }: Field, text: string): number | null {
  const word = words.indexOf(text.toUpperCase());
  if (word >= 0) return min + word;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : null;
}
