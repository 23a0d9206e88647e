// Runs wrk (closed loop, C) against one address and reads its figures.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export type Figures = {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were not 2xx or 3xx, and socket errors. */
  readonly errors: number;
};

/** A chat completion of about 1 KB, from one of 5,000 users. Written once a run. */
export function writeScript(folder: string): string {
  const file = join(folder, "post.lua");
  writeFileSync(
    file,
    `wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
local text = string.rep("x", 850)
local n = 0
request = function()
  n = (n + 1) % 5000
  return wrk.format(nil, nil, nil,
    '{"model":"bench","user":"user-' .. n .. '","messages":[{"role":"user","content":"' .. text .. '"}]}')
end
`,
  );
  return file;
}

export async function runWrk(options: {
  readonly core: number;
  readonly url: string;
  readonly script: string;
  readonly connections: number;
  readonly seconds: number;
}): Promise<Figures> {
  const { core, url, script, connections, seconds } = options;
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, "--latency", url];
  const child = spawn("taskset", ["-c", String(core), "wrk", ...args]);
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  return {
    requestsPerSecond: Number(field(text, /Requests\/sec:\s+([\d.]+)/)),
    p50Ms: milliseconds(field(text, /^\s+50%\s+(\S+)/m)),
    p99Ms: milliseconds(field(text, /^\s+99%\s+(\S+)/m)),
    errors: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0) + socketErrors(text),
  };
}

function field(text: string, pattern: RegExp): string {
  const value = pattern.exec(text)?.[1];
  if (value === undefined) throw new Error(`wrk said something else:\n${text}`);
  return value;
}

function milliseconds(text: string): number {
  const [, number, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text) ?? [];
  const factor = { us: 0.001, ms: 1, s: 1_000, m: 60_000 }[unit ?? ""];
  if (factor === undefined) throw new Error(`not a duration of wrk's: ${text}`);
  return Number(number) * factor;
}

function socketErrors(text: string): number {
  const counts = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  return (counts ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0);
}
