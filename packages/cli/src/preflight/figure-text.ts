// A figure of a gate as people read it: with its unit, its interval and its limit; and which of many are shown.

import { durationText, type Figure, type GateResult, percentText, ratioText } from "@slipway/core";

/** Figures of one tag or prompt are many: those that do not hold come first. */
const PARTS_MAX = 10;

const UNITS: { readonly [unit: string]: (value: number) => string } = {
  ms: durationText,
  share: percentText,
  x: ratioText,
};

function measured(value: number, unit: string): string {
  const text = UNITS[unit]?.(value);
  if (text !== undefined) return text;
  const plain = value.toLocaleString("en-US", { maximumSignificantDigits: 6 });
  return unit === "" ? plain : `${plain} ${unit}`;
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

/** All that are of everything, and the first parts; `more` were left out. */
export function shownFigures({ figures }: GateResult): {
  readonly shown: readonly Figure[];
  readonly more: number;
} {
  const rank = ({ holds }: Figure): number => (holds === false ? 0 : 1);
  const parts = figures.filter(({ of }) => of !== null).toSorted((a, b) => rank(a) - rank(b));
  const shown = parts.slice(0, PARTS_MAX);
  return {
    shown: [...figures.filter(({ of }) => of === null), ...shown],
    more: parts.length - shown.length,
  };
}
