// What a soak's clients ask for and what its upstream answers: every piece carries its request's token and its number, and
// the last one a checksum, so that whatever is lost, doubled, out of order, changed or somebody else's is found.
import { crc32 } from "node:zlib";

/** What a request asks of the simulated upstream; it travels in the body's `metadata`. */
export type Plan = {
  readonly token: string;
  /** Pieces that the answer comes in; a whole answer is one document all the same. */
  readonly pieces: number;
  readonly pieceChars: number;
  /** Before the head, and between pieces. */
  readonly firstMs: number;
  readonly gapMs: number;
};

export const DONE = "data: [DONE]\n\n";
const SUM = "sum";

export function promptOf(token: string, chars: number): string {
  return `${token} `.padEnd(chars, "the quick brown fox ");
}

/** A turn of its user's one conversation: what the gateway remembers of conversations fills up once, and stays so. */
export function bodyOf(plan: Plan, user: string, prompt: string, isStream: boolean): string {
  return JSON.stringify({
    model: "soak",
    stream: isStream,
    user,
    metadata: { ...plan },
    messages: [
      { role: "user", content: `the conversation of ${user}` },
      { role: "assistant", content: "go on" },
      { role: "user", content: prompt },
    ],
  });
}

export type Asked = {
  readonly plan: Plan;
  readonly isStream: boolean;
  readonly promptSum: number;
};

/** What the upstream reads; null for what no client of a soak sends. */
export function askedOf(body: string): Asked | null {
  const { messages, metadata, stream } = JSON.parse(body) as {
    readonly messages?: readonly { readonly content?: string }[];
    readonly metadata?: Plan;
    readonly stream?: boolean;
  };
  const prompt = messages?.at(-1)?.content;
  if (metadata === undefined || prompt === undefined) return null;
  return { plan: metadata, isStream: stream === true, promptSum: crc32(prompt) };
}

function paddingOf(number: number, chars: number): string {
  return String(number % 10).repeat(chars);
}

function eventText(content: string, finish: string | null): string {
  const choice = { index: 0, delta: { content }, finish_reason: finish };
  const event = { id: "chatcmpl-1", object: "chat.completion.chunk", model: "soak" };
  return `data: ${JSON.stringify({ ...event, choices: [choice] })}\n\n`;
}

export function chunkText({ token, pieceChars }: Plan, number: number): string {
  return eventText(`${token} ${number} ${paddingOf(number, pieceChars)}`, null);
}

/** The end of a stream, with the checksum of all its chunks. */
export function lastText({ token }: Plan, sum: number): string {
  return eventText(`${token} ${SUM} ${sum}`, "stop") + DONE;
}

export type StreamEvent =
  | { readonly kind: "chunk"; readonly token: string; readonly number: number }
  | { readonly kind: "sum"; readonly token: string; readonly sum: number }
  | { readonly kind: "done" }
  | { readonly kind: "other" };

/** Reads one event, with its blank line. */
export function eventOf(text: string): StreamEvent {
  if (text === DONE) return { kind: "done" };
  const [, token, what, value] = /"content":"(\S+) (\w+) (\d*)/.exec(text) ?? [];
  if (token === undefined || what === undefined) return { kind: "other" };
  if (what === SUM) return { kind: "sum", token, sum: Number(value) };
  return { kind: "chunk", token, number: Number(what) };
}

export function wholeText({ plan, promptSum }: Asked): string {
  const { pieceChars, pieces, token } = plan;
  const padding = Array.from({ length: pieces }, (_, i) => paddingOf(i, pieceChars)).join("");
  const content = `${token} ${promptSum} ${crc32(padding)} ${padding}`;
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    model: "soak",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 100, completion_tokens: 8, total_tokens: 108 },
  });
}
