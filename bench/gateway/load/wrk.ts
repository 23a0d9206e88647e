// Runs wrk (closed loop, C) against one address and reads its figures.
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pinnedText } from "../../processes.ts";
import { LOAD_CORE } from "../peer.ts";
import { type LoadOrder, TEXT_CHARS, USERS } from "./request.ts";

export type WrkFigures = {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Answers that were not 2xx or 3xx, and socket errors. */
  readonly errors: number;
};

function writeScript(folder: string, { headers }: LoadOrder): string {
  const file = join(mkdtempSync(join(folder, "wrk-")), "post.lua");
  const set = Object.entries({ "content-type": "application/json", ...headers })
    .map(([name, value]) => `wrk.headers["${name}"] = "${value}"`)
    .join("\n");
  writeFileSync(
    file,
    `wrk.method = "POST"
${set}
local text = string.rep("x", ${TEXT_CHARS})
local n = 0
request = function()
  n = (n + 1) % ${USERS}
  return wrk.format(nil, nil, nil,
    '{"model":"bench","user":"user-' .. n .. '","messages":[{"role":"user","content":"' .. text .. '"}]}')
end
`,
  );
  return file;
}

export async function runWrk(
  folder: string,
  order: LoadOrder,
  connections: number,
  seconds: number,
): Promise<WrkFigures> {
  const script = writeScript(folder, order);
  const limits = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s"];
  const command = ["wrk", ...limits, "-s", script, "--latency", order.url];
  return figuresOf(await pinnedText(LOAD_CORE, command));
}

function figuresOf(text: string): WrkFigures {
  return {
    requests: Number(field(text, /(\d+) requests in /)),
    requestsPerSecond: Number(field(text, /Requests\/sec:\s+([\d.]+)/)),
    p50Us: microseconds(field(text, /^\s+50%\s+(\S+)/m)),
    p99Us: microseconds(field(text, /^\s+99%\s+(\S+)/m)),
    errors: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0) + socketErrors(text),
  };
}

function field(text: string, pattern: RegExp): string {
  const value = pattern.exec(text)?.[1];
  if (value === undefined) throw new Error(`wrk said something else:\n${text}`);
  return value;
}

function microseconds(text: string): number {
  const [, number, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text) ?? [];
  const factor = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000 }[unit ?? ""];
  if (factor === undefined) throw new Error(`not a duration of wrk's: ${text}`);
  return Number(number) * factor;
}

function socketErrors(text: string): number {
  const counts = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  return (counts ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0);
}
