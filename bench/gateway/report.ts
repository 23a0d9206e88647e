// A run as people read it, and as programs do.
import type { Machine } from "../machine.ts";
import type { Cell, Table } from "./table.ts";
import { tableText } from "./table.ts";

export type Head = {
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  /** Of the minute before the run. */
  readonly loadAverage: number;
  readonly cycles: number;
  readonly warmRequests: number;
  readonly peers: readonly {
    readonly name: string;
    readonly what: string;
    readonly version: string | null;
    readonly missing: string | null;
  }[];
};

export type Report = {
  readonly head: Head;
  readonly topics: readonly { readonly topic: string; readonly tables: readonly Table[] }[];
  readonly remarks: readonly string[];
};

function numberOf(value: number): number | string | null {
  if (Number.isNaN(value)) return null;
  return Number.isFinite(value) ? value : "saturated";
}

function figuresOf(heads: readonly string[], cells: readonly Cell[]): object {
  return Object.fromEntries(
    cells.map(({ median, min, max }, i) => [
      heads[i] ?? "",
      { median: numberOf(median), min: numberOf(min), max: numberOf(max) },
    ]),
  );
}

/** Figures under the heads of their columns; null: not measured, "saturated": could not keep up. */
export function reportJson({ head, topics, remarks }: Report): string {
  return JSON.stringify({
    ...head,
    topics: topics.map(({ topic, tables }) => ({
      topic,
      tables: tables.map(({ title, heads, rows }) => ({
        title,
        rows: rows.map(({ peer, cells }) => ({ peer, figures: figuresOf(heads, cells) })),
      })),
    })),
    remarks,
  });
}

function headText({ date, command, machine, loadAverage, cycles, warmRequests }: Head): string {
  const { cpu, cores, memoryGiB, kernel, node } = machine;
  return `${date} UTC, ${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}, load average ${loadAverage} before; \`${command}\`.
Median (least–most) of ${cycles} cycles, after ${warmRequests.toLocaleString("en-US")} requests to each.`;
}

function peersText({ peers }: Head): string {
  return peers
    .map(({ name, what, version, missing }) => {
      const state = missing === null ? (version ?? "") : `not installed: ${missing}`;
      return `- **${name}**: ${what}${state === "" ? "" : ` (${state})`}`;
    })
    .join("\n");
}

function tablesText(tables: readonly Table[]): string {
  return tables.map((table) => `${table.title}:\n\n${tableText(table)}\n`).join("\n");
}

function remarksText(remarks: readonly string[]): string {
  return remarks.length === 0 ? "" : `\n${remarks.map((line) => `- ${line}`).join("\n")}\n`;
}

/** One topic, for a page that has places for several. What is remarked of another topic's tables stands there. */
export function topicText(
  { head, remarks, topics }: Pick<Report, "head" | "remarks" | "topics">,
  tables: readonly Table[],
): string {
  const titles = tables.map(({ title }) => title);
  const others = topics
    .flatMap((topic) => topic.tables.map(({ title }) => title))
    .filter((title) => !titles.includes(title));
  const own = remarks.filter((remark) => !others.some((title) => remark.startsWith(title)));
  return `\n${headText(head)}\n\n${peersText(head)}\n\n${tablesText(tables)}${remarksText(own)}`;
}

export function reportText(report: Report): string {
  const all = report.topics.flatMap(({ tables }) => tables);
  return topicText(report, all);
}
