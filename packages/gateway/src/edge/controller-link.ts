// The link to a controller over HTTP: the table as a stream of JSON lines, frames as single calls. It reconnects
// by itself, with bounded and jittered backoff; a stream that says nothing for too long is dead.

import type { Cancel, Table } from "@slipway/core";
import {
  type Acknowledgement,
  acknowledgementSchema,
  type Frame,
  tableSchema,
} from "@slipway/wire";
import { Agent, request } from "undici";
import type { ControllerLink, Log, Reported } from "../ports.ts";

/** Three times the 5 s after which the controller sends an empty line. */
const SILENCE_MS_MAX = 15_000;
const REPORT_MS_MAX = 5_000;
const CONNECT_MS_MAX = 3_000;
const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 5_000;
const LINE_LENGTH_MAX = 16 * 2 ** 20;
/** The same frame gets these again. Any other status may be about a token, a load or an outage that passes. */
const REFUSING_STATUSES: ReadonlySet<number> = new Set([400, 413, 422]);

export type LinkOptions = {
  /** Base URL of the controller, without a slash at the end. */
  readonly url: string;
  /** Bearer token; null for none. */
  readonly token: string | null;
  readonly log: Log;
  /** A table stream that says nothing for so long is dead; 15 s where absent. */
  readonly silenceMsMax?: number;
};

export type HttpLink = ControllerLink & { readonly close: () => Promise<void> };

export function controllerLink(options: LinkOptions): HttpLink {
  const agent = new Agent({ connect: { timeout: CONNECT_MS_MAX }, allowH2: false });
  return {
    follow: (onTable) => {
      const following = new Following(options, agent, onTable);
      following.connect();
      return () => following.stop();
    },
    report: (frame, done) => report(options, agent, frame, done),
    close: () => agent.destroy(),
  };
}

function headersOf(options: LinkOptions): { [name: string]: string } {
  return options.token === null ? {} : { authorization: `Bearer ${options.token}` };
}

function report(options: LinkOptions, agent: Agent, frame: Frame, done: Reported): Cancel {
  const abort = new AbortController();
  let isOver = false;
  const finish: Reported = (ack, why) => {
    if (isOver) return;
    isOver = true;
    done(ack, why);
  };
  const acknowledged = (ack: Acknowledgement): void => finish(ack);
  post(options, agent, frame, abort.signal).then(acknowledged, (error: unknown) => {
    if (isOver) return;
    options.log.warn({ reason: String(error) }, "the controller did not acknowledge a frame");
    finish(null, error instanceof FrameRefused ? "refused" : undefined);
  });
  return () => {
    isOver = true;
    abort.abort();
  };
}

class FrameRefused extends Error {}

async function post(
  options: LinkOptions,
  agent: Agent,
  frame: Frame,
  signal: AbortSignal,
): Promise<Acknowledgement> {
  const answer = await request(`${options.url}/v1/link/frames`, {
    dispatcher: agent,
    method: "POST",
    headers: { ...headersOf(options), "content-type": "application/json" },
    body: JSON.stringify(frame),
    signal: AbortSignal.any([signal, AbortSignal.timeout(REPORT_MS_MAX)]),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) {
    const reason = `status ${answer.statusCode}: ${text.slice(0, 200)}`;
    throw REFUSING_STATUSES.has(answer.statusCode) ? new FrameRefused(reason) : new Error(reason);
  }
  return acknowledgementSchema.parse(JSON.parse(text));
}

class Following {
  readonly #options: LinkOptions;
  readonly #agent: Agent;
  readonly #onTable: (table: Table) => void;
  readonly #silenceMsMax: number;
  #abort: AbortController | null = null;
  #silence: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #isStopped = false;

  constructor(options: LinkOptions, agent: Agent, onTable: (table: Table) => void) {
    this.#options = options;
    this.#agent = agent;
    this.#onTable = onTable;
    this.#silenceMsMax = options.silenceMsMax ?? SILENCE_MS_MAX;
  }

  connect(): void {
    this.#abort = new AbortController();
    this.#heard();
    this.#stream(this.#abort.signal).then(
      () => this.#lost("the stream ended"),
      (error: unknown) => this.#lost(String(error)),
    );
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#silence !== null) clearTimeout(this.#silence);
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#abort?.abort();
  }

  async #stream(signal: AbortSignal): Promise<void> {
    const answer = await request(`${this.#options.url}/v1/link/table`, {
      dispatcher: this.#agent,
      headers: headersOf(this.#options),
      headersTimeout: this.#silenceMsMax,
      bodyTimeout: 0,
      signal,
    });
    if (answer.statusCode !== 200) {
      const text = await answer.body.text();
      throw new Error(`status ${answer.statusCode}: ${text.slice(0, 200)}`);
    }
    answer.body.setEncoding("utf8");
    let rest = "";
    for await (const chunk of answer.body) {
      this.#heard();
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LINE_LENGTH_MAX) throw new Error("a line of the table stream is too long");
      for (const line of lines) this.#line(line);
    }
  }

  #line(line: string): void {
    if (line.trim() === "" || this.#isStopped) return;
    this.#onTable(tableSchema.parse(JSON.parse(line)));
    this.#failures = 0;
  }

  #heard(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#abort?.abort(), this.#silenceMsMax);
  }

  #lost(reason: string): void {
    if (this.#isStopped) return;
    if (this.#silence !== null) clearTimeout(this.#silence);
    const backoffMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(this.#failures, 10));
    this.#failures++;
    const delayMs = Math.round(backoffMs * (0.5 + Math.random() / 2));
    this.#options.log.warn({ reason, delayMs }, "lost the table stream; reconnecting");
    this.#retry = setTimeout(() => this.connect(), delayMs);
  }
}
