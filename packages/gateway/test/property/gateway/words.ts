// What upstreams say on the gateway's stage: answers in which it stands whose they are, and of which call.

import type { UpstreamFailure } from "../../../src/ports.ts";
import type { Failing } from "./command.ts";
import type { Spoken } from "./spoken.ts";

export function failureOf(how: Failing): UpstreamFailure {
  const kind = how === "protocol" ? "protocol" : "connect";
  if (how === "stale") return { kind, message: how, stale: true };
  return how === "unsent" ? { kind, message: how, unsent: true } : { kind, message: how };
}

/** Some of an answer. */
export function piece(
  { asked, number, said }: Pick<Spoken, "asked" | "number" | "said">,
  breaks: boolean,
): string {
  const text = `{"choices":[{"delta":{"content":"${asked.token} call-${number}. ${said.length}"}}]}`;
  const event = `data: ${text}\n\n`;
  return breaks ? event.slice(0, -5) : event;
}

const DONE = [
  'event: response.completed\ndata: {"type":"response.completed"}',
  'event: message_stop\ndata: {"type":"message_stop"}',
  "data: [DONE]",
];

/** A whole answer, or the rest of one. */
export function whole(spoken: Spoken): string {
  const { asked, number, said, status } = spoken;
  if (status >= 300 || !asked.ask.streamed) {
    const text = `${asked.token} call-${number}.`;
    return `{"id":"1","choices":[{"text":"${text}"}],"usage":{"prompt_tokens":5,"completion_tokens":3}}`;
  }
  const before = said === "" ? piece(spoken, false) : "\n\n";
  return `${before}${DONE.map((event) => `${event}\n\n`).join("")}`;
}
