// Recorded traffic in the format of the public Azure LLM inference traces: a CSV file with a request a line.

import type { TracedRequest } from "@slipway/core";
import { SlipwayError } from "../error.ts";

const HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";
// Down to 100 ns; JavaScript dates stop at milliseconds, so the fraction is read by itself.
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d{1,9})?$/;

/** Reads a trace; times count from its first request. Throws SlipwayError `trace_invalid` with file:line:column. */
export function parseAzureTrace(text: string, file: string): readonly TracedRequest[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines[0] !== HEADER) fail(file, 1, 1, `the first line is not "${HEADER}"`);
  const rows: TracedRequest[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (line !== "") rows.push(parseRow(line, file, i + 1));
  }
  if (rows.length === 0) fail(file, 2, 1, "there are no requests");
  rows.sort((a, b) => a.atMs - b.atMs);
  const startMs = rows[0]?.atMs ?? 0;
  return rows.map((row) => ({ ...row, atMs: row.atMs - startMs }));
}

function parseRow(line: string, file: string, number: number): TracedRequest {
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
    blocks: [],
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
