// Responses as OpenAI answers them, whole and streamed.

import type { ServerResponse } from "node:http";
import { type Json, json, pieces, type Turn } from "./turn.ts";

const USAGE = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 3,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 12,
};

export function responses(response: ServerResponse, body: Json, turn: Turn, id: string): void {
  const begun = {
    id,
    object: "response",
    created_at: 1,
    status: "in_progress",
    model: body["model"],
    output: [],
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: false,
    temperature: 1,
    top_p: 1,
    tool_choice: "auto",
    tools: [],
    usage: null,
  };
  const done = { ...begun, status: "completed", output: [itemOf(turn, "completed")], usage: USAGE };
  if (body["stream"] !== true) {
    json(response, done);
    return;
  }
  let sequence_number = 0;
  const send = (type: string, fields: Json): void => {
    const event = { type, sequence_number: sequence_number++, ...fields };
    response.write(`event: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  response.writeHead(200, { "content-type": "text/event-stream" });
  send("response.created", { response: begun });
  send("response.in_progress", { response: begun });
  if (turn.kind === "call") sendCall(send, turn);
  else sendText(send, turn);
  if (turn.kind === "stall") return;
  send("response.completed", { response: done });
  response.end();
}

type Send = (type: string, fields: Json) => void;

function sendCall(send: Send, turn: Turn & { readonly kind: "call" }): void {
  const item = itemOf(turn, "in_progress");
  const text = JSON.stringify(turn.input);
  const place = { item_id: item["id"], output_index: 0 };
  send("response.output_item.added", { output_index: 0, item: { ...item, arguments: "" } });
  for (const delta of [text.slice(0, 5), text.slice(5)]) {
    send("response.function_call_arguments.delta", { ...place, delta });
  }
  send("response.function_call_arguments.done", { ...place, name: turn.tool, arguments: text });
  send("response.output_item.done", { output_index: 0, item: itemOf(turn, "completed") });
}

function sendText(send: Send, turn: Exclude<Turn, { readonly kind: "call" }>): void {
  const item = itemOf(turn, "completed");
  const place = { item_id: item["id"], output_index: 0, content_index: 0 };
  const part = { type: "output_text", text: "", annotations: [] };
  send("response.output_item.added", {
    output_index: 0,
    item: { ...item, status: "in_progress", content: [] },
  });
  send("response.content_part.added", { ...place, part });
  const words = turn.kind === "stall" ? turn.words.slice(0, 1) : turn.words;
  for (const delta of pieces(words)) {
    send("response.output_text.delta", { ...place, delta, logprobs: [] });
  }
  if (turn.kind === "stall") return;
  const text = words.join(" ");
  send("response.output_text.done", { ...place, text, logprobs: [] });
  send("response.content_part.done", { ...place, part: { ...part, text } });
  send("response.output_item.done", { output_index: 0, item });
}

function itemOf(turn: Turn, status: string): Json {
  if (turn.kind !== "call") {
    const content = [
      { type: "output_text", text: turn.words.join(" "), annotations: [], logprobs: [] },
    ];
    return { id: "item_1", type: "message", role: "assistant", status, content };
  }
  const { id, input, tool } = turn;
  const call = { call_id: id, name: tool, arguments: JSON.stringify(input) };
  return { id: "item_1", type: "function_call", status, ...call };
}
