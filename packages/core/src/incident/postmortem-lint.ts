// What a postmortem still lacks, and which of its sentences speak of a person's fault. Few rules, all of them in
// docs/incidents.md: whoever reads a complaint must be able to see why.

import {
  ACTION_TYPES,
  ACTIONS_HEAD,
  HEAD_FIELDS,
  SECTIONS,
  TO_WRITE,
} from "./postmortem-sections.ts";

export type PostmortemProblem = {
  readonly rule: "missing" | "unwritten" | "empty" | "action" | "blame";
  /** Of the text, from 1; null for what is not there. */
  readonly line: number | null;
  readonly text: string;
};

export function postmortemProblems(text: string): readonly PostmortemProblem[] {
  const lines = text.split(/\r?\n/);
  const found = sectionsIn(lines);
  return [
    ...headProblems(lines, found[0]?.line ?? lines.length + 1),
    ...SECTIONS.flatMap(({ name }) => sectionProblems(name, found)),
    ...actionProblems(found),
    ...lines.flatMap(blameIn),
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

type Found = {
  readonly name: string;
  readonly line: number;
  /** Numbered as in the text. */
  readonly lines: readonly { readonly line: number; readonly text: string }[];
};

/** By their second-level headings; what is deeper belongs to the section above. */
function sectionsIn(lines: readonly string[]): readonly Found[] {
  const heads = lines.flatMap((text, index) => {
    const name = /^## +(.+?) *#*$/.exec(text)?.[1];
    return name === undefined ? [] : [{ name, index }];
  });
  return heads.map(({ name, index }, at) => ({
    name,
    line: index + 1,
    lines: lines
      .slice(index + 1, heads[at + 1]?.index ?? lines.length)
      .map((text, offset) => ({ line: index + 2 + offset, text })),
  }));
}

function named(found: readonly Found[], name: string): Found | undefined {
  return found.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

function headProblems(lines: readonly string[], until: number): readonly PostmortemProblem[] {
  return HEAD_FIELDS.flatMap((field): readonly PostmortemProblem[] => {
    const index = lines.slice(0, until - 1).findIndex((text) => cellsOf(text)[0] === field);
    if (index < 0) return [{ rule: "missing", line: null, text: `the head has no row "${field}"` }];
    const value = cellsOf(lines[index] ?? "")[1] ?? "";
    if (value === "") return [{ rule: "empty", line: index + 1, text: `"${field}" is empty` }];
    if (!value.includes(TO_WRITE)) return [];
    return [{ rule: "unwritten", line: index + 1, text: `"${field}" is still to be written` }];
  });
}

function sectionProblems(name: string, found: readonly Found[]): readonly PostmortemProblem[] {
  const section = named(found, name);
  if (section === undefined) {
    return [{ rule: "missing", line: null, text: `there is no section "${name}"` }];
  }
  const marks = section.lines.filter(({ text }) => text.includes(TO_WRITE));
  if (marks.length > 0) {
    return marks.map(({ line }) => ({
      rule: "unwritten",
      line,
      text: `"${name}" is still to be written: answer the question and take its line away`,
    }));
  }
  if (section.lines.some(({ text }) => text.trim() !== "")) return [];
  return [{ rule: "empty", line: section.line, text: `"${name}" is empty` }];
}

/** An action counts once it has a type, an owner and a date. */
function actionProblems(found: readonly Found[]): readonly PostmortemProblem[] {
  const section = named(found, "Actions");
  if (section === undefined) return [];
  const rows = section.lines
    .map(({ line, text }) => ({ line, cells: cellsOf(text), text }))
    .filter(
      ({ cells, text }) =>
        cells.length > 0 && text.trim() !== ACTIONS_HEAD && !/^\|[-:| ]+\|$/.test(text.trim()),
    );
  const used = rows.filter(({ cells }) => cells.some((cell) => cell !== ""));
  if (used.length === 0) {
    return [{ rule: "action", line: section.line, text: "there is no action yet" }];
  }
  return used.flatMap(({ line, cells }) => actionRowProblems(line, cells));
}

function actionRowProblems(line: number, cells: readonly string[]): readonly PostmortemProblem[] {
  const [action = "", type = "", owner = "", due = ""] = cells;
  const isType = ACTION_TYPES.some((known) => known === type.toLowerCase());
  const lacks = [
    ...(action === "" ? ["what"] : []),
    ...(isType ? [] : [`a type (${ACTION_TYPES.join(", ")})`]),
    ...(owner === "" ? ["an owner"] : []),
    ...(due === "" ? ["a date"] : []),
  ];
  return lacks.length === 0
    ? []
    : [{ rule: "action", line, text: `the action lacks ${lacks.join(", ")}` }];
}

/** Of a table's row; none of another line. */
function cellsOf(text: string): readonly string[] {
  const row = text.trim();
  if (!row.startsWith("|")) return [];
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** What is looked for, and what to ask instead. */
const BLAME: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  {
    pattern: /\bshould(?: not|n[’']t)?(?: have|[’']ve)\b/i,
    instead: "say what was done, and how it looked at the time",
  },
  {
    pattern: /\bfail(?:ed|s|ure)? to\b/i,
    instead: "say what happened, and what would have made the other thing easy",
  },
  { pattern: /\bhuman error\b/i, instead: "ask what made the step easy to get wrong" },
  {
    pattern: /\b(?:careless|negligen|incompeten|sloppy|lazy|stupid)\w*/i,
    instead: "describe the conditions, and not a character",
  },
  {
    pattern: /\b(?:forgot|neglected|did ?n[o’']t bother)\b/i,
    instead: "ask what was there to remind of it",
  },
  {
    pattern: /\b(?:to blame|at fault|[’']s fault|fault of|blame[sd]?)\b/i,
    instead: "name conditions, and not the guilty",
  },
  {
    pattern:
      /\b(?:he|she|they|operators?|engineers?|developers?|on-?call|(?!Slipway|It|This|That|What|Which|Nobody|Stable|Candidate|Gateway|Guard|Replay)[A-Z][a-z]+) (?:caused|broke|mistyped|messed up|ignored|missed)\b/,
    instead: "make the system the subject: what allowed it?",
  },
];

function blameIn(text: string, index: number): readonly PostmortemProblem[] {
  return BLAME.flatMap(({ pattern, instead }) => {
    const found = pattern.exec(text)?.[0];
    if (found === undefined) return [];
    return [{ rule: "blame" as const, line: index + 1, text: `"${found}": ${instead}` }];
  });
}
