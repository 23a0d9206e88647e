// One HTTP exchange with a simulated model server: reads the request, writes the reply, and tells the server
// when the client leaves.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Reply } from "../server/exchange.ts";
import type { ModelServer } from "../server/model-server.ts";

/** Larger bodies get 413. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** `path` is what follows the version's own prefix. */
export function serve(
  server: ModelServer,
  path: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  incoming.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes <= BODY_BYTES_MAX) parts.push(part);
  });
  incoming.on("error", () => outgoing.destroy());
  incoming.on("end", () => {
    if (bytes > BODY_BYTES_MAX) {
      outgoing.writeHead(413).end();
      return;
    }
    const request = {
      method: incoming.method ?? "GET",
      path,
      authorization: incoming.headers.authorization,
      body: Buffer.concat(parts).toString("utf8"),
    };
    const leave = server.handle(request, httpReply(incoming, outgoing));
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) leave();
    });
  });
}

/** Chunks of the same moment leave in one write: an iteration may yield several tokens of an answer. */
function httpReply(incoming: IncomingMessage, outgoing: ServerResponse): Reply {
  let waiting = "";
  const flush = (): void => {
    // Answers are a few kilobytes and the client's connection is local: no waiting for it to drain.
    if (waiting !== "" && !outgoing.destroyed && !outgoing.writableEnded) outgoing.write(waiting);
    waiting = "";
  };
  return {
    head: (status, headers) => {
      if (!outgoing.destroyed) outgoing.writeHead(status, headers);
    },
    chunk: (text) => {
      if (waiting === "") process.nextTick(flush);
      waiting += text;
    },
    end: () => {
      outgoing.end(waiting);
      waiting = "";
    },
    cut: () => {
      flush();
      // What was written must still reach the client; what follows must not.
      if (outgoing.headersSent) incoming.socket.destroySoon();
      else incoming.socket.destroy();
    },
  };
}
