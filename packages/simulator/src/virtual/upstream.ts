// The gateway's way to simulated model servers in virtual time: a network with a delay, on which servers can be
// out of reach, and the back-pressure that the gateway's port asks for.
import type { Cancel, Clock } from "@slipway/core";
import type { Call, Sink, Upstream, UpstreamRequest } from "@slipway/gateway";
import type { ModelServer } from "../server/model-server.ts";

export type VirtualUpstreamOptions = {
  readonly clock: Clock;
  /** By base URL, up to and with /v1. */
  readonly servers: { readonly [baseUrl: string]: Pick<ModelServer, "handle"> };
  /** One way. */
  readonly latencyMs: number;
  /** Whether a connection to this base URL can be made now; always, when left out. */
  readonly isReachable?: (baseUrl: string) => boolean;
};

export function virtualUpstream(options: VirtualUpstreamOptions): Upstream {
  return { send: (request, sink) => new VirtualCall(options, request, sink) };
}

/** What is on its way back to the gateway. */
type Packet = { readonly dueMs: number } & (
  | {
      readonly kind: "head";
      readonly status: number;
      readonly headers: { readonly [name: string]: string };
    }
  | { readonly kind: "data"; text: string }
  | { readonly kind: "end" }
  | { readonly kind: "cut"; readonly unsent: boolean }
);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class VirtualCall implements Call {
  readonly #options: VirtualUpstreamOptions;
  readonly #sink: Sink;
  readonly #packets: Packet[] = [];
  #leave: Cancel = () => {};
  #timer: Cancel | undefined;
  #paused = false;
  #over = false;

  constructor(options: VirtualUpstreamOptions, request: UpstreamRequest, sink: Sink) {
    this.#options = options;
    this.#sink = sink;
    const { clock, servers, latencyMs, isReachable } = options;
    const server = servers[request.baseUrl];
    if (server === undefined || isReachable?.(request.baseUrl) === false) {
      this.#push({ kind: "cut", unsent: true, dueMs: clock.mono() + latencyMs });
      return;
    }
    this.#leave = clock.after(latencyMs, () => this.#arrive(server, request));
  }

  readonly abort = (): void => {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.();
    this.#leave();
  };

  readonly resume = (): void => {
    this.#paused = false;
    this.#schedule();
  };

  #arrive(server: Pick<ModelServer, "handle">, request: UpstreamRequest): void {
    const due = (): number => this.#options.clock.mono() + this.#options.latencyMs;
    this.#leave = server.handle(
      {
        method: request.method,
        path: `/v1${request.path}`,
        authorization: authorizationOf(request.headers),
        body: decoder.decode(request.body),
      },
      {
        head: (status, headers) => this.#push({ kind: "head", status, headers, dueMs: due() }),
        chunk: (text) => this.#pushText(text, due()),
        end: () => this.#push({ kind: "end", dueMs: due() }),
        cut: () => this.#push({ kind: "cut", unsent: false, dueMs: due() }),
      },
    );
  }

  /** Chunks of one moment travel together, as on a socket. */
  #pushText(text: string, dueMs: number): void {
    const last = this.#packets.at(-1);
    if (last?.kind === "data" && last.dueMs === dueMs) last.text += text;
    else this.#push({ kind: "data", text, dueMs });
  }

  #push(packet: Packet): void {
    this.#packets.push(packet);
    this.#schedule();
  }

  #schedule(): void {
    const first = this.#packets[0];
    if (first === undefined || this.#timer !== undefined || this.#paused || this.#over) return;
    const { clock } = this.#options;
    this.#timer = clock.after(first.dueMs - clock.mono(), () => {
      this.#timer = undefined;
      this.#packets.shift();
      this.#deliver(first);
      this.#schedule();
    });
  }

  #deliver(packet: Packet): void {
    switch (packet.kind) {
      case "head":
        this.#sink.onHead(packet.status, Object.entries(packet.headers).flat());
        return;
      case "data":
        this.#paused = !this.#sink.onData(encoder.encode(packet.text));
        return;
      case "end":
        this.#over = true;
        this.#sink.onEnd();
        return;
      case "cut":
        this.#over = true;
        this.#sink.onError({
          kind: "connect",
          message: packet.unsent ? "no connection (simulated)" : "the connection broke (simulated)",
          ...(packet.unsent ? { unsent: true } : {}),
        });
        return;
    }
  }
}

function authorizationOf(headers: readonly string[]): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === "authorization") return headers[i + 1];
  }
  return undefined;
}
