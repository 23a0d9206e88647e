// Scores one answer to a live request, where nobody says what is right: whether its code parses where it stands, uses
// only names that there are, and whether it declines. What cannot be told is left out: it counts for nobody.

import type { Counted, LiveScorerName, LiveScores, ScorableAnswer } from "@slipway/core";
import { LIVE_SCORES } from "@slipway/core";
import { type CodePiece, codePieces } from "./code-pieces.ts";
import type { CheckNames } from "./names.ts";
import type { ParseCode, ParsedCode } from "./parse.ts";
import { refusalOf } from "./refusal.ts";

/** Loads what a language needs when it is first asked for. */
export type LiveInstruments = {
  /** Null for a language without a grammar. */
  readonly parser: (language: string) => Promise<ParseCode | null>;
  /** Null for a language whose names are not checked. */
  readonly names: (language: string) => Promise<CheckNames | null>;
};

export async function liveScores(
  answer: ScorableAnswer,
  instruments: LiveInstruments,
): Promise<LiveScores> {
  const pieces = codePieces(answer);
  const asks = (scorer: LiveScorerName): boolean => answer.scorers.includes(scorer);
  const parsed = asks("parse") ? await parsedPieces(pieces, instruments) : [];
  const names = asks("names") ? await namesIn(answer, pieces, instruments) : null;
  const said = asks("refusals") ? refusalIn(answer) : null;
  const whole = parsed.filter(({ isCutOff }) => !isCutOff);
  return {
    ...(whole.length === 0
      ? {}
      : { [LIVE_SCORES.parseFailures]: one(whole.some(({ errors }) => errors > 0)) }),
    ...(parsed.length === 0 ? {} : { [LIVE_SCORES.syntaxErrors]: errorsIn(parsed) }),
    ...(names === null ? {} : { [LIVE_SCORES.unknownNames]: names }),
    ...(said === null ? {} : { [LIVE_SCORES.wordedRefusals]: said }),
  };
}

function one(isBad: boolean): Counted {
  return { n: 1, bad: isBad ? 1 : 0 };
}

/** Of one piece: what it added to the syntax errors of what stands around it. */
type Parsed = { readonly nodes: number; readonly errors: number; readonly isCutOff: boolean };

async function parsedPieces(
  pieces: readonly CodePiece[],
  { parser }: LiveInstruments,
): Promise<readonly Parsed[]> {
  const all: Parsed[] = [];
  for (const piece of pieces) {
    const parse = await parser(piece.language);
    const parsed = parse === null ? null : addedBy(piece, parse);
    if (parsed !== null) all.push(parsed);
  }
  return all;
}

/** A file that is only known up to some point has errors of its own: an answer is charged with those that it adds. */
function addedBy({ before, after, code, language, isCutOff }: CodePiece, parse: ParseCode) {
  const within = parsedBest(parse, language, `${before}${code}${after}`);
  const around =
    before === "" && after === "" ? NO_CODE : parsedBest(parse, language, `${before}${after}`);
  if (within === null || around === null) return null;
  const nodes = Math.max(1, within.nodes - around.nodes);
  const errors = Math.min(nodes, Math.max(0, within.errors - around.errors));
  return { nodes, errors, isCutOff };
}

const NO_CODE = { nodes: 0, errors: 0 };

/** TypeScript with elements in it is a language of its own, and its files are called the same. */
const DIALECTS: { readonly [language: string]: readonly string[] } = {
  typescript: ["typescript", "tsx"],
};

function parsedBest(
  parse: ParseCode,
  language: string,
  code: string,
): Pick<ParsedCode, "nodes" | "errors"> | null {
  let best: ParsedCode | null = null;
  for (const dialect of DIALECTS[language] ?? [language]) {
    const parsed = parse(dialect, code);
    if (parsed.kind === "unparsed") continue;
    if (best === null || parsed.errors < best.errors) best = parsed;
    if (best.errors === 0) break;
  }
  return best;
}

function errorsIn(parsed: readonly Parsed[]): Counted {
  return parsed.reduce((sum, { nodes, errors }) => ({ n: sum.n + nodes, bad: sum.bad + errors }), {
    n: 0,
    bad: 0,
  });
}

/** Null where no piece could be looked up: of code that does not parse, names cannot be told. */
async function namesIn(
  { packages, request }: ScorableAnswer,
  pieces: readonly CodePiece[],
  { names }: LiveInstruments,
): Promise<Counted | null> {
  let counted: Counted | null = null;
  let words: ReadonlySet<string> | null = null;
  for (const { before, after, code, language } of pieces) {
    const check = await names(language);
    const checked = check?.(`${before}${code}${after}`, packages);
    if (checked === undefined || checked.kind === "no-program") continue;
    // What the user speaks of is there, though it stands in files that nobody sees here.
    words ??= wordsOf(request);
    const known = words;
    const isBad = checked.problems.some(({ name }) => !isSpokenOf(name, known));
    counted = one(isBad || counted?.bad === 1);
  }
  return counted;
}

const WORD = /[\p{L}\p{N}_$@-]+/gu;

/** Newlines and quotes within texts of a JSON are escaped: a letter of the escape is not a part of the word. */
function wordsOf(request: string): ReadonlySet<string> {
  const texts = request.replace(/\\[nrtbf]/g, " ");
  return new Set([...texts.matchAll(WORD)].map(([word]) => word));
}

/** Of a package's path, its first part that says something. */
function isSpokenOf(name: string, words: ReadonlySet<string>): boolean {
  return words.has(name) || name.split(/[./]/).every((part) => words.has(part));
}

/** What is cut off, or empty, has said all the same whether it declines. */
function refusalIn({ answer, ending }: ScorableAnswer): Counted | null {
  if (ending === null) return null;
  const { refused } = refusalOf({
    text: answer,
    refusal: ending === "refused" ? "refused" : null,
    finishReason: null,
  });
  return one(refused);
}
