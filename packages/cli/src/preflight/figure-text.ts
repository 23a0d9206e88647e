// A figure of a gate as people read it: with its unit, its interval and its limit.

import { durationText, type Figure, percentText, ratioText } from "@slipway/core";

type Measure = (value: number, unit: string) => string;

const UNITS: { readonly [unit: string]: Measure } = {
  ms: durationText,
  share: percentText,
  x: ratioText,
};

function measured(value: number, unit: string): string {
  return UNITS[unit]?.(value, unit) ?? `${plain(value)}${unit === "" ? "" : ` ${unit}`}`;
}

function plain(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 6 });
}

export function figureText({ value, unit, interval }: Figure): string {
  const text = measured(value, unit);
  if (interval === null) return text;
  const [low, high] = interval;
  return `${text} (${measured(low, unit)} to ${measured(high, unit)})`;
}

export function limitText({ limit, unit }: Figure): string {
  return limit === null ? "" : `limit ${measured(limit, unit)}`;
}
