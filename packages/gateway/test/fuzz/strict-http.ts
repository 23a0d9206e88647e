// HTTP/1.1 read as narrowly as its standard allows, by nobody's parser: what the gateway sends must pass here, whatever
// it was sent. Reads latin1 text: one character, one byte.

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const REQUEST_LINE = /^([A-Z-]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.1$/;
const STATUS_LINE = /^HTTP\/1\.1 ([1-9]\d\d) [\t\x20-\x7e\x80-\xff]*$/;
const CHUNK_LINE = /^([0-9a-fA-F]{1,8})\r\n/;
const HEAD_END = "\r\n\r\n";

export type Headers = readonly (readonly [name: string, value: string])[];

export type StrictRequest = {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
};

export type StrictAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Its end was seen; false where the connection ended, or fell silent, within it. */
  readonly isWhole: boolean;
  readonly isLast: boolean;
};

/** What is wrong with bytes that the gateway sent. */
export class NotStrict extends Error {}

export function valuesOf(headers: Headers, wanted: string): readonly string[] {
  return headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
}

/** The request at the start of `text` and what follows it; null while it is not whole. Throws NotStrict. */
export function strictRequest(text: string): readonly [StrictRequest, rest: string] | null {
  const end = text.indexOf(HEAD_END);
  if (end === -1) return null;
  const [line = "", ...lines] = text.slice(0, end).split("\r\n");
  const [, method, target] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || target === undefined) throw new NotStrict(`no request line: ${line}`);
  const headers = lines.map(headerIn);
  if (valuesOf(headers, "host").length !== 1) throw new NotStrict("not one Host header");
  if (valuesOf(headers, "transfer-encoding").length > 0)
    throw new NotStrict("a coding was passed on");
  const bytes = lengthOf(headers) ?? 0;
  const from = end + HEAD_END.length;
  if (text.length < from + bytes) return null;
  const body = text.slice(from, from + bytes);
  return [{ method, target, headers, body }, text.slice(from + bytes)];
}

/** All answers in what a client received. `methods` are those of its requests, in order. Throws NotStrict. */
export function strictAnswers(
  text: string,
  methods: readonly string[],
  isClosed: boolean,
): readonly StrictAnswer[] {
  const answers: StrictAnswer[] = [];
  let rest = text;
  while (rest !== "") {
    const head = headIn(rest, isClosed);
    if (head === null) break;
    const { headers, status } = head;
    rest = head.rest;
    if (status === 100) continue;
    if (answers.at(-1)?.isLast === true) throw new NotStrict("an answer after the last");
    const found = bodyIn(rest, status, headers, methods[answers.length], isClosed);
    const isLast = !found.isWhole || valuesOf(headers, "connection").some((v) => /close/i.test(v));
    answers.push({ status, headers, isLast, body: found.body, isWhole: found.isWhole });
    rest = found.rest;
  }
  return answers;
}

type Head = { readonly status: number; readonly headers: Headers; readonly rest: string };

/** Null where the connection was closed within it. */
function headIn(text: string, isClosed: boolean): Head | null {
  const end = text.indexOf(HEAD_END);
  if (end === -1) {
    if (isClosed) return null;
    throw new NotStrict(`the head of an answer was left unfinished: ${text}`);
  }
  const [line = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(STATUS_LINE.exec(line)?.[1]);
  if (Number.isNaN(status)) throw new NotStrict(`no status line: ${line}`);
  if (status < 200 && status !== 100) throw new NotStrict(`an interim answer ${status}`);
  return { status, headers: lines.map(headerIn), rest: text.slice(end + HEAD_END.length) };
}

function headerIn(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(0, colon));
  const value = line.slice(colon + 1);
  if (!NAME.test(name)) throw new NotStrict(`no name of a header: ${JSON.stringify(line)}`);
  if (!VALUE.test(value)) throw new NotStrict(`no value of a header: ${JSON.stringify(line)}`);
  return [name, value.trim()];
}

function lengthOf(headers: Headers): number | null {
  const lengths = valuesOf(headers, "content-length");
  const [length] = lengths;
  if (length === undefined) return null;
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) throw new NotStrict(`length ${lengths}`);
  return Number(length);
}

type Body = { readonly body: string; readonly isWhole: boolean; readonly rest: string };

function bodyIn(
  text: string,
  status: number,
  headers: Headers,
  method: string | undefined,
  isClosed: boolean,
): Body {
  const bytes = lengthOf(headers);
  const codings = valuesOf(headers, "transfer-encoding");
  if (codings.length > 0 && bytes !== null) throw new NotStrict("a length and a coding");
  if (method === "HEAD" || status === 204 || status === 304) {
    return { body: "", isWhole: true, rest: text };
  }
  if (codings.length > 0) {
    if (codings.join() !== "chunked") throw new NotStrict(`coding ${codings}`);
    return chunksIn(text);
  }
  if (bytes !== null) {
    return { body: text.slice(0, bytes), isWhole: text.length >= bytes, rest: text.slice(bytes) };
  }
  // A refusal of the parser's own has neither.
  return { body: text, isWhole: isClosed, rest: "" };
}

function chunksIn(text: string): Body {
  let body = "";
  let rest = text;
  for (;;) {
    const [line, size] = CHUNK_LINE.exec(rest) ?? [];
    if (line === undefined || size === undefined) {
      if (rest.includes("\r\n"))
        throw new NotStrict(`no chunk: ${JSON.stringify(rest.slice(0, 50))}`);
      return { body, isWhole: false, rest: "" };
    }
    const bytes = Number.parseInt(size, 16);
    const end = line.length + bytes;
    body += rest.slice(line.length, end);
    if (rest.length < end + 2) return { body, isWhole: false, rest: "" };
    if (rest.slice(end, end + 2) !== "\r\n") throw new NotStrict("a chunk of another length");
    rest = rest.slice(end + 2);
    if (bytes === 0) return { body, isWhole: true, rest };
  }
}
