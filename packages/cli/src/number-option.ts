// Numbers in flags, refused with words when they are none.

import { InvalidArgumentError } from "commander";

/** A port; 0 lets the system choose. */
export function portOption(text: string): number {
  return wholeNumber(text, 0, 65_535);
}

const WORKERS_MAX = 256;

export function workersOption(text: string): number {
  return wholeNumber(text, 1, WORKERS_MAX);
}

function wholeNumber(text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
}
