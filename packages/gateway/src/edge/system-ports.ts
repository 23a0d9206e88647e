// Clock, randomness, identifiers, keys and log of a real process.

import { hash, randomBytes } from "node:crypto";
import type { Clock, Random } from "@slipway/core";
import { type Logger, pino } from "pino";
import type { Ids, Log } from "../ports.ts";

export const systemClock: Clock = {
  wall: () => Date.now(),
  mono: () => performance.now(),
  after: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = { next: () => Math.random() };

const ID_BYTES = 12;
/** Random bytes are drawn for so many identifiers at once. */
const IDS_AT_ONCE = 256;

/** Sixteen URL-safe letters, 96 random bits. */
export function randomIds(): Ids {
  let pool = Buffer.alloc(0);
  let at = 0;
  return {
    next: () => {
      if (at >= pool.length) {
        pool = randomBytes(ID_BYTES * IDS_AT_ONCE);
        at = 0;
      }
      at += ID_BYTES;
      return pool.toString("base64url", at - ID_BYTES, at);
    },
  };
}

export function environmentSecret(name: string): string | null {
  const value = process.env[name];
  return value === undefined || value === "" ? null : value;
}

export function sha256(text: string): string {
  return hash("sha256", text, "hex");
}

/** JSON lines on standard error, so that standard output stays a program's own. */
export function pinoLog(level: string, base: { readonly [field: string]: string | number }): Log {
  const logger: Logger = pino({ level, base }, pino.destination({ dest: 2, sync: false }));
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
