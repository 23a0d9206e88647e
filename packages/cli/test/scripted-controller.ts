// A controller that answers what a test tells it to, and remembers what it was asked.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
};

type Answer = { readonly status?: number; readonly body: unknown };
/** "GET /v1/models" → the answer, or what writes it itself. */
export type Script = {
  readonly [request: string]: Answer | ((response: ServerResponse) => void);
};

export type ScriptedController = {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly close: () => void;
};

export async function scriptedController(script: Script): Promise<ScriptedController> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = "", url: path = "" } = request;
      asked.push({ method, path, authorization: request.headers.authorization, body });
      const answer = script[`${method} ${path}`];
      if (typeof answer === "function") return answer(response);
      const missing = { error: { code: "not_found", message: `no ${path} here`, fix: null } };
      response.statusCode = answer === undefined ? 404 : (answer.status ?? 200);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answer === undefined ? missing : answer.body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? null : JSON.parse(text);
}
