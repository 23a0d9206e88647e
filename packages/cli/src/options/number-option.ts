// Numbers in flags, refused with words when they are none.

import { type Reading, readDuration, readShare } from "@slipway/wire/config";
import { InvalidArgumentError } from "commander";

/** A port; 0 lets the system choose. */
export function portOption(text: string): number {
  return wholeNumber(text, 0, 65_535);
}

const WORKERS_MAX = 256;

export function workersOption(text: string): number {
  return wholeNumber(text, 1, WORKERS_MAX);
}

const COUNT_MAX = 2 ** 31;

export function countOption(text: string): number {
  return wholeNumber(text, 1, COUNT_MAX);
}

function wholeNumber(text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
}

/** What random draws begin with. */
export function seedOption(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number.");
}

/** A rate such as requests per minute. */
export function rateOption(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Write a number above zero.");
}

/** "1%" as a fraction. */
export function shareOption(text: string): number {
  return readOr(readShare(text));
}

/** "250ms" in milliseconds, above zero. */
export function durationOption(text: string): number {
  const milliseconds = readOr(readDuration(text));
  if (milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError("Write a duration above zero, such as 250ms or 30s.");
}

function readOr(reading: Reading<number>): number {
  if (reading.ok) return reading.value;
  throw new InvalidArgumentError(`${reading.message}: ${reading.fix}.`);
}
