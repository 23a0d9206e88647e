// From samples to a table: the median of all cycles and, in brackets, the least and the most of them.
import type { Series } from "./group.ts";
import { quantile } from "./load/quantile.ts";
import type { Column, Cycle } from "./measurement.ts";

/** NaN: nothing was measured; infinite: the peer could not keep up. */
export type Cell = {
  readonly digits: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
};

type Row = { readonly peer: string; readonly cells: readonly Cell[] };

export type Table = {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly Row[];
};

/** What every table ends with. */
const USAGE: readonly Column[] = [
  { head: "load core busy %", digits: 0, of: ({ usage }) => usage.loadCoreBusy * 100 },
  { head: "foreign %", digits: 0, of: ({ usage }) => usage.foreign * 100 },
  { head: "errors", digits: 0, of: ({ errors }) => errors },
];

function cellOf(column: Column, peer: string, cycles: readonly Cycle[]): Cell {
  const values = cycles.flatMap((cycle) => {
    const sample = cycle.get(peer);
    const value = sample === undefined ? Number.NaN : column.of(sample, cycle);
    return Number.isNaN(value) ? [] : [value];
  });
  const [min, max] =
    values.length === 0 ? [Number.NaN, Number.NaN] : [Math.min(...values), Math.max(...values)];
  return { digits: column.digits, median: quantile(values, 0.5), min, max };
}

export function tableOf(
  { measurement, cycles }: Series,
  peers: readonly string[],
  residentMiB: ReadonlyMap<string, number>,
): Table {
  const columns = [...measurement.columns, ...USAGE];
  const withMemory = measurement.topic !== "latency";
  return {
    title: measurement.title,
    heads: [...columns.map(({ head }) => head), ...(withMemory ? ["RSS MiB after"] : [])],
    rows: peers.map((peer) => {
      const cells = columns.map((column) => cellOf(column, peer, cycles));
      const mib = residentMiB.get(peer) ?? Number.NaN;
      const memory: Cell = { digits: 0, median: mib, min: mib, max: mib };
      return { peer, cells: withMemory ? [...cells, memory] : cells };
    }),
  };
}

function numberText(value: number, digits: number): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return "saturated";
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function cellText({ digits, median, min, max }: Cell): string {
  const [middle, least, most] = [median, min, max].map((value) => numberText(value, digits));
  return least === most ? `${middle}` : `${middle} (${least}–${most})`;
}

/** As Markdown, aligned so that it reads well in a terminal too. */
export function tableText({ heads, rows }: Table): string {
  const lines = [["", ...heads], ...rows.map(({ peer, cells }) => [peer, ...cells.map(cellText)])];
  const widths = ["", ...heads].map((_, column) =>
    Math.max(3, ...lines.map((line) => (line[column] ?? "").length)),
  );
  const texts = lines.map(
    (line) =>
      `| ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`,
  );
  const rule = `|${widths.map((width, i) => (i === 0 ? `${"-".repeat(width + 2)}` : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [texts[0], rule, ...texts.slice(1)].join("\n");
}
