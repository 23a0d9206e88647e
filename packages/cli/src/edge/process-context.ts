// The real process as commands see it.

import { userInfo } from "node:os";
import type { Context, Terminal } from "../terminal.ts";

const COLUMNS_DEFAULT = 100;
const ROWS_DEFAULT = 50;
/** Signals that follow each other so fast are one. */
const ONE_STOP_MS = 500;

export function processContext(): Context {
  return {
    terminal: processTerminal(),
    env: process.env,
    user: userName(),
    nowMs: Date.now,
    exitWith: (code) => {
      process.exitCode = code;
    },
  };
}

function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  // A reader that stops reading (| head) is no error of ours.
  stdout.on("error", ignoreClosedPipe);
  stderr.on("error", ignoreClosedPipe);
  const dumb = process.env["TERM"] === "dumb";
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    live: stdout.isTTY === true && !dumb,
    colour: wantsColour(stdout.isTTY === true && !dumb),
    columns: () => stdout.columns ?? COLUMNS_DEFAULT,
    rows: () => stdout.rows ?? ROWS_DEFAULT,
    onResize: (changed) => {
      stdout.on("resize", changed);
      return () => void stdout.off("resize", changed);
    },
    onStop,
  };
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, and both over what the terminal says. */
function wantsColour(terminal: boolean): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force } = process.env;
  if (no !== undefined && no !== "") return false;
  return force !== undefined && force !== "0" ? true : terminal;
}

/**
 * A terminal signals the whole group, and npm, npx and our own launcher forward it once more: one ctrl-C arrives several
 * times, and must not be taken for a second one.
 */
function onStop(stop: (signal: string) => void): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let lastMs = Number.NEGATIVE_INFINITY;
  const once = (signal: string): void => {
    const nowMs = performance.now();
    const repeated = nowMs - lastMs < ONE_STOP_MS;
    lastMs = nowMs;
    if (!repeated) stop(signal);
  };
  for (const signal of signals) process.on(signal, once);
  return () => {
    for (const signal of signals) process.off(signal, once);
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function userName(): string {
  const named = process.env["SLIPWAY_BY"] ?? process.env["USER"];
  if (named !== undefined && named !== "") return named;
  try {
    return userInfo().username;
  } catch {
    // An account without a name, as in many containers.
    return "unknown";
  }
}
