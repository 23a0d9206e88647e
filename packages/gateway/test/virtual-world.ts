// A gateway over fake ports, in a time that the test moves: clients, upstreams and a controller that do as told.

import { hash } from "node:crypto";
import type { Cancel, Heard, Random, Table } from "@slipway/core";
import { type Frame, frameSchema } from "@slipway/wire";
import { readForm } from "../src/edge/multipart-form.ts";
import type { Answered } from "../src/feedback/answer-id.ts";
import type { Observation } from "../src/index.ts";
import { createGateway, type Gateway, type Limits } from "../src/index.ts";
import type {
  AnswerScorer,
  AnswerSpool,
  Call,
  Exchange,
  GatewayPorts,
  RawHeaders,
  Reported,
  Signer,
  Sink,
  TableFile,
  UpstreamFailure,
  UpstreamRequest,
} from "../src/ports.ts";
import { bytes, ManualClock, recordingLog, text } from "./fixtures.ts";

/** One client, and what it has been sent. */
export class FakeExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: RawHeaders;
  readonly #body: Uint8Array;
  readonly #closed: (() => void)[] = [];
  #drain: (() => void) | null = null;
  status = 0;
  sent: RawHeaders = [];
  received = "";
  isEnded = false;
  isDestroyed = false;
  isSlow = false;
  /** Set before it is asked: the body comes when `sendBody` is called. */
  isUploading = false;
  #sendBody: (() => void) | null = null;
  #breakOff: (() => void) | null = null;

  constructor(
    body: string | object,
    headers: RawHeaders = [],
    path = "/v1/chat/completions",
    method = "POST",
  ) {
    this.method = method;
    this.path = path;
    this.headers = headers;
    this.#body = bytes(typeof body === "string" ? body : JSON.stringify(body));
  }

  read(
    limitBytes: number,
    done: (b: Uint8Array) => void,
    fail: (r: "too-large" | "aborted") => void,
  ): void {
    this.#breakOff = () => fail("aborted");
    const send = (): void =>
      this.#body.length > limitBytes ? fail("too-large") : done(this.#body);
    if (this.isUploading) this.#sendBody = send;
    else send();
  }
  sendBody(): void {
    this.#sendBody?.();
  }
  /** The client leaves within its body. */
  breakOff(): void {
    this.#breakOff?.();
  }
  respond(status: number, headers: RawHeaders): void {
    if (this.status !== 0) throw new Error("responded twice");
    this.status = status;
    this.sent = headers;
  }
  write(chunk: Uint8Array): boolean {
    if (this.isEnded || this.isDestroyed || this.status === 0)
      throw new Error("write out of order");
    this.received += text(chunk);
    return !this.isSlow;
  }
  onDrain(fire: () => void): void {
    this.#drain = fire;
  }
  end(): void {
    if (this.isEnded || this.isDestroyed) throw new Error("ended twice");
    this.isEnded = true;
  }
  destroy(): void {
    this.isDestroyed = true;
    this.leave();
  }
  onClosed(fire: () => void): void {
    this.#closed.push(fire);
  }

  drain(): void {
    this.isSlow = false;
    this.#drain?.();
  }
  leave(): void {
    for (const fire of this.#closed) fire();
  }
  header(name: string): string | null {
    const index = this.sent.findIndex((part, i) => i % 2 === 0 && part.toLowerCase() === name);
    return index === -1 ? null : (this.sent[index + 1] ?? null);
  }
  get isOver(): boolean {
    return this.isEnded || this.isDestroyed;
  }
}

const ANSWER = '{"id":"1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3}}';
const JSON_TYPE = ["content-type", "application/json"];
export const STREAM_TYPE: RawHeaders = ["content-type", "text/event-stream"];

/** One call at a fake upstream. */
export class FakeCall implements Call {
  readonly request: UpstreamRequest;
  readonly sink: Sink;
  isAborted = false;
  resumed = 0;

  constructor(request: UpstreamRequest, sink: Sink) {
    this.request = request;
    this.sink = sink;
  }
  abort(): void {
    this.isAborted = true;
  }
  resume(): void {
    this.resumed++;
  }
  /** Answers in one go. */
  answer(status = 200, body: string = ANSWER, headers: RawHeaders = JSON_TYPE): void {
    this.sink.onHead(status, headers);
    if (body !== "") this.sink.onData(bytes(body));
    this.sink.onEnd();
  }
  get body(): { readonly [field: string]: unknown } {
    return JSON.parse(text(this.request.body));
  }
}

export class FakeLink {
  readonly frames: {
    readonly frame: Frame;
    readonly done: Reported;
  }[] = [];
  #onTable: ((table: Table) => void) | null = null;

  readonly follow = (onTable: (table: Table) => void): Cancel => {
    this.#onTable = onTable;
    return () => {
      this.#onTable = null;
    };
  };
  readonly report = (frame: Frame, done: Reported): Cancel => {
    // No test may send what a controller would refuse.
    frameSchema.parse(JSON.parse(JSON.stringify(frame)));
    this.frames.push({ frame, done });
    return () => {};
  };
  publish(table: Table): void {
    this.#onTable?.(table);
  }
}

/** Signs with a key that anybody could guess. */
const SIGNER: Signer = {
  sign: (text) => hash("sha256", `key ${text}`, "base64url").slice(0, 16),
  verifies: (text, code) => SIGNER.sign(text) === code,
};

export type WorldOptions = {
  readonly signer?: Signer;
  /** The table on disk at the start. */
  readonly onDisk?: Table;
  readonly limits?: Partial<Limits>;
  readonly diverted?: readonly string[];
  readonly random?: Random;
  readonly answers?: AnswerSpool;
  readonly scorer?: AnswerScorer;
  readonly workers?: number;
  readonly secrets?: { readonly [name: string]: string };
};

export class World {
  readonly clock: ManualClock = new ManualClock();
  readonly link: FakeLink = new FakeLink();
  readonly calls: FakeCall[] = [];
  readonly log: ReturnType<typeof recordingLog> = recordingLog();
  readonly observations: Observation[] = [];
  readonly answersDropped: string[] = [];
  readonly answersScored: string[] = [];
  readonly scoresDropped: string[] = [];
  readonly heard: [Answered, Heard][] = [];
  readonly refusals: (readonly [string, string | null])[] = [];
  readonly saved: Table[] = [];
  readonly placed: string[] = [];
  readonly gateway: Gateway;
  /** A failure that a call meets before it is even returned; null for none. */
  failAtOnce: (request: UpstreamRequest) => UpstreamFailure | null = () => null;
  /** What the controller answers frames with; null for silence. */
  leaseMs: number | null = 60_000;
  /** The newest table of the controller, where it is not the one that a frame confirms. */
  newestTable: number | null = null;
  /** The live workers that the controller knows, and this one's place among them. */
  fleet: { members: number; rank: number } = { members: 1, rank: 0 };
  /** Whether the controller refuses a frame for what it holds. */
  refuses: (frame: Frame) => boolean = () => false;
  #acknowledged = 0;
  #ids = 0;

  constructor(options: WorldOptions = {}) {
    const tableFile: TableFile = {
      load: () => options.onDisk ?? null,
      save: (table) => {
        this.saved.push(table);
      },
    };
    const ports: GatewayPorts = {
      clock: this.clock,
      random: options.random ?? { next: () => 0.5 },
      ids: { next: () => `request-${++this.#ids}` },
      upstream: {
        send: (request, sink) => {
          const call = new FakeCall(request, sink);
          this.calls.push(call);
          const failure = this.failAtOnce(request);
          if (failure !== null) sink.onError(failure);
          return call;
        },
      },
      tableFile,
      ...(options.answers === undefined ? {} : { answers: options.answers }),
      ...(options.scorer === undefined ? {} : { scorer: options.scorer }),
      link: this.link,
      log: this.log,
      readForm,
      signer: options.signer ?? SIGNER,
      secret: (name) => options.secrets?.[name] ?? null,
      digest: (value) => hash("sha256", value, "hex"),
    };
    this.gateway = createGateway(ports, {
      name: "test",
      worker: 1,
      workers: options.workers ?? 1,
      limits: options.limits ?? {},
      diverted: options.diverted ?? [],
      observe: {
        finished: (o) => this.observations.push(o),
        unreached: () => {},
        refused: (code, client) => this.refusals.push([code, client]),
        heard: (answered, heard) => this.heard.push([answered, heard]),
        placed: (_, placed) => this.placed.push(placed),
        tripped: () => {},
        mirrored: () => {},
        answerKept: () => {},
        answerScored: (model) => this.answersScored.push(model),
        scoreDropped: (_, why) => this.scoresDropped.push(why),
        answerDropped: (_, why) => this.answersDropped.push(why),
        mirrorDropped: () => {},
      },
    });
    this.gateway.start();
  }

  /** A world that follows `table` under a lease. */
  static leased(table: Table, options: WorldOptions = {}): World {
    const world = new World(options);
    world.link.publish(table);
    world.acknowledge();
    return world;
  }

  /** Answers every frame that waits, until none does. */
  acknowledge(): void {
    while (this.#acknowledged < this.link.frames.length) {
      const { frame, done } = this.link.frames[this.#acknowledged++] ?? {};
      if (frame === undefined || done === undefined) continue;
      if (this.leaseMs === null || this.refuses(frame)) {
        done(null, this.leaseMs === null ? undefined : "refused");
        continue;
      }
      done({
        sequence: frame.sequence,
        leaseMs: this.leaseMs,
        nowMs: this.clock.wall(),
        storeId: "store-1",
        table: this.newestTable ?? frame.confirmedTable ?? 0,
        ...this.fleet,
      });
    }
  }

  /** Lets time pass, with a controller that answers every frame. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(Math.min(100, ms - passed));
      this.acknowledge();
    }
  }

  ask(exchange: FakeExchange): FakeExchange {
    this.gateway.handle(exchange);
    return exchange;
  }

  get lastCall(): FakeCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error("no call yet");
    return call;
  }

  /** Host that the last call went to. */
  get lastHost(): string {
    return new URL(this.lastCall.request.baseUrl).hostname;
  }

  get rows(): Frame["rows"] {
    return this.link.frames.flatMap(({ frame }) => frame.rows);
  }
}

/** A chat request of one user. */
export function chat(user: string | null, fields: object = {}): FakeExchange {
  const headers = user === null ? [] : ["x-user", user];
  return new FakeExchange({ model: "gpt-5", messages: [], ...fields }, headers);
}
