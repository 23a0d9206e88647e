// Node's clock, identifiers, hash and log, as the controller's ports.

import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "@slipway/core";
import { pino } from "pino";
import type { Digest, Ids, Log } from "../ports.ts";

export const nodeClock: Clock = {
  wall: () => Date.now(),
  mono: () => performance.now(),
  after: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

/** After the sockets that have something to read have been read: a busy controller finds many of them. */
export function socketsRead(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export const sha256: Digest = (text) => createHash("sha256").update(text).digest("hex");

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_LENGTH = 12;

/** 60 random bits in letters that nobody takes for each other. */
export const randomIds: Ids = {
  next: () => Array.from(randomBytes(ID_LENGTH), (byte) => ALPHABET[byte & 31]).join(""),
};

export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on stderr: stdout belongs to whoever asked for an answer. */
export function createLog(level: LogLevel): Log {
  const logger = pino({ level, base: { service: "slipway-controller" } }, pino.destination(2));
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
