// A real engine: llama.cpp on one thread of the CPU, behind the OpenAI API, a model for each GGUF file. Prompts of a chat too
// are taken as text to continue: the models that it is meant for know no chat.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** Of node-llama-cpp, what is used here; it is installed beside this file on demand. */
type LlamaModule = {
  readonly getLlama: (options: { gpu: false; build: "never"; logLevel: "error" }) => Promise<Llama>;
};
type Llama = { readonly loadModel: (options: { modelPath: string }) => Promise<Model> };
type Token = number;
type Model = {
  readonly trainContextSize: number;
  readonly tokenize: (text: string) => readonly Token[];
  readonly detokenize: (tokens: readonly Token[]) => string;
  readonly isEogToken: (token: Token) => boolean;
  readonly createContext: (options: object) => Promise<Context>;
};
type Context = { readonly getSequence: () => Sequence };
type Sequence = {
  readonly evaluate: (tokens: readonly Token[], options: object) => AsyncIterable<Token>;
  readonly clearHistory: () => Promise<void>;
};

/** A variable, since the package is not there where nobody measures. */
const ENGINE = "node-llama-cpp";
/** More make generation hang on small machines: its threads spin while they wait. */
const THREADS = 1;

type Served = {
  readonly model: Model;
  readonly sequence: Sequence;
  window: number;
  turn: Promise<void>;
};

export type Engine = {
  readonly url: string;
  /** Whether a model's window holds a prompt and an answer of so many tokens. */
  readonly holds: (model: string, prompt: string, tokens: number) => boolean;
  readonly close: () => Promise<void>;
};

/** `files`: GGUF files, by the names that requests call them. */
export async function startEngine(files: Readonly<Record<string, string>>): Promise<Engine> {
  const engine: LlamaModule = await import(ENGINE);
  const llama = await engine.getLlama({ gpu: false, build: "never", logLevel: "error" });
  const models = new Map<string, Served>();
  for (const [name, modelPath] of Object.entries(files)) {
    const model = await llama.loadModel({ modelPath });
    const window = model.trainContextSize;
    const context = await model.createContext({ contextSize: window, threads: THREADS });
    models.set(name, { model, sequence: context.getSequence(), window, turn: Promise.resolve() });
  }
  const server = createServer((request, response) => {
    answer(models, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    holds: (name, prompt, tokens) => {
      const served = models.get(name);
      return served !== undefined && isWithin(served, served.model.tokenize(prompt), tokens);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

type Body = {
  readonly model: string;
  /** Absent in a chat. */
  readonly prompt?: string;
  readonly messages?: readonly { readonly content: string }[];
  readonly max_tokens: number;
  readonly temperature: number;
  /** The answer ends before it. */
  readonly stop?: string;
};

async function answer(
  models: ReadonlyMap<string, Served>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request);
  const served = models.get(body.model);
  if (served === undefined) {
    refuse(response, 404, "model_not_found");
    return;
  }
  const { messages = [] } = body;
  const text = body.prompt ?? messages.map(({ content }) => content).join("\n");
  const prompt = served.model.tokenize(text);
  if (!isWithin(served, prompt, body.max_tokens)) {
    refuse(response, 400, "context_length_exceeded");
    return;
  }
  // One at a time: what it measures is the model, not its queue.
  const before = served.turn;
  let ended = (): void => undefined;
  served.turn = new Promise((resolve) => {
    ended = resolve;
  });
  await before;
  try {
    await streamed(served, prompt, body, response);
  } finally {
    ended();
  }
}

async function streamed(
  { model, sequence }: Served,
  prompt: readonly Token[],
  body: Body,
  response: ServerResponse,
): Promise<void> {
  const told = new Told(body, response);
  const tokens: Token[] = [];
  await sequence.clearHistory();
  for await (const token of sequence.evaluate(prompt, { temperature: body.temperature })) {
    if (model.isEogToken(token)) {
      told.finish = "stop";
      break;
    }
    tokens.push(token);
    // A character may take several tokens.
    const isStopped = told.all(model.detokenize(tokens));
    if (isStopped || tokens.length >= body.max_tokens || response.destroyed) break;
  }
  told.end({
    prompt_tokens: prompt.length,
    completion_tokens: tokens.length,
    total_tokens: prompt.length + tokens.length,
  });
}

function isWithin({ window }: Served, prompt: readonly Token[], tokens: number): boolean {
  return prompt.length + tokens <= window;
}

/** What a client has been told of an answer. */
class Told {
  finish: "stop" | "length" = "length";
  readonly #body: Body;
  readonly #response: ServerResponse;
  #text = "";
  #told = 0;

  constructor(body: Body, response: ServerResponse) {
    this.#body = body;
    this.#response = response;
    response.writeHead(200, { "content-type": "text/event-stream" });
  }

  /** Tells what is new in the text so far; true where it has come to the stop sequence. */
  all(text: string): boolean {
    const { stop = null } = this.#body;
    const end = stop === null ? -1 : text.indexOf(stop);
    this.#text = end < 0 ? text : text.slice(0, end);
    if (end >= 0) this.finish = "stop";
    // What may be the beginning of the stop sequence waits until that is known.
    const open = end < 0 && stop !== null ? stop.length - 1 : 0;
    this.#tell(this.#text.length - open);
    return end >= 0;
  }

  end(usage: object): void {
    this.#tell(this.#text.length);
    this.#choice("", this.finish);
    this.#send({ choices: [], usage });
    this.#response.end("data: [DONE]\n\n");
  }

  #tell(upTo: number): void {
    if (upTo <= this.#told) return;
    this.#choice(this.#text.slice(this.#told, upTo), null);
    this.#told = upTo;
  }

  #choice(text: string, finish_reason: string | null): void {
    const isChat = this.#body.prompt === undefined;
    const said = isChat ? { delta: text === "" ? {} : { content: text } } : { text };
    this.#send({ choices: [{ index: 0, ...said, finish_reason }] });
  }

  #send(fields: object): void {
    const { model, prompt } = this.#body;
    const object = prompt === undefined ? "chat.completion.chunk" : "text_completion";
    const chunk = { id: "cmpl-1", object, created: 0, model };
    this.#response.write(`data: ${JSON.stringify({ ...chunk, ...fields })}\n\n`);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  return JSON.parse(Buffer.concat(pieces).toString("utf8"));
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const error = { message: code, type: "invalid_request_error", code, param: "messages" };
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error }));
}
