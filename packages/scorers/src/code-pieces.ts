// The code of an answer to a live request, each piece with its language and what stands around it: of a completion all
// of it, of everything else what stands in fences.

import { type CodeContext, languageNamed, type ScorableAnswer } from "@slipway/core";

export type CodePiece = CodeContext & {
  readonly code: string;
  readonly language: string;
  /** The answer ended at its length limit within it: its end says nothing about its author. */
  readonly isCutOff: boolean;
};

/** More fences than this are not looked at. */
const FENCES_MAX = 20;
const FENCE = /^[ \t]*(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n]*$/;

type Pieced = Pick<ScorableAnswer, "api" | "request" | "answer" | "ending" | "language">;

/** Those in the language that the request is about: where it is about TypeScript, a shell command is not what is judged. */
export function codePieces(answered: Pieced): readonly CodePiece[] {
  const { api, ending, language } = answered;
  if (api === "completions") return language === null ? [] : [completionOf(answered, language)];
  return fencesOf(answered.answer).flatMap(({ code, info, isClosed }) => {
    const own = info === "" ? language : (languageNamed(info) ?? null);
    if (own === null || (language !== null && own !== language)) return [];
    const isCutOff = ending === "cut-off" && !isClosed;
    return [{ before: "", after: "", code, language: own, isCutOff }];
  });
}

/** What follows it is the request's `suffix`. */
function completionOf({ answer, ending, request }: Pieced, language: string): CodePiece {
  const { prompt, suffix } = fieldsOf(request);
  return {
    before: typeof prompt === "string" ? prompt : "",
    after: typeof suffix === "string" ? suffix : "",
    code: answer,
    language,
    isCutOff: ending === "cut-off",
  };
}

function fieldsOf(request: string): { readonly prompt?: unknown; readonly suffix?: unknown } {
  try {
    const body: unknown = JSON.parse(request);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    // A request that is no JSON has nothing around its answer that could be read.
    return {};
  }
}

type Fence = { readonly info: string; readonly code: string; readonly isClosed: boolean };

/** A fence that nothing closes ends with the text. */
function fencesOf(text: string): readonly Fence[] {
  const fences: Fence[] = [];
  let open: Open | null = null;
  for (const line of text.split("\n")) {
    const mark = markIn(line);
    if (open === null) open = mark === null ? null : { ...mark, lines: [] };
    else if (mark !== null && closes(mark, open)) {
      fences.push({ info: open.info, code: `${open.lines.join("\n")}\n`, isClosed: true });
      open = null;
    } else open.lines.push(line);
  }
  if (open !== null) {
    fences.push({ info: open.info, code: open.lines.join("\n"), isClosed: false });
  }
  return fences.slice(0, FENCES_MAX);
}

type Mark = { readonly mark: string; readonly info: string };
type Open = Mark & { readonly lines: string[] };

function markIn(line: string): Mark | null {
  const match = FENCE.exec(line);
  return match === null ? null : { mark: match[1] ?? "", info: (match[2] ?? "").toLowerCase() };
}

function closes({ mark, info }: Mark, open: Open): boolean {
  return info === "" && mark.startsWith(open.mark);
}
