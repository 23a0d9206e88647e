// A worker's way to the model servers, watched: which request called whom, in what order, and what came of it.
import type { Sink, Upstream } from "@slipway/gateway";
import type { Worker, WorldEvent } from "./event.ts";

/** The header by which a request is known again on its way out. */
export const REQUEST_HEADER = "x-world-request";

/** Keys of requests that have been received and not been sent anywhere yet. */
export type Waiting = Map<number, string>;

type Watching = {
  readonly worker: Worker;
  readonly waiting: Waiting;
  readonly tell: (event: WorldEvent) => void;
};

export function watchedUpstream(upstream: Upstream, { worker, waiting, tell }: Watching): Upstream {
  return {
    send: (request, sink) => {
      const number = Number(headerOf(request.headers, REQUEST_HEADER));
      const url = request.baseUrl;
      const key = waiting.get(number);
      waiting.delete(number);
      if (key === undefined) tell({ kind: "replayed", request: number, worker, url });
      else tell({ kind: "assigned", request: number, worker, key, url });
      const seen = { status: 0, hasData: false, isOver: false };
      const end = (how: "ended" | "failed" | "aborted"): void => {
        if (seen.isOver) return;
        seen.isOver = true;
        const { status, hasData } = seen;
        tell({ kind: "attempt-ended", request: number, worker, url, status, hasData, how });
      };
      const refuse = (status: number): void =>
        tell({ kind: "attempt-refused", request: number, worker, url, status });
      const call = upstream.send(request, watchedSink(sink, seen, { end, refuse }));
      return {
        resume: call.resume,
        abort: () => {
          end("aborted");
          call.abort();
        },
      };
    },
  };
}

type Hearing = {
  readonly end: (how: "ended" | "failed") => void;
  readonly refuse: (status: number) => void;
};

function watchedSink(
  sink: Sink,
  seen: { status: number; hasData: boolean },
  { end, refuse }: Hearing,
): Sink {
  return {
    onHead: (status, headers) => {
      seen.status = status;
      if (status >= 400) refuse(status);
      sink.onHead(status, headers);
    },
    onData: (chunk) => {
      seen.hasData = true;
      return sink.onData(chunk);
    },
    onEnd: () => {
      end("ended");
      sink.onEnd();
    },
    onError: (failure) => {
      end("failed");
      sink.onError(failure);
    },
  };
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i] === name) return headers[i + 1];
  }
  return undefined;
}
