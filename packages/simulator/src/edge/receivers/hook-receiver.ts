// A simulated receiver of webhooks: it behaves as badly as it is told to, and remembers what it took.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type HookBehaviour =
  | {
      readonly kind: "answers";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** Takes it, and never says so. */
  | { readonly kind: "silent" }
  /** Begins an answer and breaks off. */
  | { readonly kind: "breaks-off" }
  | { readonly kind: "resets" }
  /** Answers for ever. */
  | { readonly kind: "floods" };

export type HookRequest = {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};

export class HookReceiver {
  behaviour: HookBehaviour = { kind: "answers", status: 200 };
  readonly requests: HookRequest[] = [];
  readonly #server: Server;
  url = "";

  constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        this.requests.push({ path: request.url ?? "", headers: request.headers, body });
        behave(this.behaviour, response);
      });
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  /** Breaks off whatever it has left without an answer. */
  letGo(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.letGo();
    await closed;
  }
}

const FLOOD = Buffer.alloc(65_536, "x");

function behave(behaviour: HookBehaviour, response: ServerResponse): void {
  switch (behaviour.kind) {
    case "answers":
      response.writeHead(behaviour.status, behaviour.headers);
      response.end(behaviour.body ?? "");
      return;
    case "silent":
      return;
    case "breaks-off":
      response.writeHead(200, { "content-length": "100" });
      response.write("the first of it", () => response.destroy());
      return;
    case "resets":
      response.destroy();
      return;
    case "floods": {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write(FLOOD, () => setImmediate(more));
      };
      more();
    }
  }
}
