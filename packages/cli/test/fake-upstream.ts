// A model server that answers every chat completion at once.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type FakeUpstream = {
  readonly url: string;
  /** What requests had as their authorization. */
  readonly keys: readonly (string | undefined)[];
  readonly close: () => void;
};

export async function fakeUpstream(model: string): Promise<FakeUpstream> {
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization);
    request.resume();
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          id: "chatcmpl-1",
          object: "chat.completion",
          created: 1,
          model,
          choices: [
            { index: 0, message: { role: "assistant", content: model }, finish_reason: "stop" },
          ],
          usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
        }),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    keys,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
