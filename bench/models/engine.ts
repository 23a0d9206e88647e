// A real engine: llama.cpp on one thread of the CPU, behind the OpenAI chat API, a model for each GGUF file. Prompts are
// taken as text to continue: the models that it is meant for know no chat.

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

export type Engine = { readonly url: string; readonly close: () => Promise<void> };

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
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

type Body = {
  readonly model: string;
  readonly messages: readonly { readonly content: string }[];
  readonly max_tokens: number;
  readonly temperature: number;
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
  const prompt = served.model.tokenize(body.messages.map(({ content }) => content).join("\n"));
  if (prompt.length + body.max_tokens > served.window) {
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
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (fields: object): void => {
    const chunk = {
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 0,
      model: body.model,
    };
    response.write(`data: ${JSON.stringify({ ...chunk, ...fields })}\n\n`);
  };
  const choice = (delta: object, finish_reason: string | null): void =>
    send({ choices: [{ index: 0, delta, finish_reason }] });
  const tokens: Token[] = [];
  let told = "";
  let finish = "length";
  await sequence.clearHistory();
  for await (const token of sequence.evaluate(prompt, { temperature: body.temperature })) {
    if (model.isEogToken(token)) {
      finish = "stop";
      break;
    }
    tokens.push(token);
    // A character may take several tokens.
    const text = model.detokenize(tokens);
    choice({ content: text.slice(told.length) }, null);
    told = text;
    if (tokens.length >= body.max_tokens || response.destroyed) break;
  }
  choice({}, finish);
  const usage = {
    prompt_tokens: prompt.length,
    completion_tokens: tokens.length,
    total_tokens: prompt.length + tokens.length,
  };
  send({ choices: [], usage });
  response.end("data: [DONE]\n\n");
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
