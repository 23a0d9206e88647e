// Recorded traffic in the format of the public Azure LLM inference traces, and its replay: compressed in
// time, once or in a loop.
import { SlipwayError } from "@slipway/wire";
import type { Arrival, Arrivals } from "./arrival.ts";

export type Trace = readonly Arrival[];

const HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";
// Down to 100 ns; JavaScript dates stop at milliseconds, so the fraction is read by itself.
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d{1,9})?$/;

/** Reads a trace; times count from its first request. Throws SlipwayError `trace_invalid` with file:line:column. */
export function parseTrace(text: string, file: string): Trace {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines[0] !== HEADER) fail(file, 1, 1, `the first line is not "${HEADER}"`);
  const rows: Arrival[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (line !== "") rows.push(parseRow(line, file, i + 1));
  }
  if (rows.length === 0) fail(file, 2, 1, "there are no requests");
  rows.sort((a, b) => a.atMs - b.atMs);
  const startMs = rows[0]?.atMs ?? 0;
  return rows.map((row) => ({ ...row, atMs: row.atMs - startMs }));
}

function parseRow(line: string, file: string, number: number): Arrival {
  const cells = line.split(",");
  if (cells.length !== 3) fail(file, number, 1, `${cells.length} cells instead of 3`);
  const [timestamp = "", prompt = "", output = ""] = cells;
  const match = TIMESTAMP.exec(timestamp);
  const wholeMs = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(wholeMs)) fail(file, number, 1, `"${timestamp}" is not a timestamp`);
  const promptColumn = timestamp.length + 2;
  return {
    atMs: wholeMs + Number(`0${match?.[3] ?? ""}`) * 1000,
    promptTokens: parseCount(prompt, file, number, promptColumn),
    outputTokens: parseCount(output, file, number, promptColumn + prompt.length + 1),
  };
}

function parseCount(cell: string, file: string, line: number, column: number): number {
  if (!/^\d{1,9}$/.test(cell)) fail(file, line, column, `"${cell}" is not a number of tokens`);
  return Math.max(1, Number(cell));
}

function fail(file: string, line: number, column: number, problem: string): never {
  throw new SlipwayError({
    code: "trace_invalid",
    status: 400,
    message: `${file}:${line}:${column}: ${problem}`,
    fix: `A trace is a CSV file with the header ${HEADER} and one request per line, like "2023-11-16 18:17:03.9799600,4808,10".`,
  });
}

/** The same requests in less time: everything `factor` times as fast. */
export function compress(trace: Trace, factor: number): Trace {
  return trace.map((row) => ({ ...row, atMs: row.atMs / factor }));
}

/** Mean arrivals per second over the whole trace. */
export function ratePerSecond(trace: Trace): number {
  return (trace.length * 1000) / durationMs(trace);
}

/** From the first request to one mean gap after the last: the period of a loop. */
function durationMs(trace: Trace): number {
  const spanMs = trace.at(-1)?.atMs ?? 0;
  return spanMs + spanMs / Math.max(1, trace.length - 1) || 1000;
}

export type ReplayOptions = {
  /** Begins again when the trace is over. */
  readonly loop?: boolean;
  /** Begins at this place of the trace, in its own time. */
  readonly skipMs?: number;
};

export function replay(trace: Trace, options: ReplayOptions = {}): Arrivals {
  const skipMs = options.skipMs ?? 0;
  const first = trace.findIndex((row) => row.atMs >= skipMs);
  let index = first < 0 ? trace.length : first;
  let offsetMs = -skipMs;
  const next = (): Arrival | undefined => {
    if (index >= trace.length && options.loop === true) {
      index = 0;
      offsetMs += durationMs(trace);
    }
    const row = trace[index++];
    return row === undefined ? undefined : { ...row, atMs: row.atMs + offsetMs };
  };
  return { next };
}
