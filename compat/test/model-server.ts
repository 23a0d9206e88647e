// A model server that speaks three APIs properly, and does what the last message of the user says: it answers, calls the
// client's tool, fails with a status, or stalls after its first words. It stores what it made, as providers do.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { chatCompletions } from "./speak-chat.ts";
import { messages } from "./speak-messages.ts";
import { responses } from "./speak-responses.ts";
import { JSON_TYPE, type Json, json, type Turn } from "./turn.ts";

export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
};

export type ModelServer = {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** Calls whose client left before the answer had ended. */
  readonly aborted: () => number;
  /** Breaks off every answer that stalls. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
};

export async function modelServer(name: string): Promise<ModelServer> {
  const server = new Speaker(name);
  const port = await server.listen();
  return {
    url: `http://127.0.0.1:${port}/v1`,
    seen: server.seen,
    aborted: () => server.aborted,
    cut: () => server.cut(),
    close: () => server.close(),
  };
}

class Speaker {
  readonly #name: string;
  readonly #server: Server;
  /** Answers, files and batches by their ids. */
  readonly #objects = new Map<string, Json>();
  readonly #open = new Set<ServerResponse>();
  readonly seen: Seen[] = [];
  aborted = 0;

  constructor(name: string) {
    this.#name = name;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { headers, method = "GET", url: path = "/" } = request;
        const seen = { method, path, headers, body: Buffer.concat(chunks) };
        this.seen.push(seen);
        this.#open.add(response);
        response.on("close", () => {
          this.#open.delete(response);
          if (!response.writableEnded) this.aborted++;
        });
        this.#answer(seen, response);
      });
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () =>
        resolve((this.#server.address() as AddressInfo).port),
      );
    });
  }

  cut(): void {
    for (const response of this.#open) response.destroy();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(seen: Seen, response: ServerResponse): void {
    const isForm = seen.headers["content-type"]?.startsWith("multipart/") === true;
    if (isForm) {
      this.#answerForm(seen, response);
      return;
    }
    const body = seen.body.length === 0 ? {} : (JSON.parse(seen.body.toString()) as Json);
    const asked = JSON.stringify(lastOf(body["messages"] ?? body["input"]) ?? "");
    const failure = /fail (\d{3})/.exec(asked)?.[1];
    if (failure !== undefined) {
      fail(seen, response, Number(failure));
      return;
    }
    const turn = turnOf(this.#name, body, asked);
    if (turn.kind === "stall" && body["stream"] !== true) return;
    switch (`${seen.method} ${seen.path.replace(/\?.*/, "")}`) {
      case "POST /v1/chat/completions":
        chatCompletions(response, body, turn);
        break;
      case "POST /v1/messages":
        messages(response, body, turn);
        break;
      case "POST /v1/responses":
        this.#respond(response, body, turn);
        break;
      case "POST /v1/messages/count_tokens":
        json(response, { input_tokens: 7 });
        break;
      case "POST /v1/embeddings":
        json(response, embeddings(body));
        break;
      case "POST /v1/completions":
      case "POST /v1/fim/completions":
        json(response, completion(body, turn));
        break;
      case "POST /v1/batches":
        json(response, this.#made({ ...body, object: "batch", status: "in_progress" }));
        break;
      case "POST /v1/messages/batches":
        json(response, this.#made({ type: "message_batch", processing_status: "ended" }));
        break;
      default:
        this.#answerObject(seen, response);
        break;
    }
  }

  #respond(response: ServerResponse, body: Json, turn: Turn): void {
    const earlier = body["previous_response_id"];
    if (typeof earlier === "string" && !this.#objects.has(earlier)) {
      const message = `Previous response with id '${earlier}' not found.`;
      const code = "previous_response_not_found";
      json(response, { error: { message, type: "invalid_request_error", code } }, 400);
      return;
    }
    const { id } = this.#made({ object: "response", status: "completed", output: [] });
    responses(response, body, turn, String(id));
  }

  #answerForm(seen: Seen, response: ServerResponse): void {
    const form = seen.body.toString("latin1");
    if (seen.path === "/v1/files") {
      const object = { object: "file", filename: "a.jsonl", bytes: seen.body.length };
      json(response, this.#made({ ...object, purpose: "batch" }));
      return;
    }
    const model = /name="model"\r\n\r\n(.*)\r\n/.exec(form)?.[1] ?? "";
    json(response, { text: `${this.#name} heard ${model}` });
  }

  #answerObject(seen: Seen, response: ServerResponse): void {
    const id = /\/([a-z]+_[^/?]+)/.exec(seen.path)?.[1] ?? "";
    const object = this.#objects.get(id);
    if (object === undefined) fail(seen, response, 404);
    else if (seen.method === "DELETE") json(response, { id, object: "deleted", deleted: true });
    else json(response, object);
    if (seen.method === "DELETE") this.#objects.delete(id);
  }

  #made(fields: Json): Json {
    const id = `obj_${this.#name}_${this.#objects.size + 1}`;
    const object = { id, created_at: 1, ...fields };
    this.#objects.set(id, object);
    return object;
  }
}

function turnOf(name: string, body: Json, asked: string): Turn {
  const words = [`${name}`, "says", "hi"];
  if (asked.includes("stall")) return { kind: "stall", words };
  const result = /sunny|"tool_result"|"role":"tool"|function_call_output/.test(asked);
  const tools = body["tools"];
  if (!Array.isArray(tools) || tools.length === 0) return { kind: "say", words };
  if (result) return { kind: "say", words: [`${name}`, "says", "sunny"] };
  return callOf(tools as readonly Json[], asked);
}

/** The agent's shell, where it has one; else the only tool there is. */
function callOf(tools: readonly Json[], asked: string): Turn {
  const id = "call_1";
  const shell = tools.find((tool) => tool["name"] === "exec_command");
  if (shell !== undefined && asked.includes("hello.txt")) {
    const cmd = "printf 'hello from the agent' > hello.txt";
    return { kind: "call", id, tool: "exec_command", input: { cmd } };
  }
  const tool = String((tools[0]?.["function"] as Json | undefined)?.["name"] ?? tools[0]?.["name"]);
  return { kind: "call", id, tool, input: { city: "Oslo" } };
}

function lastOf(list: unknown): unknown {
  return Array.isArray(list) ? list.at(-1) : list;
}

function fail(seen: Seen, response: ServerResponse, status: number): void {
  const message = `scripted ${status}`;
  const isAnthropic = seen.path.startsWith("/v1/messages");
  const type =
    status === 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "api_error";
  const error = isAnthropic
    ? { type: "error", error: { type, message }, request_id: "req_1" }
    : { error: { message, type, param: null, code: null } };
  response.writeHead(status, { ...JSON_TYPE, ...(status === 429 ? { "retry-after": "7" } : {}) });
  response.end(JSON.stringify(error));
}

function embeddings(body: Json): Json {
  const floats = Float32Array.of(0.25, -0.5);
  const base64 = Buffer.from(floats.buffer).toString("base64");
  const embedding = body["encoding_format"] === "base64" ? base64 : [...floats];
  const usage = { prompt_tokens: 3, total_tokens: 3 };
  return {
    object: "list",
    model: "m",
    data: [{ object: "embedding", index: 0, embedding }],
    usage,
  };
}

function completion(body: Json, turn: Turn): Json {
  const text = turn.kind === "call" ? "" : turn.words.join(" ");
  const choices = [{ index: 0, text, finish_reason: "stop", logprobs: null }];
  const usage = { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 };
  return {
    id: "cmpl_1",
    object: "text_completion",
    created: 1,
    model: body["model"],
    choices,
    usage,
  };
}
