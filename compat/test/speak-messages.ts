// Messages as Anthropic answers them, whole and streamed.

import type { ServerResponse } from "node:http";
import { type Json, json, pieces, type Turn } from "./turn.ts";

export function messages(response: ServerResponse, body: Json, turn: Turn): void {
  const stop_reason = turn.kind === "call" ? "tool_use" : "end_turn";
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: body["model"],
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 1 },
  };
  if (body["stream"] !== true) {
    const usage = { input_tokens: 9, output_tokens: 3 };
    json(response, { ...message, content: [blockOf(turn)], stop_reason, usage });
    return;
  }
  const send = (type: string, fields: Json): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  };
  const delta = (fields: Json): void => send("content_block_delta", { index: 0, delta: fields });
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  send("message_start", { message });
  const empty = turn.kind === "call" ? { ...blockOf(turn), input: {} } : { type: "text", text: "" };
  send("content_block_start", { index: 0, content_block: empty });
  send("ping", {});
  if (turn.kind === "call") {
    const text = JSON.stringify(turn.input);
    for (const half of [text.slice(0, 5), text.slice(5)]) {
      delta({ type: "input_json_delta", partial_json: half });
    }
  } else {
    const words = turn.kind === "stall" ? turn.words.slice(0, 1) : turn.words;
    for (const text of pieces(words)) delta({ type: "text_delta", text });
  }
  if (turn.kind === "stall") return;
  send("content_block_stop", { index: 0 });
  send("message_delta", {
    delta: { stop_reason, stop_sequence: null },
    usage: { output_tokens: 3 },
  });
  send("message_stop", {});
  response.end();
}

function blockOf(turn: Turn): Json {
  if (turn.kind !== "call") return { type: "text", text: turn.words.join(" ") };
  return { type: "tool_use", id: turn.id, name: turn.tool, input: turn.input };
}
