// How values with units are written in slipway.yaml: durations (10m), shares (5%), counts and ratios. Each
// reader takes whatever YAML made of the text, and says what is wrong with it and how to mend it.

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly fix: string };

export const DURATION_PATTERN = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$";
export const SHARE_PATTERN = "^[0-9]+(\\.[0-9]+)?%$";

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const SHARE = /^(\d+(?:\.\d+)?)%$/;

/** A value as a message quotes it. */
export function quoted(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** What kind of thing a value is, for "not a …". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return `${value}`;
  return "a number";
}

function isScalar(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function refuse(message: string, fix: string): Reading<never> {
  return { ok: false, message, fix };
}

/** "90s" → 90000. Whole milliseconds. */
export function readDuration(value: unknown): Reading<number> {
  if (typeof value === "number" && value >= 0) {
    return refuse(`${value} has no unit`, `write ${value}s for seconds, or use ms, m, h or d`);
  }
  const match = typeof value === "string" ? DURATION.exec(value) : null;
  const unitMs = UNIT_MS[match?.[2] ?? ""];
  if (match === null || unitMs === undefined) return notADuration(value);
  return { ok: true, value: Math.round(Number(match[1]) * unitMs) };
}

const LONG_UNITS: readonly (readonly [RegExp, string])[] = [
  [/^(millis(econds?)?|msecs?)$/, "ms"],
  [/^(secs?|seconds?)$/, "s"],
  [/^(mins?|minutes?)$/, "m"],
  [/^(hrs?|hours?)$/, "h"],
  [/^days?$/, "d"],
];

function notADuration(value: unknown): Reading<never> {
  const is = isScalar(value) ? quoted(value) : kindOf(value);
  const message = `${is} is not a duration`;
  const near = typeof value === "string" ? nearDuration(value.trim().toLowerCase()) : null;
  return refuse(
    message,
    near === null
      ? "write a number and a unit, such as 250ms, 10s, 5m, 1h or 2d"
      : `did you mean ${near}?`,
  );
}

function nearDuration(text: string): string | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text);
  if (match === null) return null;
  const [, number, unit = ""] = match;
  const short = unit in UNIT_MS ? unit : LONG_UNITS.find(([long]) => long.test(unit))?.[1];
  return short === undefined ? null : `${number}${short}`;
}

/** "5%" → 0.05. */
export function readShare(value: unknown): Reading<number> {
  const match = typeof value === "string" ? SHARE.exec(value) : null;
  if (match !== null) return { ok: true, value: round(Number(match[1]) / 100) };
  const is = isScalar(value) ? quoted(value) : kindOf(value);
  const number = Number(typeof value === "string" ? value.replace(/\s*%\s*$/, "") : value);
  const known = isScalar(value) && Number.isFinite(number) && number >= 0 && value !== "";
  if (!known) return refuse(`${is} is not a share`, "write a number and %, such as 5%");
  const percent = typeof value === "number" && number <= 1 ? round(number * 100) : number;
  return refuse(`${is} is not a share`, `did you mean ${percent}%?`);
}

function round(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

export function readNumber(value: unknown): Reading<number> {
  if (typeof value === "number" && Number.isFinite(value)) return { ok: true, value };
  return refuse(
    `${isScalar(value) ? quoted(value) : kindOf(value)} is not a number`,
    "write a number, such as 2 or 1.5",
  );
}

export function readCount(value: unknown): Reading<number> {
  if (typeof value === "number" && Number.isSafeInteger(value)) return { ok: true, value };
  return refuse(
    `${isScalar(value) ? quoted(value) : kindOf(value)} is not a whole number`,
    "write digits only, such as 500",
  );
}

/** 90000 → "90s": the largest unit that gives a whole number, in this file's own notation. */
export function durationNotation(ms: number): string {
  const unit = ["d", "h", "m", "s"].find(
    (u) => ms >= (UNIT_MS[u] ?? 1) && ms % (UNIT_MS[u] ?? 1) === 0,
  );
  return unit === undefined ? `${ms}ms` : `${ms / (UNIT_MS[unit] ?? 1)}${unit}`;
}

/** 0.05 → "5%". */
export function shareNotation(share: number): string {
  return `${round(share * 100)}%`;
}
